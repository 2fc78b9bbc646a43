package io.sluice.bench;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import org.jspecify.annotations.Nullable;

/**
 * Sluice by the way that a proxy takes: a lease from the plugin's pool, the call, the message, the lease back.
 *
 * <p>Default settings, all limits on: fuel, deadline, memory, stack and handle checks. A fresh request is one of the default
 * isolation, per request.
 */
final class SluiceContestant implements Contestant {

    private final PluginHost host;
    private final Plugin plugin;

    private SluiceContestant(Isolation isolation) {
        host = PluginHost.create();
        plugin = host.load(
                PluginConfig.of("reject_without_where").withIsolation(isolation),
                PluginSource.bytes(Guest.rejectWithoutWhere()));
    }

    static Contestant pooled() {
        return new SluiceContestant(Isolation.pooled());
    }

    static Contestant perRequest() {
        return new SluiceContestant(Isolation.perRequest());
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
