package io.sluice.test.conformance;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.Func;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Instance;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Memory;
import io.sluice.runtime.Module;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.ValueType;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sluice itself. */
final class SluiceBinding implements Binding, AutoCloseable {
    /** Without a limit of fuel: {@code memory.grow} costs it for each page that is asked for, and the other has none. */
    private static final StoreConfig STORE =
            StoreConfig.defaults().unlimitedFuel().withDeadline(Duration.ofSeconds(30));

    private static final List<ValueType> NUMBERS = List.of(ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64);

    private final Engine engine = Engine.create(EngineConfig.defaults());

    @Override
    public Guest instantiate(byte[] wasm, List<Import> imports) throws Ended {
        try (Linker linker = Linker.create(engine);
                Module module = Module.compile(engine, wasm)) {
            for (Import imported : imports) {
                linker.defineFunction(
                        "env",
                        imported.name(),
                        FuncType.of(types(imported.params()), types(imported.results())),
                        (caller, slots) -> answer(imported, slots));
            }
            Store store = Store.create(engine, STORE);
            try (InstancePre pre = linker.instantiatePre(module)) {
                return new SluiceGuest(store, store.instantiate(pre));
            } catch (TrapException e) {
                store.close();
                throw new Ended(e.kind().name());
            } catch (RuntimeException | Error e) {
                store.close();
                throw e;
            }
        }
    }

    private static void answer(Import imported, long[] slots) {
        long[] arguments = new long[WasmWriter.letters(imported.params()).length()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = slots[2 * i];
        }
        long[] results = imported.code().call(arguments);
        for (int i = 0; i < results.length; i++) {
            slots[2 * i] = results[i];
        }
    }

    private static List<ValueType> types(String letters) {
        return WasmWriter.letters(letters)
                .chars()
                .mapToObj(letter -> NUMBERS.get("ilfd".indexOf(letter)))
                .toList();
    }

    @Override
    public void close() {
        engine.close();
    }

    private static final class SluiceGuest implements Guest {
        private final Store store;
        private final Instance instance;
        private final Map<String, Func> funcs = new HashMap<>();

        SluiceGuest(Store store, Instance instance) {
            this.store = store;
            this.instance = instance;
        }

        @Override
        public long[] call(String export, String params, String results, long... arguments) throws Ended {
            Func func = funcs.computeIfAbsent(export, instance::func);
            int count = WasmWriter.letters(results).length();
            try {
                if (count > 1 || arguments.length > 4) {
                    return callWithSlots(func, count, arguments);
                }
                long result = switch (arguments.length) {
                    case 0 -> func.callRaw();
                    case 1 -> func.callRaw(arguments[0]);
                    case 2 -> func.callRaw(arguments[0], arguments[1]);
                    case 3 -> func.callRaw(arguments[0], arguments[1], arguments[2]);
                    default -> func.callRaw(arguments[0], arguments[1], arguments[2], arguments[3]);
                };
                return count == 0 ? new long[0] : new long[] {result};
            } catch (TrapException e) {
                throw new Ended(e.kind().name());
            } catch (PeerCases.HostThrew e) {
                throw new Ended("host threw");
            }
        }

        private static long[] callWithSlots(Func func, int count, long[] arguments) {
            long[] slots = new long[2 * Math.max(count, arguments.length)];
            for (int i = 0; i < arguments.length; i++) {
                slots[2 * i] = arguments[i];
            }
            func.callRaw(slots);
            long[] results = new long[count];
            for (int i = 0; i < count; i++) {
                results[i] = slots[2 * i];
            }
            return results;
        }

        private Memory memory() {
            return instance.memory("memory");
        }

        @Override
        public byte[] memory(int offset, int length) {
            byte[] bytes = new byte[length];
            memory().read(offset, bytes, 0, length);
            return bytes;
        }

        @Override
        public void write(int offset, byte[] bytes) {
            memory().write(offset, bytes, 0, bytes.length);
        }

        @Override
        public long memoryByteSize() {
            return memory().byteSize();
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
