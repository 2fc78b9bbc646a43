package io.sluice.runtime;

/** The guest ended itself by WASI's {@code proc_exit}. */
public final class ExitException extends WasmException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    ExitException(String message, int exitCode) {
        super(message, null, false);
        this.exitCode = exitCode;
    }

    /** The code that the guest gave; 0 means success by custom. */
    public int exitCode() {
        return exitCode;
    }
}
