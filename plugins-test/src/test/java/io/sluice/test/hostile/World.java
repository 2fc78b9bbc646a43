package io.sluice.test.hostile;

import static io.sluice.test.hostile.Wasm.bytes;
import static io.sluice.test.hostile.Wasm.funcType;
import static io.sluice.test.hostile.Wasm.i32Const;
import static io.sluice.test.hostile.Wasm.join;
import static io.sluice.test.hostile.Wasm.leb;
import static io.sluice.test.hostile.Wasm.section;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.Func;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Global;
import io.sluice.runtime.HostFunction;
import io.sluice.runtime.Instance;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Memory;
import io.sluice.runtime.MemoryBudget;
import io.sluice.runtime.Module;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.Table;
import io.sluice.runtime.ValueType;
import io.sluice.runtime.abi.SharedLimits;
import io.sluice.runtime.abi.SharedScope;
import io.sluice.runtime.abi.WescaleConfig;
import io.sluice.runtime.abi.WescaleInstance;
import java.util.List;

/** One of everything that the runtime's API can name. The guest's {@code run} calls the host function, none of its functions loops. */
final class World implements AutoCloseable {
    /** {@code call: (i32) -> i32} imported; {@code run}, {@code twice}, a memory, a table, a global. */
    static final byte[] GUEST = guest();

    static final FuncType CALL_TYPE = FuncType.of(List.of(ValueType.I32), List.of(ValueType.I32));

    private static final EngineConfig CONFIG =
            EngineConfig.defaults().withMaxInstances(16).withMaxMemoryBytes(1 << 20);

    final Engine engine = Engine.create(CONFIG);
    final Module module = Module.compile(engine, GUEST);
    final Linker linker = Linker.create(engine);
    final InstancePre pre;
    final MemoryBudget budget = MemoryBudget.of(64 << 20);
    final Store store;
    final Instance instance;
    final Func run;
    final Func twice;
    final Memory memory;
    final Table table;
    final Global global;
    final SharedScope scope = SharedScope.create(SharedLimits.defaults());
    final Module plugin;
    final Linker pluginLinker;
    final InstancePre pluginPre;
    final WescaleInstance wescale;

    World(HostFunction function) {
        linker.defineFunction("env", "call", CALL_TYPE, function);
        pre = linker.instantiatePre(module);
        store = Store.create(engine, StoreConfig.defaults().withMemoryBudget(budget));
        instance = store.instantiate(pre);
        run = instance.func("run");
        twice = instance.func("twice");
        memory = instance.memory("memory");
        table = instance.table("table");
        global = instance.global("global");
        plugin = Module.compile(engine, Guests.bytes("c/echo_query"));
        pluginLinker = Linker.create(engine).defineWasi().defineWescale();
        pluginPre = pluginLinker.instantiatePre(plugin);
        wescale = WescaleInstance.create(pluginPre, WescaleConfig.defaults().withScopes(scope, scope));
    }

    /** A world whose host function adds one. */
    static World plain() {
        return new World((caller, slots) -> slots[0]++);
    }

    @Override
    public void close() {
        wescale.close();
        pluginPre.close();
        pluginLinker.close();
        plugin.close();
        scope.close();
        store.close();
        budget.close();
        pre.close();
        linker.close();
        module.close();
        engine.close();
    }

    private static byte[] guest() {
        byte[] exports = join(
                leb(5),
                Wasm.exportFunc("run", 1),
                Wasm.exportFunc("twice", 2),
                join(Wasm.name("memory"), bytes(2, 0)),
                join(Wasm.name("table"), bytes(1, 0)),
                join(Wasm.name("global"), bytes(3, 0)));
        return Wasm.module(
                section(1, leb(1), funcType("i", "i")),
                section(2, leb(1), Wasm.importFunc("env", "call", 0)),
                section(3, leb(2), leb(0), leb(0)),
                section(4, leb(1), bytes(Wasm.FUNCREF, 1, 10, 20)),
                section(5, leb(1), bytes(1, 1, 4)),
                section(6, leb(1), bytes(Wasm.I32, 1), i32Const(7), bytes(Wasm.END)),
                section(7, exports),
                section(9, leb(1), bytes(0), i32Const(0), bytes(Wasm.END), leb(2), leb(1), leb(2)),
                section(
                        10,
                        leb(2),
                        Wasm.body(leb(0), bytes(0x20, 0, 0x10, 0)),
                        Wasm.body(leb(0), bytes(0x20, 0, 0x20, 0, 0x6a))));
    }
}
