package io.sluice.bench;

import com.dylibso.chicory.wasm.Parser;
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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * wasmtime-java 0.19.0 in its best configuration: compiled once; functions, the memory and its view looked up once per
 * instance; host functions by its raw {@link Func.Handler}, which is cheaper than its typed wrappers; instantiated with
 * the list of its imports, which is cheaper than its linker.
 *
 * <p>It has no limits. Its API ties host functions to a store, so a fresh request makes a {@link Store}, the host
 * functions that the guest imports and an {@link Instance}, and gives all of them back.
 */
final class WasmtimeJavaVm implements Vm {

    private static final Val ZERO = Val.fromI32(0);

    private final Engine engine;
    private final Module module;
    private final ImportType[] imports;
    /** By the name of an exported function, whether each of its parameters is an i64. */
    private final Map<String, boolean[]> parameters;

    WasmtimeJavaVm(byte[] wasm) {
        // The engine that a new store would make for itself is another one each time; all stores share this one.
        engine = new Engine();
        module = new Module(engine, wasm);
        imports = module.imports();
        parameters = GuestTypes.longParameters(Parser.parse(wasm));
    }

    private static boolean[] longs(Val.Type[] types) {
        boolean[] longs = new boolean[types.length];
        for (int i = 0; i < types.length; i++) {
            longs[i] = types[i] == Val.Type.I64;
        }
        return longs;
    }

    @Override
    public Vm.Running instantiate(Host host) {
        Running running = new Running(host);
        Vm.start(running);
        return running;
    }

    @Override
    public void close() {
        module.close();
        engine.close();
    }

    /** A store with one instance in it. */
    private final class Running implements Vm.Running, Bytes {
        private final Store<@Nullable Void> store = new Store<>(null, engine);
        private final Deque<Disposable> owned = new ArrayDeque<>();
        private final Instance instance;
        private final Memory memory;
        private ByteBuffer view;

        Running(Host host) {
            List<Extern> externs = new ArrayList<>(imports.length);
            for (ImportType imported : imports) {
                externs.add(Extern.fromFunc(own(new Func(store, imported.func(), handler(imported, host)))));
            }
            instance = own(new Instance(store, module, externs));
            memory = own(instance.getMemory(store, "memory").orElseThrow());
            view = view();
        }

        private Func.Handler<@Nullable Void> handler(ImportType imported, Host host) {
            Import function = host.function(imported.module(), imported.name());
            boolean[] longs = longs(imported.func().getParams());
            return (caller, args, results) -> {
                long[] numbers = new long[longs.length];
                for (int i = 0; i < longs.length; i++) {
                    numbers[i] = longs[i] ? args[i].i64() : args[i].i32();
                }
                int status = function.call(this, numbers);
                if (results.length > 0) {
                    results[0] = status == 0 ? ZERO : Val.fromI32(status);
                }
            };
        }

        @Override
        public @Nullable Function find(String name) {
            boolean[] longs = parameters.get(name);
            return longs == null
                    ? null
                    : new Exported(store, own(instance.getFunc(store, name).orElseThrow()), longs);
        }

        @Override
        public Bytes memory() {
            return this;
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

        private ByteBuffer view() {
            return memory.buffer(store).order(ByteOrder.LITTLE_ENDIAN);
        }

        /** The view, made again when the guest's memory has grown beyond it. */
        private ByteBuffer view(long end) {
            if (end > view.capacity()) {
                view = view();
            }
            return view;
        }

        @Override
        public void write(int address, byte[] bytes) {
            view((long) address + bytes.length).put(address, bytes);
        }

        @Override
        public void writeInt(int address, int value) {
            view(address + 4L).putInt(address, value);
        }

        @Override
        public void writeLong(int address, long value) {
            view(address + 8L).putLong(address, value);
        }

        @Override
        public int readInt(int address) {
            return view(address + 4L).getInt(address);
        }

        @Override
        public byte[] read(int address, int length) {
            byte[] bytes = new byte[length];
            view((long) address + length).get(address, bytes);
            return bytes;
        }
    }

    private static final class Exported implements Function {
        private final Store<@Nullable Void> store;
        private final Func function;
        private final boolean[] longs;

        Exported(Store<@Nullable Void> store, Func function, boolean[] longs) {
            this.store = store;
            this.function = function;
            this.longs = longs;
        }

        @Override
        public long call() {
            return first(function.call(store));
        }

        @Override
        public long call(long a) {
            return first(function.call(store, value(0, a)));
        }

        @Override
        public long call(long a, long b) {
            return first(function.call(store, value(0, a), value(1, b)));
        }

        private Val value(int position, long value) {
            return longs[position] ? Val.fromI64(value) : Val.fromI32((int) value);
        }

        private static long first(Val[] results) {
            if (results.length == 0) {
                return 0;
            }
            return results[0].getType() == Val.Type.I64 ? results[0].i64() : results[0].i32();
        }
    }
}
