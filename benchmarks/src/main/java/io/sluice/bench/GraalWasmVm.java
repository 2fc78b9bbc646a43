package io.sluice.bench;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.jspecify.annotations.Nullable;

/**
 * GraalWasm 25.0.2: one engine, one context, parsed once; functions and the memory looked up once per instance; a fresh request
 * instantiates the parsed module in the same context.
 *
 * <p>With the Graal compiler it needs JVM options ({@link Contestants#jvmArgs}); without them, or with a compiler that does not fit the
 * JDK, GraalWasm silently interprets, so the contestant that is to be compiled asks the engine what it is.
 */
final class GraalWasmVm implements Vm {

    private final Engine engine;
    private final Context context;
    private final Value module;
    private final List<String> imports = new ArrayList<>();
    /** By the name of an exported function, whether each of its parameters is an i64. */
    private final Map<String, boolean[]> parameters;

    private GraalWasmVm(byte[] wasm, boolean compiled) {
        engine = Engine.newBuilder("wasm")
                .option("engine.WarnInterpreterOnly", "false")
                .build();
        String implementation = engine.getImplementationName();
        boolean interprets = implementation.contains("Interpreted");
        if (compiled == interprets) {
            engine.close();
            throw new IllegalStateException("GraalWasm runs on the engine \"" + implementation + "\", which "
                    + (interprets
                            ? "only interprets: the Graal compiler was not found or does not fit this JDK"
                            : "compiles: leave out the Graal compiler"));
        }
        context = Context.newBuilder("wasm").engine(engine).build();
        module = context.eval(
                Source.newBuilder("wasm", ByteSequence.create(wasm), "guest").buildLiteral());
        WasmModule parsed = Parser.parse(wasm);
        for (int i = 0; i < parsed.importSection().importCount(); i++) {
            if (parsed.importSection().getImport(i) instanceof FunctionImport imported) {
                imports.add(imported.module() + '.' + imported.name());
            }
        }
        parameters = GuestTypes.longParameters(parsed);
    }

    static Vm compiled(byte[] wasm) {
        return new GraalWasmVm(wasm, true);
    }

    static Vm interpreted(byte[] wasm) {
        return new GraalWasmVm(wasm, false);
    }

    @Override
    public Vm.Running instantiate(Host host) {
        Running running = new Running(parameters);
        Map<String, Map<String, Object>> members = new TreeMap<>();
        for (String path : imports) {
            String imported = path.substring(0, path.indexOf('.'));
            String name = path.substring(path.indexOf('.') + 1);
            Import function = host.function(imported, name);
            ProxyExecutable executable = arguments -> {
                long[] numbers = new long[arguments.length];
                for (int i = 0; i < arguments.length; i++) {
                    numbers[i] = arguments[i].asLong();
                }
                return function.call(running, numbers);
            };
            members.computeIfAbsent(imported, key -> new TreeMap<>()).put(name, executable);
        }
        Map<String, Object> proxies = new TreeMap<>();
        members.forEach((name, functions) -> proxies.put(name, ProxyObject.fromMap(functions)));
        Value instance = module.newInstance(ProxyObject.fromMap(proxies));
        running.exports = instance.getMember("exports");
        running.memory = running.exports().getMember("memory");
        Vm.start(running);
        return running;
    }

    @Override
    public void close() {
        context.close(true);
        engine.close();
    }

    private static final class Running implements Vm.Running, Bytes {
        private final Map<String, boolean[]> parameters;
        private @Nullable Value exports;
        private @Nullable Value memory;

        Running(Map<String, boolean[]> parameters) {
            this.parameters = parameters;
        }

        private Value exports() {
            if (exports == null) {
                throw new IllegalStateException("the instance is not made yet");
            }
            return exports;
        }

        private Value bytes() {
            if (memory == null) {
                throw new IllegalStateException("the guest exports no memory");
            }
            return memory;
        }

        @Override
        public @Nullable Function find(String name) {
            boolean[] longs = parameters.get(name);
            return longs == null ? null : new Exported(exports().getMember(name), longs);
        }

        @Override
        public Bytes memory() {
            return this;
        }

        @Override
        public void close() {}

        /** There is no way to write an array at once: eight bytes at a time. */
        @Override
        public void write(int address, byte[] bytes) {
            Value target = bytes();
            int i = 0;
            for (; i + 8 <= bytes.length; i += 8) {
                target.writeBufferLong(ByteOrder.LITTLE_ENDIAN, address + i, longAt(bytes, i));
            }
            for (; i < bytes.length; i++) {
                target.writeBufferByte(address + i, bytes[i]);
            }
        }

        private static long longAt(byte[] bytes, int at) {
            long value = 0;
            for (int i = 7; i >= 0; i--) {
                value = (value << 8) | (bytes[at + i] & 0xff);
            }
            return value;
        }

        @Override
        public void writeInt(int address, int value) {
            bytes().writeBufferInt(ByteOrder.LITTLE_ENDIAN, address, value);
        }

        @Override
        public void writeLong(int address, long value) {
            bytes().writeBufferLong(ByteOrder.LITTLE_ENDIAN, address, value);
        }

        @Override
        public int readInt(int address) {
            return bytes().readBufferInt(ByteOrder.LITTLE_ENDIAN, address);
        }

        @Override
        public byte[] read(int address, int length) {
            byte[] bytes = new byte[length];
            bytes().readBuffer(address, bytes, 0, length);
            return bytes;
        }
    }

    private static final class Exported implements Function {
        private final Value function;
        private final boolean[] longs;

        Exported(Value function, boolean[] longs) {
            this.function = function;
            this.longs = longs;
        }

        @Override
        public long call() {
            return number(function.execute());
        }

        @Override
        public long call(long a) {
            return number(function.execute(argument(0, a)));
        }

        @Override
        public long call(long a, long b) {
            return number(function.execute(argument(0, a), argument(1, b)));
        }

        private Object argument(int position, long value) {
            return longs[position] ? (Object) value : (Object) (int) value;
        }

        private static long number(Value result) {
            return result.fitsInLong() ? result.asLong() : 0;
        }
    }
}
