package io.sluice.bench;

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
import io.sluice.runtime.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sluice's runtime below the plugin host, for rows that call functions rather than plugins: default settings, all limits on; or the same
 * without metering. WASI is Sluice's own, in Rust.
 */
final class SluiceVm implements Vm {

    private final Engine engine;
    private final Module module;

    private SluiceVm(byte[] wasm, boolean metering) {
        engine = Engine.create(EngineConfig.defaults().withMetering(metering));
        module = Module.compile(engine, wasm);
    }

    static Vm metered(byte[] wasm) {
        return new SluiceVm(wasm, true);
    }

    static Vm unmetered(byte[] wasm) {
        return new SluiceVm(wasm, false);
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

    private final class Running implements Vm.Running, Bytes {
        private final Linker linker = Linker.create(engine).defineWasi();
        private final InstancePre pre;
        private final Store store;
        private final Instance instance;
        private final Memory memory;

        Running(Host host) {
            Import sum = host.find(Workloads.HOST_MODULE, Workloads.HOST_FUNCTION);
            if (sum != null) {
                linker.defineFunction(
                        Workloads.HOST_MODULE,
                        Workloads.HOST_FUNCTION,
                        FuncType.of(List.of(ValueType.I32, ValueType.I32), List.of(ValueType.I32)),
                        (caller, slots) -> slots[0] += slots[2]);
            }
            pre = linker.instantiatePre(module);
            store = Store.create(engine, StoreConfig.defaults());
            instance = store.instantiate(pre);
            memory = instance.memory("memory");
        }

        @Override
        public @Nullable Function find(String name) {
            return instance.findFunc(name).map(Exported::new).orElse(null);
        }

        @Override
        public Bytes memory() {
            return this;
        }

        @Override
        public void close() {
            store.close();
            pre.close();
            linker.close();
        }

        @Override
        public void write(int address, byte[] bytes) {
            memory.write(address, bytes);
        }

        @Override
        public void writeInt(int address, int value) {
            memory.writeInt(address, value);
        }

        @Override
        public void writeLong(int address, long value) {
            memory.writeLong(address, value);
        }

        @Override
        public int readInt(int address) {
            return memory.readInt(address);
        }

        @Override
        public byte[] read(int address, int length) {
            byte[] bytes = new byte[length];
            memory.read(address, bytes);
            return bytes;
        }
    }

    private record Exported(Func function) implements Function {
        @Override
        public long call() {
            return function.callRaw();
        }

        @Override
        public long call(long a) {
            return function.callRaw(a);
        }

        @Override
        public long call(long a, long b) {
            return function.callRaw(a, b);
        }
    }
}
