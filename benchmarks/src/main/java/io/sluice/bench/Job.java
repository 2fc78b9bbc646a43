package io.sluice.bench;

import java.util.List;

/** Something that is run once per round, in a JVM of its own, and measures one cell or several. */
interface Job {

    /** What it is called in the file of results; the same in every run of the same plan. */
    String name();

    String group();

    /** How long one run takes on an idle machine. */
    double plannedSeconds();

    /** In how many rounds it takes part. */
    int rounds();

    /** Runs once; a failure is a record with a reason. */
    List<ForkRecord> run(int round);
}
