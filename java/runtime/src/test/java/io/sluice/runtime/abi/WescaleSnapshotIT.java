package io.sluice.runtime.abi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.ExportType;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Guests;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.LinkException;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.StoreConfig;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WescaleSnapshotIT {
    private static final WescaleConfig CONFIG = WescaleConfig.defaults();

    private Engine engine;
    private Linker linker;

    @BeforeEach
    void open() {
        engine = Engine.create(EngineConfig.defaults().withMaxInstances(10));
        linker = Linker.create(engine).defineWasi().defineWescale();
    }

    @AfterEach
    void close() {
        linker.close();
        engine.close();
    }

    private WescaleSnapshot take(String guest) {
        byte[] wasm = Guests.wasm(guest);
        try (Module module = Module.compile(engine, wasm);
                InstancePre quick = linker.instantiatePre(module)) {
            return WescaleSnapshot.take(engine, wasm, quick, CONFIG);
        }
    }

    private static String errorBefore(WescaleInstance instance) {
        byte[] query = "select 1".getBytes(UTF_8);
        instance.before(query, 0, query.length, true);
        return instance.errorText();
    }

    @Test
    void snapshotBeginsAfterStartAndWarmUpAndRestoresEachInstance() {
        WescaleSnapshot snapshot = take("wescale_snapshot");
        assertThat(snapshot.reason()).isEqualTo("snapshotted after start and sluice_warm_up");
        try (Module module = Objects.requireNonNull(snapshot.module());
                InstancePre pre = linker.instantiatePre(module);
                WescaleInstance instance = WescaleInstance.create(pre, CONFIG)) {
            assertThat(errorBefore(instance)).isEqualTo("111");
            assertThat(errorBefore(instance)).isEqualTo("111");
            assertThat(module.exports())
                    .extracting(ExportType::name)
                    .doesNotContain("_initialize")
                    .noneMatch(name -> name.startsWith("sluice:"));
        }
    }

    @Test
    void pluginThatIsNoSnapshotStartsEachInstanceAndRestoresNone() {
        try (Module module = Module.compile(engine, Guests.wasm("wescale_snapshot"));
                InstancePre pre = linker.instantiatePre(module);
                WescaleInstance instance = WescaleInstance.create(pre, CONFIG)) {
            assertThat(errorBefore(instance)).isEqualTo("100");
        }
    }

    @Test
    void snapshotIsKeptInFilesAsAnyModule() {
        try (Module module = Objects.requireNonNull(take("wescale_snapshot").module());
                Module loaded = Module.deserializeTrusted(engine, module.serialize());
                InstancePre pre = linker.instantiatePre(loaded);
                WescaleInstance instance = WescaleInstance.create(pre, CONFIG)) {
            assertThat(errorBefore(instance)).isEqualTo("111");
        }
    }

    @Test
    void whatIsWrongWithThePluginIsTheReason() {
        WescaleSnapshot failed = take("wescale_start_trap");
        assertThat(failed.module()).isNull();
        assertThat(failed.reason())
                .startsWith("not snapshotted: start failed: at start: trap: unreachable instruction executed, in ");
        byte[] wasm = Guests.wasm("wescale_start_trap");
        try (Module other = Module.compile(engine, Guests.wasm("wescale_snapshot"));
                InstancePre quick = linker.instantiatePre(other)) {
            assertThat(WescaleSnapshot.take(engine, new byte[] {1, 2, 3}, quick, CONFIG)
                            .reason())
                    .isEqualTo("not snapshotted: not a WebAssembly module: it must begin with the bytes 00 61 73 6d,"
                            + " found 01 02 03");
            // What was made of other bytes is no help, and does no harm.
            assertThat(WescaleSnapshot.take(engine, wasm, quick, CONFIG).toString())
                    .startsWith("WescaleSnapshot[not snapshotted: start failed: at start: trap: unreachable");
        }
    }

    @Test
    void pluginThatImportsMoreThanTheAbiIsNotSnapshotted() {
        try (Linker more = Linker.create(engine)
                .defineWasi()
                .defineWescale()
                .defineFunction("test", "hook", FuncType.of(List.of(), List.of()), (caller, slots) -> {})) {
            linker.close();
            linker = more;
            assertThat(take("wescale").reason())
                    .startsWith("not snapshotted: it could not be linked: ")
                    .contains("test::hook");
        }
    }

    @Test
    void functionOfAnotherTypeUnderOneOfOurNamesIsRefused() {
        try (Module module = Module.compile(engine, Guests.wasm("wescale_odd_names"));
                InstancePre pre = linker.instantiatePre(module)) {
            assertThatThrownBy(() -> WescaleInstance.create(pre, CONFIG))
                    .isInstanceOf(LinkException.class)
                    .hasMessage("export sluice_warm_up: expected func () -> (), found func (i32) -> ();"
                            + " export sluice_after_restore: expected func () -> (), found func () -> i32");
        }
    }

    @Test
    void whatIsClosedIsRefused() {
        byte[] wasm = Guests.wasm("wescale_snapshot");
        try (Module module = Module.compile(engine, wasm)) {
            InstancePre quick = linker.instantiatePre(module);
            quick.close();
            assertThatThrownBy(() -> WescaleSnapshot.take(engine, wasm, quick, CONFIG))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("instance-pre is closed");
        }
    }

    @Test
    void inputsAreAllThatASnapshotDependsOn() {
        String inputs = WescaleSnapshot.inputs(CONFIG);
        assertThat(WescaleSnapshot.inputs(WescaleConfig.defaults())).isEqualTo(inputs);
        StoreConfig store = StoreConfig.defaults();
        List<WescaleConfig> others = List.of(
                CONFIG.withConfiguration("{}"),
                CONFIG.withGrants(1),
                CONFIG.withSnapshotDespiteRandomness(true),
                CONFIG.withStoreConfig(store.withArguments(List.of("a", "b"))),
                CONFIG.withStoreConfig(store.withArguments(List.of("a1:b"))),
                CONFIG.withStoreConfig(store.withEnvironment(Map.of("a", "b"))),
                CONFIG.withStoreConfig(store.withMaxMemoryBytes(1 << 20)));
        assertThat(others)
                .extracting(WescaleSnapshot::inputs)
                .doesNotHaveDuplicates()
                .doesNotContain(inputs);
    }
}
