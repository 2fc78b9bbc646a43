package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkerIT {
    private static final FuncType NOTHING = FuncType.of(List.of(), List.of());

    private Engine engine;
    private Linker linker;

    @BeforeEach
    void open() {
        engine = Engine.create(Sandbox.ENGINE);
        linker = Linker.create(engine);
    }

    @AfterEach
    void close() {
        linker.close();
        engine.close();
    }

    @Test
    void everyMissingImportIsNamedWithItsType() {
        try (Module module = Module.compile(engine, Guests.wasm("host"))) {
            assertThatThrownBy(() -> linker.instantiatePre(module))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("unknown import env.unary: the module asks for func (i32) -> i32, "
                            + "the host offers nothing of that name")
                    .hasMessageContaining("env.nothing");
        }
    }

    @Test
    void anImportOfAnotherTypeIsNamedWithBothTypes() {
        linker.defineFunction("env", "nothing", TypeText.func("(i64) -> f32"), (caller, slots) -> {});
        try (Module module = Module.compile(engine, Guests.wasm("no_memory"))) {
            assertThatThrownBy(() -> linker.instantiatePre(module))
                    .isInstanceOf(LinkException.class)
                    .hasMessage(
                            "import env.nothing: the module asks for func () -> (), the host offers func (i64) -> f32");
        }
    }

    @Test
    void aNameIsDefinedOnce() {
        linker.defineFunction("env", "a", NOTHING, (caller, slots) -> {});
        assertThatThrownBy(() -> linker.defineFunction("env", "a", NOTHING, (caller, slots) -> {}))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining("define each name once, or use another linker");
        linker.defineWasi();
        assertThatThrownBy(() -> linker.defineWasi()).isInstanceOf(LinkException.class);
        linker.defineWescale();
        assertThatThrownBy(() -> linker.defineWescale()).isInstanceOf(LinkException.class);
    }

    @Test
    void definingReturnsTheLinker() {
        assertThat(linker.defineFunction("env", "a", NOTHING, (caller, slots) -> {}))
                .isSameAs(linker);
        assertThat(linker.defineWasi()).isSameAs(linker);
        assertThat(linker.defineWescale()).isSameAs(linker);
    }

    @Test
    void externrefIsNotSupportedInHostFunctions() {
        FuncType type = FuncType.of(List.of(ValueType.EXTERNREF), List.of());
        assertThatThrownBy(() -> linker.defineFunction("env", "a", type, (caller, slots) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("value type 6 is not supported in a host function");
    }

    @Test
    void aModuleOfAnotherEngineIsRefused() {
        try (Engine other = Engine.create(Sandbox.ENGINE.withInlining(false));
                Module module = Module.compile(other, Guests.wasm("empty"))) {
            assertThatThrownBy(() -> linker.instantiatePre(module))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the module belongs to another engine than the linker: use one engine for both");
        }
    }

    @Test
    void anInstancePreOfAnotherEngineIsRefused() {
        try (Engine other = Engine.create(Sandbox.ENGINE.withInlining(false));
                Module module = Module.compile(engine, Guests.wasm("empty"));
                InstancePre pre = linker.instantiatePre(module);
                Store store = Store.create(other, Sandbox.STORE)) {
            assertThatThrownBy(() -> store.instantiate(pre))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the instance-pre belongs to another engine than the store: use one engine for both");
        }
    }

    @Test
    void laterDefinitionsDoNotChangeAnInstancePre() {
        try (Module module = Module.compile(engine, Guests.wasm("no_memory"))) {
            int[] calls = new int[1];
            linker.defineFunction("env", "nothing", NOTHING, (caller, slots) -> calls[0]++);
            try (InstancePre pre = linker.instantiatePre(module);
                    Store store = Store.create(engine, Sandbox.STORE)) {
                linker.defineFunction("env", "later", NOTHING, (caller, slots) -> {});
                linker.close();
                store.instantiate(pre).func("call_nothing").callRaw();
                assertThat(calls[0]).isEqualTo(1);
            }
        }
    }

    @Test
    void useAfterCloseThrows() {
        linker.close();
        linker.close();
        assertThat(linker.isClosed()).isTrue();
        assertThatThrownBy(() -> linker.defineWasi())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("linker is closed");
        assertThatThrownBy(() -> linker.defineWescale()).hasMessage("linker is closed");
        assertThatThrownBy(() -> linker.defineFunction("env", "a", NOTHING, (caller, slots) -> {}))
                .hasMessage("linker is closed");
        try (Module module = Module.compile(engine, Guests.wasm("empty"))) {
            assertThatThrownBy(() -> linker.instantiatePre(module)).hasMessage("linker is closed");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nullIsRefusedByName() {
        HostFunction function = (caller, slots) -> {};
        assertThatThrownBy(() -> linker.defineFunction(null, "a", NOTHING, function))
                .hasMessage("module");
        assertThatThrownBy(() -> linker.defineFunction("a", null, NOTHING, function))
                .hasMessage("name");
        assertThatThrownBy(() -> linker.defineFunction("a", "a", null, function))
                .hasMessage("type");
        assertThatThrownBy(() -> linker.defineFunction("a", "a", NOTHING, null)).hasMessage("function");
        assertThatThrownBy(() -> linker.instantiatePre(null)).hasMessage("module");
    }

    @Test
    void namesMayBeAnyUnicode() {
        linker.defineFunction("模块", "函😀", TypeText.func("() -> i32"), (caller, slots) -> slots[0] = 1);
        try (Module module = Module.compile(engine, Guests.wasm("unicode"));
                InstancePre pre = linker.instantiatePre(module);
                Store store = Store.create(engine, Sandbox.STORE)) {
            Instance instance = store.instantiate(pre);
            assertThat(instance.func("grüße").callRaw()).isEqualTo(1);
            assertThat(instance.func("😀").callRaw()).isEqualTo(2);
            assertThat(instance.func("nul\0nul").callRaw()).isEqualTo(3);
            assertThat(instance.func("").callRaw()).isEqualTo(4);
            assertThat(instance.findFunc("\ud83d")).isEmpty();
            assertThat(module.imports()).containsExactly(new ImportType("模块", "函😀", TypeText.func("() -> i32")));
        }
    }
}
