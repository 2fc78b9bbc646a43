package io.sluice.runtime;

import org.jspecify.annotations.Nullable;

/** What went wrong in or with a guest; its subclasses say what. Misuse of this API is reported by the JDK's own exceptions. */
public abstract class WasmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** For the layers above, which have errors of their own. */
    protected WasmException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
