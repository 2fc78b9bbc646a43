package io.sluice.bench;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Chicory with its compiler to JVM bytecode: compiled once and the machine factory reused, {@link ByteArrayMemory}, exports
 * looked up once per instance, host functions that allocate no more than the message.
 *
 * <p>It has no limits: neither fuel nor a deadline, and by itself no memory cap. {@link #freshCapped()} gives it one, which
 * halves the price of a fresh instance: without it each gets a page table for 2 GiB. A fresh request builds an
 * {@link Instance} of the compiled module and leaves it to the garbage collector.
 */
final class ChicoryContestant implements Contestant {

    private static final long[] STATUS_OK = {Wescale.OK};
    private static final long[] STATUS_BAD_ARGUMENT = {Wescale.BAD_ARGUMENT};
    private static final byte[] NOTHING = {};
    private static final int MAX_PAGES = 64 * 1024 * 1024 / Memory.PAGE_SIZE;

    private final WasmModule module = Parser.parse(Guest.rejectWithoutWhere());
    private final Function<Instance, Machine> machines = MachineFactoryCompiler.compile(module);
    private final ImportValues imports = imports();
    private final InstanceUse use;
    private final @Nullable MemoryLimits memoryLimits;

    // What the current request's host functions work on.
    private Memory memory;
    private ExportFunction malloc;
    private ExportFunction entry;
    private byte[] query = NOTHING;
    private byte @Nullable [] error;

    private ChicoryContestant(InstanceUse use, boolean capped) {
        this.use = use;
        this.memoryLimits = capped ? cappedLimits() : null;
        Instance instance = instantiate();
        memory = instance.memory();
        malloc = instance.export(Guest.MALLOC);
        entry = instance.export(Guest.BEFORE);
    }

    static Contestant reused() {
        return new ChicoryContestant(InstanceUse.REUSED, false);
    }

    static Contestant fresh() {
        return new ChicoryContestant(InstanceUse.FRESH, false);
    }

    static Contestant freshCapped() {
        return new ChicoryContestant(InstanceUse.FRESH, true);
    }

    @Override
    public byte @Nullable [] before(byte[] query) {
        if (use == InstanceUse.FRESH) {
            Instance instance = instantiate();
            memory = instance.memory();
            malloc = instance.export(Guest.MALLOC);
            entry = instance.export(Guest.BEFORE);
        }
        this.query = query;
        error = null;
        entry.apply(Wescale.CONTEXT);
        return error;
    }

    @Override
    public void close() {}

    private Instance instantiate() {
        Instance.Builder builder = Instance.builder(module)
                .withImportValues(imports)
                .withMachineFactory(machines)
                .withMemoryFactory(ByteArrayMemory::new);
        if (memoryLimits != null) {
            builder.withMemoryLimits(memoryLimits);
        }
        return builder.build();
    }

    /** The guest's own minimum and Sluice's default cap. */
    private MemoryLimits cappedLimits() {
        MemoryLimits declared =
                module.memorySection().orElseThrow().getMemory(0).limits();
        return new MemoryLimits(declared.initialPages(), Math.min(declared.maximumPages(), MAX_PAGES));
    }

    /** Exactly the functions that the guest imports, with the types it gives them. */
    private ImportValues imports() {
        List<ImportFunction> functions = new ArrayList<>();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof FunctionImport imported) {
                FunctionType type = module.typeSection().getType(imported.typeIndex());
                functions.add(new HostFunction(imported.module(), imported.name(), type, function(imported)));
            }
        }
        return ImportValues.builder().withFunctions(functions).build();
    }

    private WasmFunctionHandle function(FunctionImport imported) {
        return switch (imported.name()) {
            case "GetQueryOnHost" -> (instance, args) -> give(query, (int) args[1], (int) args[2]);
            case "GetErrorMessageOnHost" ->
                (instance, args) -> give(error == null ? NOTHING : error, (int) args[1], (int) args[2]);
            case "SetErrorMessageOnHost" ->
                (instance, args) -> {
                    error = memory.readBytes((int) args[1], (int) args[2]);
                    return STATUS_OK;
                };
            default ->
                throw new IllegalStateException("guest imports " + imported.module() + "." + imported.name()
                        + ", which no rival's host defines");
        };
    }

    private long[] give(byte[] value, int addressOut, int lengthOut) {
        if (value.length == 0) {
            return STATUS_BAD_ARGUMENT;
        }
        int address = (int) malloc.apply(value.length)[0];
        memory.write(address, value);
        memory.writeI32(addressOut, address);
        memory.writeI32(lengthOut, value.length);
        return STATUS_OK;
    }
}
