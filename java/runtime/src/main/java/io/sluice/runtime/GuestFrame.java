package io.sluice.runtime;

import java.io.Serializable;
import java.util.Objects;

/**
 * A function of the guest that was running when it trapped.
 *
 * @param function its name from the module's name section, or {@code func[index]}
 * @param moduleOffset where in the module's bytes it was, 0 if that is not known
 */
public record GuestFrame(String function, long moduleOffset) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Checks that there is a name. */
    public GuestFrame {
        Objects.requireNonNull(function, "function");
    }

    @Override
    public String toString() {
        return function + " at offset 0x" + Long.toHexString(moduleOffset);
    }
}
