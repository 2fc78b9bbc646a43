package io.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/** The benchmarks that have no rivals: their rows answer what they should, and the raw call leaves the Java heap alone. */
class BenchmarksIT {

    private static final int CALLS = 100_000;

    @Test
    void crossingRowsAnswerWhatTheyShould() {
        assertThatCode(() -> new CrossingBenchmark().close()).doesNotThrowAnyException();
    }

    @Test
    void rawCallRowsAnswerWhatTheyShould() {
        assertThatCode(() -> new WescaleCallBenchmark().close()).doesNotThrowAnyException();
    }

    @Test
    void rawCallDoesNotAllocate() {
        WescaleCallBenchmark benchmark = new WescaleCallBenchmark();
        try {
            assertThat(allocatedBytesPerCall(benchmark::reject)).isLessThan(0.05);
            assertThat(allocatedBytesPerCall(benchmark::rejectDirect)).isLessThan(0.05);
            assertThat(allocatedBytesPerCall(benchmark::pass)).isLessThan(0.05);
            assertThat(allocatedBytesPerCall(benchmark::rejectFresh)).isLessThan(0.05);
        } finally {
            benchmark.close();
        }
    }

    @Test
    void classificationRowsAnswerWhatTheyShouldAndHitsDoNotAllocate() {
        ClassificationBenchmark benchmark = new ClassificationBenchmark();

        assertThat(allocatedBytesPerCall(() -> benchmark.hit100() ? 1 : 0)).isLessThan(0.05);
        assertThat(allocatedBytesPerCall(() -> benchmark.chainOf8() ? 1 : 0)).isLessThan(0.05);
        assertThat(allocatedBytesPerCall(() -> benchmark.chainOf8WithPlans() ? 1 : 0))
                .isLessThan(0.05);
    }

    @Test
    void unknownRowIsRefused() {
        assertThat(FullBench.cellsOf("classification")).hasSize(11);
        assertThatThrownBy(() -> FullBench.cellsOf("none"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row \"none\": there is no such row; choose one of crossing, call, classification, request,"
                        + " deadline, isolation, traps");
    }

    @Test
    void unknownNumberOfRoundsIsRefused() {
        assertThatThrownBy(() -> BenchRun.of("bench-quick", new String[] {"none"}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rounds \"none\": expected a number from 1 to 99; leave it out for 3");
    }

    private static double allocatedBytesPerCall(IntSupplier call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int outcomes = repeat(call);
        long before = threads.getCurrentThreadAllocatedBytes();
        outcomes += repeat(call);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(outcomes).isNotNegative();
        return (double) allocated / CALLS;
    }

    private static int repeat(IntSupplier call) {
        int outcomes = 0;
        for (int i = 0; i < CALLS; i++) {
            outcomes |= call.getAsInt();
        }
        return outcomes;
    }
}
