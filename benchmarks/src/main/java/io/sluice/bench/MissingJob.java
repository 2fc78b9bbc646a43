package io.sluice.bench;

import java.util.List;

/** A cell that cannot be measured here, with the reason. */
final class MissingJob implements Job {

    private final String group;
    private final String row;
    private final String contestant;
    private final String reason;

    MissingJob(String group, String row, String contestant, String reason) {
        this.group = group;
        this.row = row;
        this.contestant = contestant;
        this.reason = reason;
    }

    @Override
    public String name() {
        return group + '|' + row + '|' + contestant;
    }

    @Override
    public String group() {
        return group;
    }

    @Override
    public double plannedSeconds() {
        return 0;
    }

    @Override
    public int rounds() {
        return 1;
    }

    @Override
    public List<ForkRecord> run(int round) {
        ForkRecord record = new ForkRecord();
        record.group = group;
        record.row = row;
        record.contestant = contestant;
        record.job = name();
        record.round = round;
        record.reason = reason;
        return List.of(record);
    }
}
