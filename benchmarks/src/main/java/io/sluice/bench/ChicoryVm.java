package io.sluice.bench;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chicory, with its compiler to JVM bytecode or its interpreter: parsed and compiled once and the machine factory reused, {@link
 * ByteArrayMemory}, exports looked up once per instance, only the imported functions defined.
 *
 * <p>It has no limits: neither fuel nor a deadline, and by itself no memory cap. A cap halves the price of a fresh instance, because
 * without it each gets a page table for 2 GiB.
 */
final class ChicoryVm implements Vm {

    private static final int MAX_PAGES = 64 * 1024 * 1024 / Memory.PAGE_SIZE;
    private static final long[] NOTHING = {};

    private final WasmModule module;
    private final java.util.function.Function<Instance, Machine> machines;
    private final @Nullable MemoryLimits memoryLimits;

    private ChicoryVm(byte[] wasm, boolean compiled, boolean capped) {
        module = Parser.parse(wasm);
        machines = compiled ? MachineFactoryCompiler.compile(module) : InterpreterMachine::new;
        memoryLimits = capped ? cappedLimits() : null;
    }

    static Vm compiled(byte[] wasm) {
        return new ChicoryVm(wasm, true, false);
    }

    static Vm compiledAndCapped(byte[] wasm) {
        return new ChicoryVm(wasm, true, true);
    }

    static Vm interpreted(byte[] wasm) {
        return new ChicoryVm(wasm, false, false);
    }

    @Override
    public Vm.Running instantiate(Host host) {
        Running running = new Running();
        Instance.Builder builder = Instance.builder(module)
                .withImportValues(imports(host, running))
                .withMachineFactory(machines)
                .withStart(false)
                .withMemoryFactory(ByteArrayMemory::new);
        if (memoryLimits != null) {
            builder.withMemoryLimits(memoryLimits);
        }
        running.instance = builder.build();
        running.memory = running.instance.memory();
        Vm.start(running);
        return running;
    }

    @Override
    public void close() {}

    /** The guest's own minimum and Sluice's default cap. */
    private MemoryLimits cappedLimits() {
        MemoryLimits declared =
                module.memorySection().orElseThrow().getMemory(0).limits();
        return new MemoryLimits(declared.initialPages(), Math.min(declared.maximumPages(), MAX_PAGES));
    }

    /** Exactly the functions that the guest imports, with the types it gives them. */
    private ImportValues imports(Host host, Running running) {
        List<ImportFunction> functions = new ArrayList<>();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof FunctionImport imported) {
                FunctionType type = module.typeSection().getType(imported.typeIndex());
                Import function = host.function(imported.module(), imported.name());
                boolean hasResult = !type.returns().isEmpty();
                long[] result = hasResult ? new long[1] : NOTHING;
                functions.add(new HostFunction(imported.module(), imported.name(), type, (instance, args) -> {
                    int status = function.call(running, args);
                    if (hasResult) {
                        result[0] = status;
                    }
                    return result;
                }));
            }
        }
        return ImportValues.builder().withFunctions(functions).build();
    }

    /** The instance and its memory, which host functions find here even while the start runs. */
    private static final class Running implements Vm.Running, Bytes {
        private @Nullable Instance instance;
        private @Nullable Memory memory;

        @Override
        public @Nullable Function find(String name) {
            Instance made = instance();
            for (int i = 0; i < made.module().exportSection().exportCount(); i++) {
                var export = made.module().exportSection().getExport(i);
                if (export.name().equals(name) && export.exportType() == ExternalType.FUNCTION) {
                    return new Exported(made.export(name));
                }
            }
            return null;
        }

        @Override
        public Bytes memory() {
            return this;
        }

        @Override
        public void close() {}

        private Instance instance() {
            if (instance == null) {
                throw new IllegalStateException("the instance is not made yet");
            }
            return instance;
        }

        private Memory bytes() {
            return memory != null ? memory : instance().memory();
        }

        @Override
        public void write(int address, byte[] bytes) {
            bytes().write(address, bytes);
        }

        @Override
        public void writeInt(int address, int value) {
            bytes().writeI32(address, value);
        }

        @Override
        public void writeLong(int address, long value) {
            bytes().writeLong(address, value);
        }

        @Override
        public int readInt(int address) {
            return bytes().readInt(address);
        }

        @Override
        public byte[] read(int address, int length) {
            return bytes().readBytes(address, length);
        }
    }

    private record Exported(ExportFunction function) implements Function {
        @Override
        public long call() {
            return first(function.apply());
        }

        @Override
        public long call(long a) {
            return first(function.apply(a));
        }

        @Override
        public long call(long a, long b) {
            return first(function.apply(a, b));
        }

        private static long first(long @Nullable [] results) {
            return results == null || results.length == 0 ? 0 : results[0];
        }
    }
}
