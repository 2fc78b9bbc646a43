package io.sluice.test.hostile;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.ExportType;
import io.sluice.runtime.Func;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Instance;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapMode;
import io.sluice.runtime.WasmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A module of somebody else's, through every load check, both isolation modes, every limit, and the runtime's own API. */
final class ExtraGuests {
    private static final Map<String, PluginLimits> LIMITS = new LinkedHashMap<>();

    static {
        PluginLimits base = PluginLimits.defaults();
        LIMITS.put("defaults", base);
        LIMITS.put("little fuel", base.withFuelPerCall(1_000).withStartFuel(1_000_000));
        LIMITS.put("little time", base.withFuelPerCall(Long.MAX_VALUE).withDeadline(Duration.ofMillis(20)));
        LIMITS.put("little memory", base.withMaxMemoryBytes(1 << 16));
        LIMITS.put("no log", base.withMaxLogBytes(0));
        LIMITS.put("little output", base.withMaxResultBytes(64));
    }

    private ExtraGuests() {}

    /** {@code extra:FILE}. */
    static void run(Stage stage, String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        byte[] wasm = Files.readAllBytes(file);
        stage.report.guest();
        stage.report.modules(1);
        Map<String, Integer> endings = new LinkedHashMap<>();
        for (TrapMode mode : List.of(TrapMode.AUTO, TrapMode.EXPLICIT)) {
            EngineConfig engine = EngineConfig.defaults().withTrapMode(mode);
            // In the JVM's own folder: a large plugin takes seconds to compile, and is loaded once for each limit.
            try (PluginHost host = PluginHost.builder()
                    .engineConfig(engine)
                    .cacheFolder(Path.of("cache"))
                    .build()) {
                for (Isolation isolation : List.of(Isolation.perRequest(), Isolation.pooled())) {
                    LIMITS.forEach((name, limits) -> {
                        for (String ending : asPlugin(host, wasm, limits, isolation)) {
                            endings.merge(name + ": " + ending, 1, Integer::sum);
                        }
                    });
                    stage.askCanary();
                }
            }
            for (String ending : raw(engine, wasm)) {
                endings.merge("runtime: " + ending, 1, Integer::sum);
            }
            stage.askCanary();
        }
        endings.forEach((ending, times) -> stage.report.say(file.getFileName() + " " + times + " x " + ending));
    }

    private static List<String> asPlugin(PluginHost host, byte[] wasm, PluginLimits limits, Isolation isolation) {
        List<String> endings = new ArrayList<>();
        PluginConfig config = PluginConfig.of("extra").withLimits(limits).withIsolation(isolation);
        try (Plugin plugin = host.load(config, PluginSource.bytes(wasm))) {
            for (String query : List.of("select 1", "", "DELETE FROM t", "x".repeat(100_000))) {
                String ending = Stage.ending(plugin, query);
                endings.add(ending.length() > 60 ? ending.substring(0, 60) : ending);
            }
        } catch (PluginException e) {
            endings.add(Stage.kind(e));
        }
        return endings;
    }

    /** Instantiates it with all that there is to import, and calls each of its exported functions with zeros. */
    static List<String> raw(EngineConfig config, byte[] wasm) {
        List<String> endings = new ArrayList<>();
        StoreConfig limits = StoreConfig.defaults().withFuelPerCall(5_000_000).withDeadline(Duration.ofMillis(200));
        try (Engine engine = Engine.create(config);
                Module module = Module.compile(engine, wasm);
                Linker linker = Linker.create(engine).defineWasi();
                InstancePre pre = linker.instantiatePre(module);
                Store store = Store.create(engine, limits)) {
            Instance instance = store.instantiate(pre);
            for (ExportType export : module.exports()) {
                if (export.type() instanceof FuncType type) {
                    endings.add(call(instance.func(export.name()), type));
                }
            }
        } catch (WasmException e) {
            endings.add(e.getClass().getSimpleName());
        }
        return endings;
    }

    private static String call(Func func, FuncType type) {
        try {
            func.callRaw(
                    new long[2 * Math.max(type.params().size(), type.results().size())]);
            return "returns";
        } catch (WasmException e) {
            return e instanceof io.sluice.runtime.TrapException trap
                    ? trap.kind().toString()
                    : e.getClass().getSimpleName();
        }
    }
}
