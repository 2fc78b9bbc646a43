package io.sluice.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PluginConcurrencyIT {
    private static final byte[] REJECTED = "update t set a=1".getBytes(UTF_8);
    private static final PluginConfig CONFIG = PluginConfig.of("p").withMaxWait(Duration.ofSeconds(10));

    private PluginHost host;

    @BeforeEach
    void open() {
        host = PluginHost.create();
    }

    @AfterEach
    void close() {
        host.close();
        assertThat(host.memoryUsedBytes()).isZero();
    }

    @Test
    void hammerMoreThreadsThanInstances() throws InterruptedException {
        Plugin plugin = host.load(
                CONFIG.withMaxInstances(3).withIsolation(Isolation.pooled()), Guests.source("c/reject_without_where"));
        AtomicLong wrong = new AtomicLong();

        runOnThreads(8, () -> {
            for (int i = 0; i < 2_000; i++) {
                try (SqlLease lease = plugin.acquireSql()) {
                    lease.before(REJECTED, 0, REJECTED.length);
                    lease.after(lease.error(), null);
                    if (!lease.errorText().equals("no where clause")) {
                        wrong.incrementAndGet();
                    }
                }
            }
        });

        assertThat(wrong).hasValue(0);
        PluginCounters counters = plugin.counters();
        assertThat(counters.beforeCalls()).isEqualTo(16_000);
        assertThat(counters.afterCalls()).isEqualTo(16_000);
        assertThat(counters.rejects()).isEqualTo(16_000);
        assertThat(counters.starts()).isLessThanOrEqualTo(3);
        assertThat(counters.noInstance()).isZero();
    }

    @Test
    void hammerReplaceWhileCallsRun() throws InterruptedException {
        Plugin plugin = host.load(CONFIG.withIsolation(Isolation.pooled()), Guests.source("c/counts_calls"));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong old = new AtomicLong();
        AtomicLong other = new AtomicLong();
        AtomicLong wrong = new AtomicLong();
        Thread replacer = new Thread(() -> {
            for (int i = 0; i < 40; i++) {
                plugin.replace(Guests.source(i % 2 == 0 ? "c/reject_without_where" : "c/counts_calls"));
            }
            stop.set(true);
        });
        replacer.start();

        runOnThreads(4, () -> {
            while (!stop.get()) {
                try (SqlLease lease = plugin.acquireSql()) {
                    lease.before(REJECTED, 0, REJECTED.length);
                    String text = lease.errorText();
                    if (text.startsWith("before ")) {
                        old.incrementAndGet();
                    } else if (text.equals("no where clause")) {
                        other.incrementAndGet();
                    } else {
                        wrong.incrementAndGet();
                    }
                }
            }
        });
        replacer.join();

        assertThat(wrong).hasValue(0);
        assertThat(old.get()).isPositive();
        assertThat(other.get()).isPositive();
        assertThat(plugin.generation()).isEqualTo(41);
        PluginIT.waitUntil("the old versions are freed", () -> plugin.liveVersions() == 1);
        assertThat(plugin.counters().beforeCalls()).isEqualTo(old.get() + other.get());
    }

    @Test
    void hammerCloseWhileCallsRun() throws InterruptedException {
        for (int round = 0; round < 10; round++) {
            Plugin plugin = host.load(CONFIG.withName("round" + round), Guests.source("c/allows_all"));
            AtomicLong refused = new AtomicLong();
            Thread closer = new Thread(plugin::close);
            runOnThreads(3, () -> {
                for (int i = 0; i < 200; i++) {
                    if (i == 50) {
                        startOnce(closer);
                    }
                    try (SqlLease lease = plugin.acquireSql()) {
                        lease.before(REJECTED, 0, REJECTED.length);
                        lease.after(null, REJECTED);
                    } catch (PluginException e) {
                        assertThat(e.phase()).isEqualTo(Phase.ACQUIRE);
                        refused.incrementAndGet();
                    }
                }
            });
            closer.join();
            PluginIT.waitUntil("the plugin is closed", () -> plugin.state() == PluginState.CLOSED);
        }
    }

    private static synchronized void startOnce(Thread thread) {
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
    }

    @Test
    void pooledCallAllocatesNothing() {
        Plugin plugin = host.load(CONFIG.withIsolation(Isolation.pooled()), Guests.source("c/reject_without_where"));
        byte[] query = "update t set a=1 where b=2".getBytes(UTF_8);
        byte[] result = {};
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        callOften(plugin, query, result, 50_000);

        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        callOften(plugin, query, result, 50_000);
        long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;

        assertThat(allocated).isLessThan(50_000);
    }

    private static void callOften(Plugin plugin, byte[] query, byte[] result, int times) {
        for (int i = 0; i < times; i++) {
            try (SqlLease lease = plugin.acquireSql()) {
                lease.before(query, 0, query.length);
                lease.after(null, result);
            }
        }
    }

    private static void runOnThreads(int count, Runnable work) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> thrown = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(work);
            thread.setUncaughtExceptionHandler((t, e) -> {
                synchronized (thrown) {
                    thrown.add(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(thrown).isEmpty();
    }
}
