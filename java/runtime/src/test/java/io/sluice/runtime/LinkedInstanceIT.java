package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.abi.WescaleConfig;
import io.sluice.runtime.abi.WescaleInstance;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Instances that import from instances. */
class LinkedInstanceIT {
    private Engine engine;
    private Store store;

    @BeforeEach
    void open() {
        engine = Engine.create(Sandbox.ENGINE);
        store = Store.create(engine, Sandbox.STORE);
    }

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private Instance instance(Store in, String guest) {
        try (Linker linker = Linker.create(engine)) {
            return instance(in, linker, guest);
        }
    }

    private Instance instance(Store in, Linker linker, String guest) {
        try (Module module = Module.compile(engine, Guests.wasm(guest));
                InstancePre pre = linker.instantiatePre(module)) {
            return in.instantiate(pre);
        }
    }

    @Test
    void funcsTablesGlobalsAndMemoriesAreShared() {
        try (Linker linker = Linker.create(engine)) {
            Instance tables = instance(store, "tables");
            Instance globals = instance(store, "globals");
            Instance memory = instance(store, "memory");
            assertThat(linker.defineInstance("tables", tables)
                            .defineInstance("globals", globals)
                            .defineInstance("memory", memory))
                    .isSameAs(linker);
            Instance user = instance(store, linker, "imports");
            assertThat(user.func("one").callRaw()).isEqualTo(1);
            assertThat(user.func("call").callRaw(1)).isEqualTo(2);
            tables.table("table").set(1, tables.func("one"));
            assertThat(user.func("call").callRaw(1)).isEqualTo(1);
            user.func("set_i32").callRaw(-7);
            assertThat(globals.global("i32").get()).isEqualTo(Value.i32(-7));
            memory.memory("memory").writeInt(100, 4711);
            assertThat(user.func("load").callRaw(100)).isEqualTo(4711);
            assertThat(user.func("grow").callRaw(1)).isEqualTo(1);
            assertThat(memory.memory("memory").byteSize()).isEqualTo(2 << 16);
        }
    }

    @Test
    void anInstancePreIsGoodInItsInstancesStoreOnly() {
        try (Linker linker = Linker.create(engine);
                Store other = Store.create(engine, Sandbox.STORE)) {
            linker.defineInstance("memory", instance(store, "memory"));
            instance(other, linker, "empty");
            linker.defineInstance("tables", instance(store, "tables"))
                    .defineInstance("globals", instance(store, "globals"));
            assertThatThrownBy(() -> instance(other, linker, "imports"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the instance-pre imports from an instance of another store: instantiate it in that store");
            store.close();
            assertThatThrownBy(() -> instance(other, linker, "imports"))
                    .hasMessage(
                            "the instance-pre imports from an instance of another store: instantiate it in that store");
            assertThatThrownBy(() -> instance(store, linker, "imports")).hasMessage("store is closed");
        }
    }

    @Test
    void aSqlPluginHasAStoreOfItsOwn() {
        try (Linker linker = Linker.create(engine)) {
            linker.defineInstance("memory", instance(store, "memory"));
            try (Module module = Module.compile(engine, Guests.wasm("wescale_imports"));
                    InstancePre pre = linker.instantiatePre(module);
                    WescaleInstance plugin = WescaleInstance.create(pre, WescaleConfig.defaults())) {
                assertThatThrownBy(plugin::start)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("the instance-pre imports from an instance of another store");
            }
        }
    }

    @Test
    void aLinkerOffersInstancesOfOneStoreOnly() {
        try (Linker linker = Linker.create(engine);
                Store other = Store.create(engine, Sandbox.STORE)) {
            linker.defineInstance("memory", instance(store, "memory"));
            Instance foreign = instance(other, "tables");
            assertThatThrownBy(() -> linker.defineInstance("tables", foreign))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the linker offers instances of another store: use a linker for each store");
        }
    }

    @Test
    void anInstanceOfAnotherEngineIsRefused() {
        try (Engine strange = Engine.create(Sandbox.ENGINE.withInlining(false));
                Linker linker = Linker.create(strange)) {
            Instance memory = instance(store, "memory");
            assertThatThrownBy(() -> linker.defineInstance("memory", memory))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the instance belongs to another engine than the linker: use one engine for both");
        }
    }

    @Test
    void aTakenNameLeavesTheLinkerAsItWas() {
        try (Linker linker = Linker.create(engine)) {
            linker.defineFunction("memory", "load", TypeText.func("() -> ()"), (caller, slots) -> {});
            Instance memory = instance(store, "memory");
            assertThatThrownBy(() -> linker.defineInstance("memory", memory))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("define each name once, or use another linker");
            assertThatThrownBy(() -> instance(store, linker, "imports_large"))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("unknown import memory.memory");
            linker.defineInstance("other", memory);
        }
    }

    @Test
    void aMemoryIsOfferedWithTheSizeThatItHas() {
        Instance memory = instance(store, "memory");
        try (Linker linker = Linker.create(engine)) {
            linker.defineInstance("memory", memory);
            assertThatThrownBy(() -> instance(store, linker, "imports_large"))
                    .isInstanceOf(LinkException.class)
                    .hasMessage("import memory.memory: the module asks for memory 2 3, the host offers memory 1 3");
        }
        memory.memory("memory").grow(1);
        try (Linker linker = Linker.create(engine)) {
            linker.defineInstance("memory", memory);
            assertThat(instance(store, linker, "imports_large").func("size").callRaw())
                    .isEqualTo(2);
        }
    }

    @Test
    void aBusyStoreIsRefused() {
        try (Linker linker = Linker.create(engine);
                Linker second = Linker.create(engine)) {
            Instance[] self = new Instance[1];
            Sandbox.defineHost(
                    linker, (caller, slots) -> second.defineInstance("self", Objects.requireNonNull(self[0])));
            self[0] = instance(store, linker, "host");
            Func call = self[0].func("call_nothing");
            assertThatThrownBy(call::callRaw)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("store is busy with a call on this thread");
        }
    }

    @Test
    void closedAndNullAreRefused() {
        Instance memory = instance(store, "memory");
        Linker linker = Linker.create(engine);
        assertNullIsRefused(linker, memory);
        linker.close();
        assertThatThrownBy(() -> linker.defineInstance("memory", memory)).hasMessage("linker is closed");
        store.close();
        try (Linker open = Linker.create(engine)) {
            assertThatThrownBy(() -> open.defineInstance("memory", memory)).hasMessage("store is closed");
        }
    }

    @SuppressWarnings("NullAway") // null is what is tested
    private static void assertNullIsRefused(Linker linker, Instance memory) {
        assertThatThrownBy(() -> linker.defineInstance(null, memory)).hasMessage("module");
        assertThatThrownBy(() -> linker.defineInstance("memory", null)).hasMessage("instance");
    }
}
