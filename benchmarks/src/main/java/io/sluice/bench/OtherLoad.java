package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * How many processors the rest of the machine kept busy while we measured; known on Linux only.
 *
 * <p>The machine's busy time less our own and that of the forks that have ended, both in the kernel's ticks.
 */
final class OtherLoad {

    private static final Path MACHINE = Path.of("/proc/stat");
    private static final Path OURSELVES = Path.of("/proc/self/stat");
    private static final double TICKS_PER_SECOND = 100;

    private final long startNanos = System.nanoTime();
    private final OptionalDouble start = ticksOfOthers();

    /** The processors that others used on average since this object was made. */
    OptionalDouble processors() {
        OptionalDouble now = ticksOfOthers();
        if (start.isEmpty() || now.isEmpty()) {
            return OptionalDouble.empty();
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        return OptionalDouble.of(Math.max(0, (now.getAsDouble() - start.getAsDouble()) / TICKS_PER_SECOND / seconds));
    }

    private static OptionalDouble ticksOfOthers() {
        try {
            return OptionalDouble.of(machineTicks(Files.readString(MACHINE)) - ownTicks(Files.readString(OURSELVES)));
        } catch (IOException | RuntimeException e) {
            return OptionalDouble.empty();
        }
    }

    /** {@code cpu user nice system idle iowait irq softirq steal …}: all but idle and iowait. */
    static double machineTicks(String stat) {
        String[] fields = stat.lines().findFirst().orElseThrow().strip().split("\\s+");
        return sum(fields, 1, 4) + sum(fields, 6, 9);
    }

    /** The fields utime, stime, cutime, cstime, counted from behind the command's closing parenthesis. */
    static double ownTicks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split("\\s+");
        return sum(fields, 11, 15);
    }

    private static double sum(String[] fields, int from, int to) {
        return Arrays.stream(fields, from, to).mapToDouble(Double::parseDouble).sum();
    }
}
