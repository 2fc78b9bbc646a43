package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("conformance")
class WasiIT {
    private static Sandbox wasi(StoreConfig config) {
        return Sandbox.of("wasi", config, Linker::defineWasi);
    }

    @Test
    void whatAGuestPrintsIsItsLog() {
        try (Sandbox box = wasi(Sandbox.STORE)) {
            assertThat(box.store.drainLog()).isEmpty();
            assertThat(box.func("print").callRaw()).isZero();
            assertThat(box.store.drainLog())
                    .containsExactly(
                            new LogRecord(LogRecord.Level.INFO, "hello"),
                            new LogRecord(LogRecord.Level.ERROR, "wörld"));
            assertThat(box.store.drainLog()).isEmpty();
        }
    }

    @Test
    void theLogIsThatOfTheLastCall() {
        try (Sandbox box = wasi(Sandbox.STORE)) {
            Instance instance = box.instance();
            instance.func("print").callRaw();
            instance.func("_start").callRaw();
            assertThat(box.store.drainLog()).containsExactly(new LogRecord(LogRecord.Level.INFO, "hello"));
        }
    }

    @Test
    void aLogFloodIsBounded() {
        StoreConfig config =
                StoreConfig.defaults().noDeadline().withFuelPerCall(1_000_000).withMaxLogBytes(1000);
        try (Sandbox box = wasi(config)) {
            Func flood = box.func("flood");
            assertThat(catchThrowableOfType(TrapException.class, flood::callRaw).kind())
                    .isEqualTo(TrapKind.OUT_OF_FUEL);
            List<LogRecord> log = box.store.drainLog();
            assertThat(log).hasSizeBetween(50, 1000 / (8 + "hello".length()) + 1);
            assertThat(log).startsWith(new LogRecord(LogRecord.Level.INFO, "hello"));
        }
    }

    @Test
    void aGuestSeesItsArguments() {
        try (Sandbox box = wasi(Sandbox.STORE)) {
            Instance instance = box.instance();
            assertThat(instance.func("args").callRaw()).isZero();
            assertThat(instance.memory("memory").readInt(0)).isEqualTo(1);
            assertThat(instance.memory("memory").readUtf8(64, 7)).isEqualTo("plugin\0");
        }
        try (Sandbox box = wasi(Sandbox.STORE.withArguments(List.of("größe", "b")))) {
            Instance instance = box.instance();
            instance.func("args").callRaw();
            assertThat(instance.memory("memory").readInt(0)).isEqualTo(2);
            assertThat(instance.memory("memory").readUtf8(64, 10)).isEqualTo("größe\0b\0");
        }
    }

    @Test
    void aGuestSeesItsEnvironmentOnly() {
        try (Sandbox box = wasi(Sandbox.STORE)) {
            Instance instance = box.instance();
            instance.func("environ").callRaw();
            assertThat(instance.memory("memory").readInt(0)).isZero();
        }
        try (Sandbox box = wasi(Sandbox.STORE.withEnvironment(Map.of("KEY", "va=lue")))) {
            Instance instance = box.instance();
            instance.func("environ").callRaw();
            assertThat(instance.memory("memory").readInt(0)).isEqualTo(1);
            assertThat(instance.memory("memory").readUtf8(64, 11)).isEqualTo("KEY=va=lue\0");
        }
    }

    @Test
    void clocksAreCoarse() {
        try (Sandbox box = wasi(Sandbox.STORE.withClockResolution(Duration.ofMillis(10)))) {
            long nanos = box.func("clock").callRaw();
            assertThat(nanos % 10_000_000).isZero();
        }
    }

    @Test
    void randomNumbersDiffer() {
        try (Sandbox box = wasi(Sandbox.STORE)) {
            Func random = box.func("random");
            assertThat(random.callRaw()).isNotEqualTo(random.callRaw());
        }
    }

    @Test
    void fileFunctionsExistAndRefuse() {
        try (Sandbox box = wasi(Sandbox.STORE)) {
            assertThat(box.func("prestat").callRaw(3)).isEqualTo(8);
        }
    }

    @Test
    void anExitIsTypedAndCarriesItsCode() {
        try (Sandbox box = wasi(Sandbox.STORE)) {
            Func exit = box.func("exit");
            for (int code : new int[] {0, 3, 255, -1}) {
                ExitException e = catchThrowableOfType(ExitException.class, () -> exit.callRaw(code));
                assertThat(e.exitCode()).isEqualTo(code);
                assertThat(e).hasMessage("the guest ended itself by proc_exit(" + code + ")");
            }
        }
    }
}
