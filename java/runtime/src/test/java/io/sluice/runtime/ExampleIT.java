package io.sluice.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.abi.WescaleConfig;
import io.sluice.runtime.abi.WescaleInstance;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of the public docs, as they stand there. */
class ExampleIT {
    @Test
    void engine() {
        byte[] bytes = Guests.wasm("numbers");
        try (Engine engine = Engine.create(EngineConfig.defaults());
                Module module = Module.compile(engine, bytes);
                Linker linker = Linker.create(engine).defineWasi();
                InstancePre pre = linker.instantiatePre(module);
                Store store = Store.create(engine, StoreConfig.defaults())) {
            long sum = store.instantiate(pre).func("add").callRaw(1, 2);
            assertThat(sum).isEqualTo(3);
        }
    }

    @Test
    void wescaleInstance() {
        try (Engine engine = Engine.create(EngineConfig.defaults());
                Module module = Module.compile(engine, Guests.wasm("wescale"));
                Linker linker = Linker.create(engine).defineWasi().defineWescale();
                InstancePre pre = linker.defineFunction(
                                "test", "hook", FuncType.of(List.of(), List.of()), (caller, slots) -> {})
                        .instantiatePre(module)) {
            assertThatThrownBy(() -> run(pre)).isInstanceOf(SQLException.class).hasMessage("e: no");
        }
    }

    private static void run(InstancePre pre) throws SQLException {
        byte[] query = "e: no".getBytes(UTF_8);
        try (WescaleInstance instance = WescaleInstance.create(pre, WescaleConfig.defaults())) {
            instance.before(query, 0, query.length, true);
            if (instance.hasError()) {
                throw new SQLException(instance.errorText());
            }
        }
    }
}
