package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EngineIT {
    @Test
    void anEngineKnowsItsSettings() {
        try (Engine engine = Engine.create(Sandbox.ENGINE)) {
            assertThat(engine.config()).isSameAs(Sandbox.ENGINE);
            assertThat(engine.isClosed()).isFalse();
        }
    }

    @Test
    void trapModeIsChosenByName() {
        EngineConfig explicit = Sandbox.ENGINE.withTrapMode(TrapMode.EXPLICIT);
        EngineConfig signals = Sandbox.ENGINE.withTrapMode(TrapMode.SIGNALS);
        try (Engine without = Engine.create(explicit);
                Engine with = Engine.create(signals)) {
            assertThat(without.usesSignals()).isFalse();
            assertThat(with.usesSignals()).isTrue();
        }
    }

    @Test
    void closingTwiceDoesNothing() {
        Engine engine = Engine.create(Sandbox.ENGINE);
        engine.close();
        engine.close();
        assertThat(engine.isClosed()).isTrue();
    }

    @Test
    void useAfterCloseThrows() {
        Engine engine = Engine.create(Sandbox.ENGINE);
        engine.close();
        byte[] wasm = Guests.wasm("empty");
        assertThatThrownBy(() -> Module.compile(engine, wasm))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("engine is closed");
        assertThatThrownBy(() -> Module.validate(engine, wasm)).hasMessage("engine is closed");
        assertThatThrownBy(() -> Module.deserializeTrusted(engine, wasm)).hasMessage("engine is closed");
        assertThatThrownBy(() -> Linker.create(engine)).hasMessage("engine is closed");
        assertThatThrownBy(() -> Store.create(engine, StoreConfig.defaults())).hasMessage("engine is closed");
    }

    @Test
    void liveHandlesAreCounted() {
        long before = Engine.liveHandles();
        try (Engine engine = Engine.create(Sandbox.ENGINE)) {
            assertThat(engine.isClosed()).isFalse();
            assertThat(Engine.liveHandles()).isEqualTo(before + 1);
        }
        assertThat(Engine.liveHandles()).isEqualTo(before);
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nullIsRefusedByName() {
        assertThatThrownBy(() -> Engine.create(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("config");
        assertThatThrownBy(() -> Linker.create(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("engine");
    }

    @Test
    void guestsRunAlikeWithAndWithoutSignals() {
        for (TrapMode mode : TrapMode.values()) {
            try (Sandbox box = Sandbox.of(Sandbox.ENGINE.withTrapMode(mode), "traps", Sandbox.STORE)) {
                Func divide = box.func("integer_division_by_zero");
                assertThatThrownBy(divide::callRaw)
                        .isInstanceOfSatisfying(
                                TrapException.class,
                                trap -> assertThat(trap.kind()).isEqualTo(TrapKind.INTEGER_DIVISION_BY_ZERO));
            }
        }
    }

    @Test
    void guestsRunWithoutMeteringAndInlining() {
        try (Sandbox box = Sandbox.of(Sandbox.ENGINE.withMetering(false).withInlining(false), "loops", Sandbox.STORE)) {
            assertThat(box.func("count").callRaw(1000)).isEqualTo(1000);
            assertThat(box.store.fuelUsed()).isZero();
        }
    }
}
