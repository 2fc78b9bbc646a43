package io.sluice.bench;

import java.io.IOException;

/**
 * Compares Sluice with its rivals on one request, in less than four minutes.
 *
 * <p>Prints one table and writes JMH's own JSON. Arguments: the number of rounds, 3 by default, and the file to write,
 * {@code bench-quick.json} in the module's target folder by default. Leaves with status 1 if a contestant failed.
 */
public final class QuickBench {

    private QuickBench() {}

    public static void main(String[] arguments) throws IOException {
        BenchRun run = BenchRun.of("bench-quick", arguments);
        run.measure(RequestReport.cells());
        RequestReport.print(run.series(), System.out);
        run.finish();
    }
}
