package io.sluice.bench;

import io.sluice.bench.Contestant.InstanceUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Latencies at a fixed rate, half of what the contestant can do when asked without a pause: each from the moment at which its request was
 * due, so that a request that had to wait counts its wait (no coordinated omission).
 *
 * <p>Arguments: contestant, {@code alone} or {@code neighbour} (a thread that allocates without a pause), seconds, the file to write.
 */
public final class TailProgram {

    private static final int WARM_UP_ROUNDS = 5;
    private static final long LONGEST_NANOS = 60_000_000_000L;

    private TailProgram() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 4) {
            throw new IllegalArgumentException("expected contestant, alone or neighbour, seconds, file");
        }
        String name = arguments[0];
        double seconds = Double.parseDouble(arguments[2]);
        InstanceUse use = Contestants.runs(name, InstanceUse.REUSED) ? InstanceUse.REUSED : InstanceUse.FRESH;
        byte[] query = Requests.timed();
        try (Contestant contestant = Contestants.open(name, use)) {
            Requests.check(name, contestant);
            double nanos = 0;
            for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                nanos = saturated(contestant, query, seconds / WARM_UP_ROUNDS);
            }
            if (arguments[1].equals("neighbour")) {
                allocateBeside();
            }
            Histogram warmUp = paced(contestant, query, 2 * nanos, seconds / 4);
            Histogram histogram = paced(contestant, query, 2 * nanos, seconds);
            Requests.check(name, contestant);
            Files.writeString(
                    Path.of(arguments[3]),
                    String.format(
                            Locale.ROOT,
                            "{\"rows\": [{\"p50\": %d, \"p90\": %d, \"p99\": %d, \"p99.9\": %d, \"p99.99\": %d, \"max\": %d,"
                                    + " \"ratePerSecond\": %.0f, \"warmUp\": %d}]}%n",
                            histogram.getValueAtPercentile(50),
                            histogram.getValueAtPercentile(90),
                            histogram.getValueAtPercentile(99),
                            histogram.getValueAtPercentile(99.9),
                            histogram.getValueAtPercentile(99.99),
                            histogram.getMaxValue(),
                            1e9 / (2 * nanos),
                            warmUp.getTotalCount()));
        }
    }

    /** The time of one request when there is no pause. */
    private static double saturated(Contestant contestant, byte[] query, double seconds) {
        // Nobody reads it: each request is timed here because it is timed at the fixed rate.
        Histogram histogram = new Histogram(LONGEST_NANOS, 3);
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        long requests = 0;
        long begun = start;
        while (begun < end) {
            reject(contestant, query);
            histogram.recordValue(Math.max(1, System.nanoTime() - begun));
            requests++;
            begun = System.nanoTime();
        }
        return (double) (begun - start) / requests;
    }

    private static Histogram paced(Contestant contestant, byte[] query, double interval, double seconds) {
        Histogram histogram = new Histogram(LONGEST_NANOS, 3);
        long start = System.nanoTime();
        long requests = (long) (seconds * 1e9 / interval);
        for (long i = 0; i < requests; i++) {
            long due = start + (long) (i * interval);
            while (System.nanoTime() < due) {
                Thread.onSpinWait();
            }
            reject(contestant, query);
            histogram.recordValue(Math.max(1, System.nanoTime() - due));
        }
        return histogram;
    }

    private static void reject(Contestant contestant, byte[] query) {
        if (contestant.before(query) == null) {
            throw new IllegalStateException("the contestant let the query pass; it must not");
        }
    }

    /** About 500 MB a second, some of which lives a while. */
    private static void allocateBeside() {
        Thread thread = new Thread(
                () -> {
                    byte[][] kept = new byte[256][];
                    for (int i = 0; ; i++) {
                        kept[i & 255] = new byte[64 << 10];
                        if ((i & 7) == 7) {
                            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
                        }
                    }
                },
                "allocating neighbour");
        thread.setDaemon(true);
        thread.start();
    }
}
