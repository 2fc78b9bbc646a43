package io.sluice.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.runtime.CompilationException;
import io.sluice.runtime.ExitException;
import io.sluice.runtime.GuestFrame;
import io.sluice.runtime.Limit;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.LinkException;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import org.junit.jupiter.api.Test;

class RaiseTest {
    private static Throwable raise(int kind, long a, long b, String... details) {
        return catchThrowable(() -> Raise.raise(kind, "what happened", a, b, details));
    }

    @Test
    void eachKindHasItsException() {
        assertThat(raise(Raise.COMPILATION, 0, 0))
                .isInstanceOf(CompilationException.class)
                .hasMessage("what happened");
        assertThat(raise(Raise.LINK, 0, 0)).isInstanceOf(LinkException.class);
        assertThat(raise(Raise.ILLEGAL_STATE, 0, 0)).isInstanceOf(IllegalStateException.class);
        assertThat(raise(Raise.ILLEGAL_ARGUMENT, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(raise(Raise.OUT_OF_BOUNDS, 0, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(raise(Raise.INTERNAL, 0, 0)).isInstanceOf(InternalError.class);
        assertThat(raise(99, 0, 0)).isInstanceOf(InternalError.class);
    }

    @Test
    void trapsCarryKindAndFrames() {
        TrapException trap = catchThrowableOfType(
                TrapException.class, () -> Raise.raise(Raise.TRAP, "trap", 10, 0, new String[] {"a\tb\t16", "c\t0"}));
        assertThat(trap.kind()).isEqualTo(TrapKind.OUT_OF_FUEL);
        assertThat(trap.frames()).containsExactly(new GuestFrame("a\tb", 16), new GuestFrame("c", 0));
    }

    @Test
    void limitsCarryWhatWasAskedAndAllowed() {
        LimitException limit = catchThrowableOfType(
                LimitException.class, () -> Raise.raise(Raise.LIMIT, "limit", 5, 4, new String[] {"MEMORY_BYTES"}));
        assertThat(limit.limit()).isEqualTo(Limit.MEMORY_BYTES);
        assertThat(limit.requested()).isEqualTo(5);
        assertThat(limit.allowed()).isEqualTo(4);
    }

    @Test
    void exitsCarryTheirCode() {
        ExitException exit =
                catchThrowableOfType(ExitException.class, () -> Raise.raise(Raise.EXIT, "exit", 3, 0, new String[0]));
        assertThat(exit.exitCode()).isEqualTo(3);
    }
}
