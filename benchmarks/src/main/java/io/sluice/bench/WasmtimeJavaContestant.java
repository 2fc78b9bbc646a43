package io.sluice.bench;

import io.github.kawamuray.wasmtime.Disposable;
import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.ImportType;
import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.Val;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * wasmtime-java 0.19.0 in its best configuration: compiled once; functions, the memory and its view looked up once per
 * instance; host functions by its raw {@link Func.Handler}, which is cheaper than its typed wrappers; instantiated with
 * the list of its imports, which is cheaper than its linker.
 *
 * <p>It has no limits. Its API ties host functions to a store, so a fresh request makes a {@link Store}, the host
 * functions that the guest imports and an {@link Instance}, and gives all of them back.
 */
final class WasmtimeJavaContestant implements Contestant {

    private static final Val STATUS_OK = Val.fromI32(Wescale.OK);
    private static final Val STATUS_BAD_ARGUMENT = Val.fromI32(Wescale.BAD_ARGUMENT);
    private static final Val CONTEXT = Val.fromI64(Wescale.CONTEXT);
    private static final byte[] NOTHING = {};

    private final Engine engine;
    private final Module module;
    private final ImportType[] imports;
    private final @Nullable Running reused;

    private WasmtimeJavaContestant(InstanceUse use) {
        // The engine that a new store would make for itself is another one each time; all stores share this one.
        engine = new Engine();
        module = new Module(engine, Guest.rejectWithoutWhere());
        imports = module.imports();
        reused = use == InstanceUse.REUSED ? new Running() : null;
    }

    static Contestant reused() {
        return new WasmtimeJavaContestant(InstanceUse.REUSED);
    }

    static Contestant fresh() {
        return new WasmtimeJavaContestant(InstanceUse.FRESH);
    }

    @Override
    public byte @Nullable [] before(byte[] query) {
        if (reused != null) {
            return reused.run(query);
        }
        try (Running running = new Running()) {
            return running.run(query);
        }
    }

    @Override
    public void close() {
        if (reused != null) {
            reused.close();
        }
        module.close();
        engine.close();
    }

    /** A store with one instance in it, and what its host functions work on. */
    private final class Running implements AutoCloseable {
        private final Store<@Nullable Void> store = new Store<>(null, engine);
        private final Deque<Disposable> owned = new ArrayDeque<>();
        private final Func entry;
        private final Func malloc;
        private final Memory memory;
        private ByteBuffer view;
        private byte[] query = NOTHING;
        private byte @Nullable [] error;

        Running() {
            List<Extern> externs = new ArrayList<>(imports.length);
            for (ImportType imported : imports) {
                externs.add(Extern.fromFunc(own(new Func(store, imported.func(), handler(imported)))));
            }
            Instance instance = own(new Instance(store, module, externs));
            entry = own(instance.getFunc(store, Guest.BEFORE).orElseThrow());
            malloc = own(instance.getFunc(store, Guest.MALLOC).orElseThrow());
            memory = own(instance.getMemory(store, "memory").orElseThrow());
            view = view();
        }

        byte @Nullable [] run(byte[] query) {
            this.query = query;
            error = null;
            entry.call(store, CONTEXT);
            return error;
        }

        @Override
        public void close() {
            while (!owned.isEmpty()) {
                owned.pop().close();
            }
            store.close();
        }

        private <D extends Disposable> D own(D disposable) {
            owned.push(disposable);
            return disposable;
        }

        private Func.Handler<@Nullable Void> handler(ImportType imported) {
            return switch (imported.name()) {
                case "GetQueryOnHost" -> (caller, args, results) -> results[0] = give(query, args);
                case "GetErrorMessageOnHost" ->
                    (caller, args, results) -> results[0] = give(error == null ? NOTHING : error, args);
                case "SetErrorMessageOnHost" ->
                    (caller, args, results) -> {
                        byte[] message = new byte[args[2].i32()];
                        view.get(args[1].i32(), message);
                        error = message;
                        results[0] = STATUS_OK;
                    };
                default ->
                    throw new IllegalStateException("guest imports " + imported.module() + "." + imported.name()
                            + ", which no rival's host defines");
            };
        }

        private Val give(byte[] value, Val[] args) {
            if (value.length == 0) {
                return STATUS_BAD_ARGUMENT;
            }
            int address = malloc.call(store, Val.fromI32(value.length))[0].i32();
            if (address + value.length > view.capacity()) {
                view = view();
            }
            view.put(address, value);
            view.putInt(args[1].i32(), address);
            view.putInt(args[2].i32(), value.length);
            return STATUS_OK;
        }

        private ByteBuffer view() {
            return memory.buffer(store).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
