package io.sluice.runtime.abi;

import io.sluice.runtime.Engine;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.MemoryBudget;
import io.sluice.runtime.Module;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.internal.Access;
import io.sluice.runtime.internal.Handle;
import io.sluice.runtime.internal.SnapshotNative;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot: the module of a WeScale plugin as it stands after its start, so that new instances begin there; or why there is none.
 *
 * <p>The start ({@code _initialize}, {@code _start} or the module's own), and {@code sluice_warm_up} if the plugin exports it, run once
 * while the snapshot is taken. What they read is then the same in all instances. So there is no snapshot of a plugin whose start
 * asked for randomness, unless it exports {@code sluice_after_restore}, which runs in each new instance, or the configuration
 * {@linkplain WescaleConfig#withSnapshotDespiteRandomness allows it}; and none of one whose start logged or used what instances share.
 * Clocks may be read: the steady one never goes back. A snapshot is tried before it is given out.
 *
 * <p>Instances are made from its module as from any other.
 *
 * <p><b>Threads.</b> Immutable. <b>Ownership.</b> The module is closed by whoever took the snapshot. <b>Cost.</b> Taking one compiles the
 * module twice and runs its start: seconds for a large plugin, on the calling thread and on threads for compiling.
 */
public final class WescaleSnapshot {
    private final @Nullable Module module;
    private final String reason;

    private WescaleSnapshot(@Nullable Module module, String reason) {
        this.module = module;
        this.reason = reason;
    }

    /**
     * Takes a snapshot, or says why it cannot. What is wrong with the plugin is a reason, not an exception.
     *
     * @param target the engine that the snapshot's module is compiled for
     * @param wasm the plugin's module in its binary form
     * @param quick an instance-pre of the same module; its engine runs the start
     * @param config what the plugin's instances will be created with; its start limits bound the start, and each of warm-up and
     *     {@code sluice_after_restore} again
     * @throws IllegalStateException if the engine, {@code quick} or the configuration's memory budget is closed
     */
    public static WescaleSnapshot take(Engine target, byte[] wasm, InstancePre quick, WescaleConfig config) {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(wasm, "wasm");
        Objects.requireNonNull(quick, "quick");
        Objects.requireNonNull(config, "config");
        Access access = Access.get();
        StoreConfig storeConfig = config.storeConfig();
        MemoryBudget budget = storeConfig.memoryBudget();
        Handle budgetHandle = access.handle(budget);
        long[] raw = new long[1];
        try {
            String reason = SnapshotNative.take(
                    access.handle(target).get(),
                    wasm,
                    access.handle(quick).get(),
                    WescaleInstance.limits(access.limits(storeConfig), config),
                    budgetHandle == null ? 0 : budgetHandle.get(),
                    access.arguments(storeConfig),
                    access.environment(storeConfig),
                    config.configuration().getBytes(StandardCharsets.UTF_8),
                    config.grants(),
                    config.snapshotDespiteRandomness(),
                    raw);
            return new WescaleSnapshot(raw[0] == 0 ? null : access.newModule(raw[0]), reason);
        } finally {
            Reference.reachabilityFence(budget);
            Reference.reachabilityFence(quick);
            Reference.reachabilityFence(target);
        }
    }

    /**
     * Everything of a configuration that a snapshot may depend on, as text: what a cache of snapshots is keyed by, besides the module
     * and the engine. Equal for equal settings.
     */
    public static String inputs(WescaleConfig config) {
        Objects.requireNonNull(config, "config");
        Access access = Access.get();
        StoreConfig storeConfig = config.storeConfig();
        String[] environment = access.environment(storeConfig);
        Arrays.sort(environment);
        StringBuilder text = new StringBuilder();
        append(text, access.arguments(storeConfig));
        append(text, environment);
        append(text, config.configuration());
        return text.append(Arrays.toString(WescaleInstance.limits(access.limits(storeConfig), config)))
                .append(config.grants())
                .append(config.snapshotDespiteRandomness())
                .toString();
    }

    /** Each with its length before it, so that no two lists have the same text. */
    private static void append(StringBuilder text, String... strings) {
        text.append(strings.length).append('[');
        for (String string : strings) {
            text.append(string.length()).append(':').append(string);
        }
        text.append(']');
    }

    /** The module whose new instances begin after start; null if there is no snapshot. */
    public @Nullable Module module() {
        return module;
    }

    /** {@code snapshotted after start}, or why there is no snapshot. */
    public String reason() {
        return reason;
    }

    @Override
    public String toString() {
        return "WescaleSnapshot[" + reason + "]";
    }
}
