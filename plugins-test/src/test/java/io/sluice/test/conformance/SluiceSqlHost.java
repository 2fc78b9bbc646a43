package io.sluice.test.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.LinkException;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.abi.WescaleConfig;
import io.sluice.runtime.abi.WescaleInstance;
import io.sluice.test.conformance.Binding.Ended;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Sluice's own host of SQL plugins. */
final class SluiceSqlHost implements SqlCases.Host, AutoCloseable {
    private static final WescaleConfig CONFIG = WescaleConfig.defaults()
            .withStoreConfig(StoreConfig.defaults()
                    .unlimitedFuel()
                    .withDeadline(Duration.ofSeconds(30))
                    .withMaxLogBytes(1 << 20))
            .withStartDeadline(Duration.ofSeconds(30));

    private final Engine engine = Engine.create(EngineConfig.defaults());

    /**
     * Whether a guest can be compared: it links, imports nothing that the other host does not offer, and is no command, of which
     * the other binding makes a new instance for each call.
     */
    boolean isComparable(byte[] wasm) {
        try (Module module = Module.compile(engine, wasm)) {
            boolean known = module.imports().stream()
                    .allMatch(type -> type.module().equals("wasi_snapshot_preview1")
                            || (type.module().equals("env") && OtherSqlHost.offers(type.name())));
            if (!known) {
                return false;
            }
            Set<String> exports =
                    module.exports().stream().map(type -> type.name()).collect(Collectors.toSet());
            load(module).close();
            return exports.contains("malloc") && !exports.contains("_start");
        } catch (LinkException e) {
            return false;
        }
    }

    @Override
    public SqlGuest load(byte[] wasm) {
        try (Module module = Module.compile(engine, wasm)) {
            return load(module);
        }
    }

    private SqlGuest load(Module module) {
        try (Linker linker = Linker.create(engine)) {
            InstancePre pre = linker.defineWasi().defineWescale().instantiatePre(module);
            try {
                return new Guest(pre, WescaleInstance.create(pre, CONFIG));
            } catch (RuntimeException | Error e) {
                pre.close();
                throw e;
            }
        }
    }

    @Override
    public void close() {
        engine.close();
    }

    private static final class Guest implements SqlGuest {
        private final InstancePre pre;
        private final WescaleInstance instance;

        Guest(InstancePre pre, WescaleInstance instance) {
            this.pre = pre;
            this.instance = instance;
        }

        @Override
        public void before(byte[] query) throws Ended {
            try {
                instance.before(query, 0, query.length, true);
            } catch (TrapException e) {
                throw new Ended(e.kind().name());
            }
        }

        @Override
        public void after(byte @Nullable [] error, byte @Nullable [] result) throws Ended {
            try {
                instance.after(error, result, false);
            } catch (TrapException e) {
                throw new Ended(e.kind().name());
            }
        }

        @Override
        public byte @Nullable [] query() {
            return instance.queryChanged() ? instance.query() : null;
        }

        @Override
        public byte[] error() {
            return instance.hasError() ? instance.error() : new byte[0];
        }

        @Override
        public byte @Nullable [] result() {
            return instance.hasResult() ? instance.result() : null;
        }

        @Override
        public String log() {
            StringBuilder text = new StringBuilder();
            instance.drainLog((level, utf8) -> text.append(level == 0 ? 'I' : 'E')
                    .append(new String(utf8, UTF_8))
                    .append(' '));
            return text.toString();
        }

        @Override
        public void close() {
            instance.close();
            pre.close();
        }
    }
}
