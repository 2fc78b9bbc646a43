package io.sluice.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.Engine;
import io.sluice.sql.FilterChain;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.SqlFilter;
import io.sluice.sql.SqlRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Millions of calls, pooled and fresh, after which resident memory and live handles must be where they were after the first hundredth.
 *
 * <p>Arguments: pooled calls [10000000] and fresh calls [1000000]. Ends with 1 if something grew.
 */
public final class Soak {
    private static final long MAX_GROWTH_KIB = 32 * 1024;
    private static final byte[] REJECTED = "update account set balance = 0".getBytes(UTF_8);
    private static final byte[] PASSED = "update account set balance = 0 where id = 7".getBytes(UTF_8);

    private boolean grew;

    Soak() {}

    /** Runs the soak. */
    public static void main(String[] args) throws IOException {
        long pooled = args.length > 0 ? Long.parseLong(args[0]) : 10_000_000;
        long fresh = args.length > 1 ? Long.parseLong(args[1]) : 1_000_000;
        if (!new Soak().run(pooled, fresh)) {
            System.exit(1);
        }
    }

    /** Makes the calls; whether nothing grew. */
    boolean run(long pooled, long fresh) throws IOException {
        long handlesBefore = Engine.liveHandles();
        try (PluginHost host = PluginHost.create()) {
            run(host, "pooled", Isolation.pooled(), pooled);
            run(host, "fresh", Isolation.perRequest(), fresh);
        }
        long left = Engine.liveHandles() - handlesBefore;
        grew |= left > 0;
        System.out.printf(Locale.ROOT, "after the host was closed: %d live handles%n", left);
        System.out.println(grew ? "soak: GREW" : "soak: nothing grew");
        return !grew;
    }

    private void run(PluginHost host, String name, Isolation isolation, long calls) throws IOException {
        Path guest = DemoStage.file("c/reject_without_where");
        Plugin plugin = host.load(PluginConfig.of(name).withIsolation(isolation), PluginSource.file(guest));
        FilterChain chain = FilterChain.of(SqlFilter.of(plugin));
        long first = Math.max(1, calls / 100);
        call(chain, first);
        State after = State.now(host);
        long start = System.nanoTime();
        call(chain, calls - first);
        long nanos = System.nanoTime() - start;
        State end = State.now(host);

        System.out.printf(Locale.ROOT, "%s: %,d calls, %,d ns each%n", name, calls, nanos / Math.max(1, calls - first));
        System.out.printf(Locale.ROOT, "  after 1 %%: %s%n  at the end: %s%n", after, end);
        boolean same = end.handles <= after.handles && end.guestBytes <= after.guestBytes;
        boolean small = end.residentKib - after.residentKib <= MAX_GROWTH_KIB;
        if (!same || !small) {
            grew = true;
            System.out.printf(
                    Locale.ROOT,
                    "  GREW: handles and guest memory must not be more, resident memory within %,d KiB%n",
                    MAX_GROWTH_KIB);
        }
        plugin.close();
    }

    /** Every tenth query is rejected, and its error goes through After. */
    private static void call(FilterChain chain, long times) {
        try (QueryExecution execution = new QueryExecution()) {
            SqlRequest request = new SqlRequest();
            for (long i = 0; i < times; i++) {
                byte[] query = i % 10 == 0 ? REJECTED : PASSED;
                boolean execute = execution.before(chain, request.text(query, 0, query.length));
                if (execute == (query == REJECTED)) {
                    throw new IllegalStateException("call " + i + " was answered wrongly: " + execution.error());
                }
                execution.after(null, execute ? QueryExecution.UNSEEN_RESULT : null);
            }
        }
    }

    /** What must not grow. */
    private record State(long residentKib, long handles, long guestBytes) {
        static State now(PluginHost host) throws IOException {
            System.gc();
            return new State(readResidentKib(), Engine.liveHandles(), host.memoryUsedBytes());
        }

        private static long readResidentKib() throws IOException {
            List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/self/status")));
            for (String line : lines) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            throw new IOException("/proc/self/status has no line VmRSS");
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d KiB resident, %d live handles, %,d bytes of guest memory",
                    residentKib,
                    handles,
                    guestBytes);
        }
    }
}
