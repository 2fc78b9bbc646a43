package io.sluice.bench;

import io.sluice.plugin.CodeTier;
import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.EngineConfig;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private SluiceContestant(Isolation isolation, boolean metering, PluginGuest guest) {
        PluginHost.Builder builder =
                PluginHost.builder().engineConfig(EngineConfig.defaults().withMetering(metering));
        Path cache = BigGuests.folder().resolve("cache");
        if (guest.isRealSize() && Files.isWritable(BigGuests.folder())) {
            // Compiled by the first fork, outside the timing.
            builder.cacheFolder(cache);
        }
        host = builder.build();
        PluginConfig config =
                PluginConfig.of("reject_without_where").withIsolation(isolation).withLimits(guest.limits());
        plugin = host.load(config, PluginSource.bytes(guest.wasm()));
        awaitOptimised(plugin);
    }

    static Contestant open(InstanceUse use, boolean metering, PluginGuest guest) {
        return new SluiceContestant(
                use == InstanceUse.REUSED ? Isolation.pooled() : Isolation.perRequest(), metering, guest);
    }

    /** A large plugin serves on quick code until the optimised code is there, which is what is to be measured. */
    static void awaitOptimised(Plugin plugin) {
        while (plugin.status().codeTier() != CodeTier.OPTIMISED) {
            if (plugin.status().codeDetail().contains("cannot be had")) {
                throw new IllegalStateException(plugin.status().codeDetail());
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while waiting for optimised code", e);
            }
        }
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
