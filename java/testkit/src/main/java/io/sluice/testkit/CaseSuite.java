package io.sluice.testkit;

import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Runs the cases of a file on one plugin.
 *
 * <p><b>Threads.</b> Confined. <b>Ownership.</b> Whoever opens it closes it. <b>Cost.</b> The plugin is compiled once, or loaded from the
 * cache.
 */
public final class CaseSuite implements AutoCloseable {
    private final PluginHost host;
    private final boolean ownsHost;
    private final PluginSource source;

    private CaseSuite(PluginHost host, boolean ownsHost, PluginSource source) {
        this.host = host;
        this.ownsHost = ownsHost;
        this.source = source;
    }

    /**
     * Opens a suite for a plugin.
     *
     * @param cacheFolder where compiled code is kept for the next time; see {@link PluginHost.Builder#cacheFolder}
     */
    public static CaseSuite open(PluginSource source, Path cacheFolder) {
        Objects.requireNonNull(source, "source");
        return new CaseSuite(
                PluginHost.builder()
                        .optimiserThreads(0)
                        .cacheFolder(cacheFolder)
                        .build(),
                true,
                source);
    }

    /** Opens a suite for a plugin on a host that stays when the suite is closed. */
    public static CaseSuite open(PluginHost host, PluginSource source) {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(source, "source");
        return new CaseSuite(host, false, source);
    }

    /**
     * Runs every case, each on a plugin that was loaded for it alone: nothing is left of the case before it.
     *
     * @throws io.sluice.plugin.PluginException if the plugin cannot be loaded
     */
    public List<CaseRun> run(PluginConfig config, List<PluginCase> cases) {
        List<CaseRun> runs = new ArrayList<>();
        for (PluginCase each : cases) {
            try (Desk desk = Desk.open(host, config, source)) {
                runs.add(CaseRun.of(desk, each));
            }
        }
        return runs;
    }

    /**
     * Runs the cases many times, all on one plugin and in an order of chance: what one query leaves for the next shows as a difference.
     * A case that sends its statement more than once is about what is left, and is left out.
     *
     * @param rounds how many times each case runs
     * @param seed decides on the order
     * @return for each case its first run that failed, or else its last
     */
    public List<CaseRun> repeat(PluginConfig config, List<PluginCase> cases, int rounds, long seed) {
        List<PluginCase> apt = cases.stream().filter(each -> each.times() == 1).toList();
        List<@Nullable CaseRun> runs = new ArrayList<>(Collections.nCopies(apt.size(), null));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < apt.size() * rounds; i++) {
            order.add(i % apt.size());
        }
        Collections.shuffle(order, new Random(seed));
        try (Desk desk = Desk.open(host, config, source)) {
            for (int index : order) {
                CaseRun before = runs.get(index);
                CaseRun run = CaseRun.of(desk, apt.get(index));
                if (before == null || before.passed()) {
                    runs.set(index, run);
                }
            }
        }
        List<CaseRun> all = new ArrayList<>();
        for (CaseRun run : runs) {
            if (run != null) {
                all.add(run);
            }
        }
        return all;
    }

    @Override
    public void close() {
        if (ownsHost) {
            host.close();
        }
    }
}
