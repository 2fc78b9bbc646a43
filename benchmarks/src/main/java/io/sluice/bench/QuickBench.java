package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Compares Sluice with its rivals on one request, in less than four minutes.
 *
 * <p>Prints one table and writes JMH's own JSON. Arguments: the number of rounds, 3 by default, and the file to write,
 * {@code bench-quick.json} in the module's target folder by default. A folder of results, {@code benchmarks/target/bench-quick} or the one
 * that the property {@link #FOLDER} names, is for {@link BenchDiff}. Leaves with status 1 if a contestant failed.
 */
public final class QuickBench {

    /** Where the folder goes that {@code make bench-diff} compares. */
    static final String FOLDER = "sluice.bench.folder";

    private QuickBench() {}

    public static void main(String[] arguments) throws IOException {
        BenchRun run = BenchRun.of("bench-quick", arguments);
        run.measure(RequestReport.cells());
        RequestReport.print(run.series(), System.out);
        run.writeFolder(Path.of(System.getProperty(FOLDER, "benchmarks/target/bench-quick")));
        run.finish();
    }
}
