package io.sluice.runtime;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong in or with a guest; its subclasses say what. Misuse of this API is reported by the JDK's own exceptions.
 *
 * <p><b>Cost.</b> A guest can end any call by a trap, an exit or a limit, as often as it is called. The exceptions for these walk no
 * Java stack, unless the JVM was started with {@code -Dsluice.stacktraces=true}: their message says where the guest was.
 */
public abstract class WasmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final boolean ALWAYS_WALKS = Boolean.getBoolean("sluice.stacktraces");

    /** For the layers above, which have errors of their own. */
    protected WasmException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * For what a guest causes by being called.
     *
     * @param walksStack whether the Java stack is of use to whoever reads this; it is walked in any case if the JVM was asked to
     */
    protected WasmException(String message, @Nullable Throwable cause, boolean walksStack) {
        super(message, cause, true, walksStack || ALWAYS_WALKS);
    }
}
