package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConcurrencyControlTest {
    private static SqlFilter filter(ConcurrencyControl control) {
        return SqlFilter.of("ccl", control);
    }

    @Test
    void queueCountsWhatRunsAndWhatWaits() {
        ConcurrencyControl control = ConcurrencyControl.of(1, 1);
        FilterChain chain = FilterChain.of(filter(control));
        QueryExecution first = new QueryExecution();
        QueryExecution second = new QueryExecution();

        assertThat(first.before(chain, SqlRequest.of("select 1"))).isTrue();
        assertThat(second.before(chain, SqlRequest.of("select 2"))).isFalse();
        second.after(null, null);

        assertThat(second.error())
                .isEqualTo(new SqlError(
                        1203, "42000", "concurrency control protection: too many queued transactions (1 >= 1)"));
        assertThat(control.size()).isEqualTo(1);
        first.after(null, QueryExecution.UNSEEN_RESULT);
        assertThat(control.size()).isZero();
        assertThat(second.before(chain, SqlRequest.of("select 2"))).isTrue();
        second.close();
        assertThat(control.size()).isZero();
    }

    @Test
    void queueOfZeroRefusesEveryQuery() {
        QueryExecution execution = new QueryExecution();

        assertThat(execution.before(FilterChain.of(filter(ConcurrencyControl.of(0, 0))), SqlRequest.of("select 1")))
                .isFalse();
        assertThat(execution.error())
                .isEqualTo(new SqlError(
                        1203, "42000", "concurrency control protection: too many queued transactions (0 >= 0)"));
    }

    @Test
    void waitingIsBounded() {
        ConcurrencyControl control = ConcurrencyControl.of(2, 1).withMaxWait(Duration.ofMillis(20));

        assertThat(control.enter()).isNull();
        assertThat(control.enter())
                .isEqualTo(new SqlError(
                        1203, "42000", "concurrency control protection: no place became free within 20 ms"));
        assertThat(control.size()).isEqualTo(1);
    }

    @Test
    void interruptedThreadWaitsNoLonger() throws InterruptedException {
        ConcurrencyControl control = ConcurrencyControl.of(2, 1);
        control.enter();
        List<@Nullable SqlError> errors = new ArrayList<>();
        Thread thread = new Thread(() -> errors.add(control.enter()));
        thread.start();
        thread.interrupt();
        thread.join();

        assertThat(errors)
                .containsExactly(new SqlError(
                        1203,
                        "42000",
                        "concurrency control protection: the thread was interrupted while it waited for a place"));
        assertThat(control.size()).isEqualTo(1);
    }

    @Test
    void hammerNeverRunsMoreThanAllowed() throws InterruptedException {
        ConcurrencyControl control = ConcurrencyControl.of(64, 3);
        FilterChain chain = FilterChain.of(filter(control));
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 16; t++) {
            threads.add(new Thread(() -> {
                QueryExecution execution = new QueryExecution();
                for (int i = 0; i < 500; i++) {
                    if (execution.before(chain, SqlRequest.of("select 1"))) {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        Thread.onSpinWait();
                        running.decrementAndGet();
                        execution.after(null, QueryExecution.UNSEEN_RESULT);
                    } else {
                        refused.incrementAndGet();
                        execution.after(null, null);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(refused).hasValue(0);
        assertThat(most.get()).isBetween(1, 3);
        assertThat(control.size()).isZero();
    }

    @Test
    void sizesThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> ConcurrencyControl.of(1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("max_queue_size is 1 and max_concurrency is 2; max_concurrency must be 1 to max_queue_size,"
                        + " or max_queue_size 0");
        assertThatThrownBy(() -> ConcurrencyControl.of(-1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ConcurrencyControl.of(5, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
