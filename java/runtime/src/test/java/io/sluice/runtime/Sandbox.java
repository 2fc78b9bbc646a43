package io.sluice.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** An engine, and what a test makes of one guest; closes all of it. */
final class Sandbox implements AutoCloseable {
    /** Few instances, so that the engines of all tests together do not reserve too much address space. */
    static final EngineConfig ENGINE = EngineConfig.defaults().withMaxInstances(100);

    /** As in production, but a slow test machine does not end a call. */
    static final StoreConfig STORE = StoreConfig.defaults().withDeadline(java.time.Duration.ofSeconds(30));

    final Engine engine;
    final Linker linker;
    final Module module;
    final InstancePre pre;
    final Store store;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private Sandbox(EngineConfig engineConfig, String guest, StoreConfig config, Consumer<Linker> define) {
        try {
            engine = keep(Engine.create(engineConfig));
            linker = keep(Linker.create(engine));
            define.accept(linker);
            module = keep(Module.compile(engine, Guests.wasm(guest)));
            pre = keep(linker.instantiatePre(module));
            store = keep(Store.create(engine, config));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    static Sandbox of(String guest) {
        return of(guest, STORE);
    }

    static Sandbox of(String guest, StoreConfig config) {
        return of(guest, config, linker -> {});
    }

    static Sandbox of(String guest, StoreConfig config, Consumer<Linker> define) {
        return new Sandbox(ENGINE, guest, config, define);
    }

    static Sandbox of(EngineConfig engineConfig, String guest, StoreConfig config) {
        return new Sandbox(engineConfig, guest, config, linker -> {});
    }

    /** A guest {@code host} whose imported funcs are these. */
    static Sandbox host(HostFunction unary) {
        return of("host", STORE, linker -> defineHost(linker, unary));
    }

    static void defineHost(Linker linker, HostFunction unary) {
        linker.defineFunction("env", "unary", TypeText.func("(i32) -> i32"), unary)
                .defineFunction("env", "mixed", TypeText.func("(i32, i64, f32, f64) -> f64"), (caller, slots) -> {
                    double sum = (int) slots[0]
                            + slots[2]
                            + Float.intBitsToFloat((int) slots[4])
                            + Double.longBitsToDouble(slots[6]);
                    slots[0] = Double.doubleToRawLongBits(sum);
                })
                .defineFunction("env", "pair", TypeText.func("(i32) -> (i64, i32)"), (caller, slots) -> {
                    long value = slots[0];
                    slots[0] = value + 1;
                    slots[2] = value + 2;
                })
                .defineFunction("env", "nothing", TypeText.func("() -> ()"), unary);
    }

    <T extends AutoCloseable> T keep(T object) {
        open.push(object);
        return object;
    }

    Instance instance() {
        return store.instantiate(pre);
    }

    Func func(String name) {
        return instance().func(name);
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
