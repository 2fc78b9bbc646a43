package io.sluice.runtime.abi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Guests;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.internal.NativeLibrary;
import io.sluice.runtime.internal.SharedNative;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedScopeIT {
    @Test
    void newScopeIsEmpty() {
        try (SharedScope scope = SharedScope.create(SharedLimits.defaults())) {
            assertThat(scope.entries()).isZero();
            assertThat(scope.bytes()).isZero();
            assertThat(scope.counters()).isEmpty();
            assertThat(scope.lockWaiters()).isEmpty();
            assertThat(scope.isClosed()).isFalse();
        }
    }

    @Test
    void closedScopeIsRefused() {
        SharedScope scope = SharedScope.create(SharedLimits.defaults());
        scope.close();
        scope.close();
        assertThat(scope.isClosed()).isTrue();
        for (Runnable use : List.<Runnable>of(
                scope::entries,
                scope::bytes,
                scope::counters,
                scope::lockWaiters,
                () -> scope.setLimits(SharedLimits.defaults()))) {
            assertThatThrownBy(use::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("shared scope is closed");
        }
    }

    @Test
    void closedScopeCannotBeUsedByANewInstance() {
        SharedScope open = SharedScope.create(SharedLimits.defaults());
        SharedScope closed = SharedScope.create(SharedLimits.defaults());
        closed.close();
        try (open;
                Engine engine = Engine.create(EngineConfig.defaults().withMaxInstances(100));
                Linker linker = Linker.create(engine)
                        .defineWasi()
                        .defineWescale()
                        .defineFunction("test", "hook", FuncType.of(List.of(), List.of()), (caller, slots) -> {});
                Module module = Module.compile(engine, Guests.wasm("wescale"));
                InstancePre pre = linker.instantiatePre(module)) {
            assertThatThrownBy(() ->
                            WescaleInstance.create(pre, WescaleConfig.defaults().withScopes(closed, open)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("shared scope is closed");
            try (WescaleInstance instance =
                    WescaleInstance.create(pre, WescaleConfig.defaults().withScopes(open, open))) {
                assertThat(instance.dialect()).isEqualTo(WescaleInstance.Dialect.C);
                assertThat(instance.usesLocks()).isFalse();
                assertThat(instance.getsProperties()).isFalse();
                instance.endQuery();
                assertThatThrownBy(() -> instance.setProperty(6, new byte[0]))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> instance.setProperty(-1, new byte[0]))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @Test
    void wrongHandlesAreRefused() {
        NativeLibrary.load();
        for (long handle : new long[] {0, -1, 1, Long.MAX_VALUE, 5L << 56}) {
            assertThatThrownBy(() -> SharedNative.counters(handle))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("wrong handle: expected one of a shared scope, found one of ");
        }
        assertThatThrownBy(() -> SharedNative.create(new long[] {1, 2, 3}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shared limits: expected 4 numbers, found 3");
        assertThatThrownBy(() -> SharedNative.create(new long[] {0, 0, 0, 0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("MAX_KEY_BYTES: expected 1 to 65536, found 0");
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        SharedLimits limits = SharedLimits.defaults();
        assertThatThrownBy(() -> limits.withMaxKeyBytes(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxKeyBytes is 0, it must be 1 to 65536");
        assertThatThrownBy(() -> limits.withMaxValueBytes(-1))
                .hasMessage("maxValueBytes is -1, it must be 0 to 16777216");
        assertThatThrownBy(() -> limits.withMaxEntries(-1)).hasMessage("maxEntries is -1, it must be 0 to 10000000");
        assertThatThrownBy(() -> limits.withMaxTotalBytes(-1))
                .hasMessage("maxTotalBytes is -1, it must be 0 to 1099511627776");
        assertThat(limits.maxKeyBytes()).isEqualTo(1024);
        assertThat(limits.maxValueBytes()).isEqualTo(65_536);
        assertThat(limits.maxEntries()).isEqualTo(10_000);
        assertThat(limits.maxTotalBytes()).isEqualTo(16 << 20);
        assertThatThrownBy(() -> WescaleConfig.defaults().withGrants(1 << 6))
                .hasMessage("grants are 1000000 in bits, there are only 6 properties");
    }
}
