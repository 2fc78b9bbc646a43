package io.sluice.plugin;

import io.sluice.runtime.ExportType;
import io.sluice.runtime.ImportType;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.LinkException;
import io.sluice.runtime.Module;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.WasmException;
import io.sluice.runtime.abi.WescaleConfig;
import io.sluice.runtime.abi.WescaleInstance;
import io.sluice.runtime.abi.WescaleSnapshot;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One loaded version of a plugin: its code and its pool of places.
 *
 * <p><b>Threads.</b> Shared.
 *
 * <p><b>Ownership.</b> Owns its code. It is retired once and frees it when its last lease has ended. Who ends a lease of
 * a retired version takes the place out of service; if that races with the retirement, the host's keeper does.
 */
final class PluginVersion {
    private static final String ENTRY_POINT = "RunBeforeExecutionOnGuest";

    final Plugin plugin;
    final PluginConfig config;
    final GuestLog log;
    final String sha256;
    final int generation;
    final LeasePool pool;
    final boolean readsResults;
    final Handover handover;

    /** Known once the trial instance is made, before the version serves. */
    private WescaleInstance.Dialect dialect = WescaleInstance.Dialect.C;

    private boolean usesLocks;
    private boolean getsProperties;

    private final PluginCode code;
    private final WescaleConfig wescale;
    private final Set<String> imports;
    private final AtomicInteger placesLeft;

    private final boolean prepareAhead;

    private volatile String codeDetail = "";
    private volatile String startDetail = "";

    /** The bytes of a version that may be improved, until it serves. */
    private byte @Nullable [] toImprove;

    /** Set for a version that never served: nobody has to be told when it is freed. */
    private boolean discarded;

    private volatile boolean retired;
    private volatile boolean idleLookPlanned;

    private PluginVersion(
            Plugin plugin,
            PluginConfig config,
            GuestLog log,
            String sha256,
            int generation,
            PluginCode code,
            WescaleConfig wescale) {
        this.plugin = plugin;
        this.config = config;
        this.log = log;
        this.sha256 = sha256;
        this.generation = generation;
        this.code = code;
        this.wescale = wescale;
        this.imports = importNames(code.module.imports());
        this.readsResults = imports("env", "GetQueryResultOnHost");
        this.handover = plugin.host().handover();
        this.prepareAhead = plugin.host().preparesInstances();
        this.pool = new LeasePool(config.maxInstances(), place -> new SqlLease(this));
        this.placesLeft = new AtomicInteger(pool.size());
    }

    /** Reads, compiles, checks and starts; everything that can be wrong with a plugin is found here. */
    static PluginVersion load(Plugin plugin, PluginConfig config, PluginSource source, int generation) {
        PluginHost host = plugin.host();
        byte[] wasm;
        try {
            wasm = source.read(host.maxModuleBytes());
        } catch (IOException e) {
            throw new PluginException(config.name(), Phase.LOAD, source + " cannot be read: " + messageOf(e), e);
        }
        String sha256 = Digests.sha256(wasm);
        GuestLog log = new GuestLog(config.name(), config.logRecordsPerSecond());
        WescaleConfig wescale = wescaleConfig(plugin, config);
        PluginCode code = codeOf(host, config, wasm, sha256, wescale);
        PluginVersion version = started(plugin, config, log, sha256, generation, code, wescale);
        version.codeDetail = code.fromCache ? "loaded from the cache" : "compiled when the plugin was loaded";
        if (code.isSnapshot()) {
            version.startDetail = "begins from a snapshot that was in the cache";
        } else if (config.isolation().isPooled()) {
            version.startDetail = "pooled instances run the plugin's start once each, so no snapshot is taken";
        } else {
            version.startDetail = "whether a snapshot can be taken is not known yet";
        }
        if (!host.optimisesInBackground()) {
            PluginVersion better = Optimiser.improved(version, wasm);
            if (better != null) {
                version.discard();
                return better;
            }
        } else if (version.canBeImproved()) {
            version.toImprove = wasm;
        }
        return version;
    }

    /** The best that is in the cache; else optimised code if that does not take long; else quick code. */
    private static PluginCode codeOf(
            PluginHost host, PluginConfig config, byte[] wasm, String sha256, WescaleConfig wescale) {
        ModuleCache cache = host.moduleCache();
        TierEngine optimised = host.optimised();
        String name = config.name();
        try {
            Optional<PluginCode> kept = config.isolation().isPooled()
                    ? Optional.empty()
                    : PluginCode.loadSnapshot(optimised, cache, sha256, name, wescale);
            if (kept.isEmpty()) {
                kept = PluginCode.load(optimised, cache, sha256, name);
            }
            if (kept.isPresent()) {
                return kept.get();
            }
            TierEngine quick = host.quickFor(wasm.length);
            if (quick != null) {
                return PluginCode.load(quick, cache, sha256, name).orElseGet(() -> PluginCode.compile(quick, wasm));
            }
            PluginCode code = PluginCode.compile(optimised, wasm);
            code.keep(cache, sha256, name);
            return code;
        } catch (WasmException e) {
            throw PluginException.of(name, Phase.LOAD, e);
        }
    }

    /** A version that has been tried; one that fails leaves nothing behind. */
    private static PluginVersion started(
            Plugin plugin,
            PluginConfig config,
            GuestLog log,
            String sha256,
            int generation,
            PluginCode code,
            WescaleConfig wescale) {
        boolean started = false;
        try {
            PluginVersion version = new PluginVersion(plugin, config, log, sha256, generation, code, wescale);
            version.tryStart();
            started = true;
            return version;
        } finally {
            if (!started) {
                code.close();
            }
        }
    }

    /** This version with other code of the same bytes. */
    PluginVersion withCode(PluginCode other, String codeIs, String startIs) {
        PluginVersion version = started(plugin, config, log, sha256, generation, other, wescale);
        version.codeDetail = codeIs;
        version.startDetail = startIs;
        return version;
    }

    /** Called when the version serves: better code is on its way from now on, if there may be better. */
    void improveLater() {
        byte[] wasm = toImprove;
        toImprove = null;
        if (wasm != null) {
            plugin.host().optimiser().improve(this, wasm);
        }
    }

    /** Whether there may be code of a better tier. */
    boolean canBeOptimised() {
        return code.made.tier() != plugin.host().optimised().tier();
    }

    /** Whether nobody has tried yet to begin the instances from a snapshot. */
    boolean canBeSnapshotted() {
        return !config.isolation().isPooled() && !code.isSnapshot();
    }

    boolean canBeImproved() {
        return canBeOptimised() || canBeSnapshotted();
    }

    /** A snapshot that instances of this version could begin from, or why there is none. */
    WescaleSnapshot takeSnapshot(byte[] wasm) {
        return WescaleSnapshot.take(plugin.host().optimised().engine(), wasm, code.pre, wescale);
    }

    PluginCode codeOf(Module snapshot) {
        return PluginCode.ofSnapshot(plugin.host().optimised(), snapshot, wescale);
    }

    PluginStatus status() {
        return new PluginStatus(code.made.tier(), code.fromCache, codeDetail, code.isSnapshot(), startDetail);
    }

    /** What people are told of the code from now on. */
    void tellCode(String detail) {
        codeDetail = detail;
    }

    /** What people are told of the instances' start from now on. */
    void tellStart(String detail) {
        startDetail = detail;
    }

    String codeDetail() {
        return codeDetail;
    }

    void keepCode() {
        code.keep(plugin.host().moduleCache(), sha256, config.name());
    }

    /** Called when better code serves. */
    void forgetKeptCode() {
        code.forget(plugin.host().moduleCache(), sha256);
    }

    /** Makes one instance, which the first request may have; what it logs on the way tells why it does not start. */
    private void tryStart() {
        WescaleInstance trial;
        try {
            trial = createSqlInstance();
        } catch (LinkException e) {
            throw new PluginException(config.name(), Phase.LOAD, describe(e, code.module.exports()), e);
        } catch (WasmException e) {
            throw PluginException.of(config.name(), Phase.LOAD, e);
        }
        dialect = trial.dialect();
        usesLocks = trial.usesLocks();
        getsProperties = trial.getsProperties();
        boolean kept = false;
        try {
            try {
                try {
                    trial.start();
                } catch (LimitException e) {
                    plugin.host().makeRoomFor(e);
                    trial.start();
                }
            } finally {
                trial.drainLog(log.sinkFor(new Tally()));
            }
            kept = prepares() && plugin.host().hasRoomForWaiting() && keepForFirst(trial);
        } catch (WasmException e) {
            throw PluginException.of(config.name(), Phase.START, e);
        } finally {
            if (!kept) {
                trial.close();
            }
        }
    }

    private boolean keepForFirst(WescaleInstance started) {
        Lease place = pool.tryAcquire();
        if (place == null) {
            return false;
        }
        place.adopt(started);
        release(place);
        return true;
    }

    private static WescaleConfig wescaleConfig(Plugin plugin, PluginConfig config) {
        PluginHost host = plugin.host();
        int grants = 0;
        for (QueryProperty property : config.grants()) {
            grants |= 1 << property.number();
        }
        PluginLimits limits = config.limits();
        StoreConfig store = StoreConfig.defaults()
                .withFuelPerCall(limits.fuelPerCall())
                .withDeadline(limits.deadline())
                .withMaxMemoryBytes(limits.maxMemoryBytes())
                .withMaxLogBytes(limits.maxLogBytes())
                .withMemoryBudget(host.memoryBudget())
                .withArguments(config.arguments())
                .withEnvironment(config.environment());
        return WescaleConfig.defaults()
                .withStoreConfig(store)
                .withStartFuel(limits.startFuel())
                .withStartDeadline(limits.startDeadline())
                .withMaxOutputBytes(limits.maxResultBytes())
                .withConfiguration(config.configuration())
                .withGrants(grants)
                .withSnapshotDespiteRandomness(config.snapshotDespiteRandomness())
                .withScopes(plugin.moduleScope(), host.globalScope());
    }

    /** The runtime's message with upstream's words before it, where a plugin is none of this ABI. */
    private static String describe(LinkException e, List<ExportType> exports) {
        boolean hasBefore = exports.stream().anyMatch(export -> export.name().equals(ENTRY_POINT));
        String detail = String.valueOf(e.getMessage());
        return hasBefore
                ? detail
                : "Wasm Plugin ABI version is not compatible, missing " + ENTRY_POINT + " function in wasm module: "
                        + detail;
    }

    private static Set<String> importNames(List<ImportType> types) {
        Set<String> names = new HashSet<>();
        for (ImportType type : types) {
            names.add(type.module() + '\n' + type.name());
        }
        return Set.copyOf(names);
    }

    boolean imports(String moduleName, String name) {
        return imports.contains(moduleName + '\n' + name);
    }

    WescaleInstance createSqlInstance() {
        return WescaleInstance.create(code.pre, wescale);
    }

    PluginAbi abi() {
        return PluginAbi.of(dialect);
    }

    /** Whether a call of this version may wait for a lock. */
    boolean usesLocks() {
        return usesLocks;
    }

    boolean wants(QueryProperty property) {
        return getsProperties && config.grants().contains(property);
    }

    /** Takes back a place of this version whose lease has ended, for the next in line, for whoever comes, or for good. */
    void release(Lease lease) {
        if (!retired && pool.handOver(lease)) {
            return;
        }
        boolean leftToKeeper = lease.isLeftToKeeper();
        lease.setFree();
        if (retired) {
            kill(lease);
        } else if (leftToKeeper) {
            plugin.host().keeper().prepareSoon(lease);
        }
    }

    /**
     * Whether the next instance is made when a lease ends, before the next request comes. Not for a plugin that takes locks: its
     * start might wait for one.
     */
    boolean prepares() {
        return prepareAhead && !usesLocks && !retired;
    }

    /** An instance waits now: the keeper has to see that it does not wait for ever. */
    void notePrepared() {
        if (!idleLookPlanned) {
            idleLookPlanned = true;
            plugin.host().keeper().lookForIdle(this);
        }
    }

    /** Gives back the waiting instances of places that nobody used since the last look; true if others still wait. */
    boolean dropIdle() {
        idleLookPlanned = false;
        boolean left = false;
        for (int i = 0; i < pool.size(); i++) {
            Lease lease = pool.place(i);
            if (lease.isPrepared() && (lease.wasUsedSinceLook() || !dropPrepared(lease))) {
                left = true;
            }
        }
        idleLookPlanned |= left;
        return left;
    }

    /** Gives back all waiting instances; true if there was one. */
    boolean giveBackPrepared() {
        boolean some = false;
        for (int i = 0; i < pool.size(); i++) {
            Lease lease = pool.place(i);
            some |= lease.isPrepared() && dropPrepared(lease);
        }
        return some;
    }

    /** Gives back the pooled instances that no stream uses; true if there was one. */
    boolean giveBackIdle() {
        long now = System.nanoTime();
        boolean some = false;
        for (int i = 0; i < pool.size(); i++) {
            Lease lease = pool.place(i);
            if (lease.bornBefore(now) && lease.tryTake()) {
                try {
                    some |= lease.bornBefore(now);
                    lease.dropIfOlderThan(now);
                } finally {
                    release(lease);
                }
            }
        }
        return some;
    }

    private boolean dropPrepared(Lease lease) {
        if (!lease.tryTake()) {
            return false;
        }
        try {
            lease.dropPrepared();
        } finally {
            release(lease);
        }
        return true;
    }

    /** Takes no new streams from now on; frees what is idle and leaves the rest to the leases' ends and the keeper. */
    void retire() {
        retired = true;
        pool.sendAway();
        if (!sweep()) {
            plugin.host().keeper().sweepUntilFreed(this);
        }
    }

    /** Frees a version that was made in vain and never served. */
    void discard() {
        discarded = true;
        retire();
    }

    /** Makes an instance ahead in each place where the other version has one, so that taking its place makes no request wait. */
    void prepareLike(PluginVersion other) {
        for (int i = 0; i < pool.size() && prepares(); i++) {
            Lease lease = pool.place(i);
            Lease model = other.pool.place(i);
            if ((model.isPrepared() || model.isTaken()) && lease.tryTake()) {
                try {
                    lease.prepareFirst();
                } finally {
                    release(lease);
                }
            }
        }
    }

    /** Frees the places that nobody has; true if none is left. */
    boolean sweep() {
        for (int i = 0; i < pool.size(); i++) {
            kill(pool.place(i));
        }
        return placesLeft.get() == 0;
    }

    boolean isFreed() {
        return placesLeft.get() == 0;
    }

    private void kill(Lease lease) {
        if (lease.tryKill() && placesLeft.decrementAndGet() == 0) {
            code.close();
            if (!discarded) {
                plugin.freed(this);
            }
        }
    }

    /** Retires instances older than the isolation allows: idle ones now, busy ones when their stream ends. */
    void dropOldInstances(long nowNanos) {
        long bornBefore = nowNanos - config.isolation().maxAge().toNanos();
        for (int i = 0; i < pool.size(); i++) {
            Lease lease = pool.place(i);
            if (!lease.bornBefore(bornBefore)) {
                continue;
            }
            if (lease.tryTake()) {
                try {
                    lease.dropIfOlderThan(bornBefore);
                } finally {
                    release(lease);
                }
            } else {
                lease.tooOld = true;
            }
        }
    }

    void addTo(Tally total) {
        for (int i = 0; i < pool.size(); i++) {
            total.add(pool.place(i).tally);
        }
    }

    private static String messageOf(IOException e) {
        String message = e.getMessage();
        return message == null || e instanceof java.nio.file.FileSystemException ? e.toString() : message;
    }
}
