package io.sluice.test.conformance;

import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.FuncType;
import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.Trap;
import io.github.kawamuray.wasmtime.Val;
import io.github.kawamuray.wasmtime.WasmFunctionError;
import io.github.kawamuray.wasmtime.WasmtimeException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Another binding, with a Wasmtime of its own. Its handles are not freed with what they belong to, so each export is looked up once.
 * Only for a JVM without Sluice's library: both handle the same signals.
 */
final class OtherBinding implements Binding {
    private static final Val.Type[] TYPES = {Val.Type.I32, Val.Type.I64, Val.Type.F32, Val.Type.F64};

    private final Engine engine = new Engine();

    @Override
    public Guest instantiate(byte[] wasm, List<Import> imports) throws Ended {
        Store<Void> store = new Store<>(null, engine);
        List<Extern> externs = imports.stream()
                .map(imported -> Extern.fromFunc(new Func(
                        store,
                        new FuncType(types(imported.params()), types(imported.results())),
                        (caller, values, results) -> answer(imported, values, results))))
                .toList();
        try (Module module = new Module(engine, wasm)) {
            return new OtherGuest(store, new Instance(store, module, externs));
        } catch (WasmtimeException | WasmFunctionError e) {
            throw ended(e);
        }
    }

    private static void answer(Import imported, Val[] values, Val[] results) {
        long[] arguments = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            arguments[i] = bits(values[i]);
        }
        long[] answers = imported.code().call(arguments);
        for (int i = 0; i < answers.length; i++) {
            results[i] = value(imported.results().charAt(i), answers[i]);
        }
    }

    static Val.Type[] types(String letters) {
        return WasmWriter.letters(letters)
                .chars()
                .mapToObj(letter -> TYPES["ilfd".indexOf(letter)])
                .toArray(Val.Type[]::new);
    }

    private static long bits(Val value) {
        return switch (value.getType()) {
            case I32 -> value.i32();
            case I64 -> value.i64();
            case F32 -> Float.floatToRawIntBits(value.f32());
            case F64 -> Double.doubleToRawLongBits(value.f64());
            default -> throw new IllegalArgumentException("not a number: " + value);
        };
    }

    private static Val value(char type, long bits) {
        return switch (type) {
            case 'i' -> Val.fromI32((int) bits);
            case 'l' -> Val.fromI64(bits);
            case 'f' -> Val.fromF32(Float.intBitsToFloat((int) bits));
            default -> Val.fromF64(Double.longBitsToDouble(bits));
        };
    }

    /** How a call ended, in Sluice's words. */
    static Ended ended(RuntimeException error) {
        if (error instanceof WasmFunctionError.TrapError trapped) {
            return new Ended(
                    trapped.trap() == Trap.UNREACHABLE_CODE_REACHED
                            ? "UNREACHABLE"
                            : trapped.trap().name());
        }
        // Nothing else ends a call of these modules; what was thrown is lost on the way.
        return new Ended("host threw");
    }

    private static final class OtherGuest implements Guest {
        private final Store<Void> store;
        private final Instance instance;
        private final Map<String, Func> funcs = new HashMap<>();
        private final Map<String, Memory> memories = new HashMap<>();

        OtherGuest(Store<Void> store, Instance instance) {
            this.store = store;
            this.instance = instance;
        }

        @Override
        public long[] call(String export, String params, String results, long... arguments) throws Ended {
            Func func = funcs.computeIfAbsent(
                    export, name -> instance.getFunc(store, name).orElseThrow());
            Val[] values = new Val[arguments.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(params.charAt(i), arguments[i]);
            }
            try {
                Val[] found = func.call(store, values);
                long[] bits = new long[found.length];
                for (int i = 0; i < bits.length; i++) {
                    bits[i] = bits(found[i]);
                }
                return bits;
            } catch (WasmtimeException | WasmFunctionError e) {
                throw ended(e);
            }
        }

        private ByteBuffer buffer() {
            return memories.computeIfAbsent(
                            "memory", name -> instance.getMemory(store, name).orElseThrow())
                    .buffer(store);
        }

        @Override
        public byte[] memory(int offset, int length) {
            byte[] bytes = new byte[length];
            buffer().get(offset, bytes);
            return bytes;
        }

        @Override
        public void write(int offset, byte[] bytes) {
            buffer().put(offset, bytes);
        }

        @Override
        public long memoryByteSize() {
            return buffer().capacity();
        }

        @Override
        public void close() {
            store.dispose();
        }
    }
}
