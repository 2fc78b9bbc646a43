package io.sluice.bench;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.EngineConfig;
import org.jspecify.annotations.Nullable;

/**
 * Sluice by the way that a proxy takes: a lease from the plugin's pool, the call, the message, the lease back.
 *
 * <p>Default settings, all limits on: fuel, deadline, memory, stack and handle checks. A fresh request is one of the default
 * isolation, per request. The unmetered ones differ in {@link EngineConfig#metering()} alone: what they lack is the price of fuel and
 * deadline.
 */
final class SluiceContestant implements Contestant {

    private final PluginHost host;
    private final Plugin plugin;

    private SluiceContestant(Isolation isolation, boolean metering) {
        host = PluginHost.builder()
                .engineConfig(EngineConfig.defaults().withMetering(metering))
                .build();
        plugin = host.load(
                PluginConfig.of("reject_without_where").withIsolation(isolation),
                PluginSource.bytes(Guest.rejectWithoutWhere()));
    }

    static Contestant pooled() {
        return new SluiceContestant(Isolation.pooled(), true);
    }

    static Contestant pooledUnmetered() {
        return new SluiceContestant(Isolation.pooled(), false);
    }

    static Contestant perRequest() {
        return new SluiceContestant(Isolation.perRequest(), true);
    }

    static Contestant perRequestUnmetered() {
        return new SluiceContestant(Isolation.perRequest(), false);
    }

    @Override
    public byte @Nullable [] before(byte[] query) {
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(query, 0, query.length);
            return lease.hasError() ? lease.error() : null;
        }
    }

    @Override
    public void close() {
        host.close();
    }
}
