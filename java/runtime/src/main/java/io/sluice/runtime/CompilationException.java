package io.sluice.runtime;

/** The bytes are no module that the engine accepts: malformed, a component, in need of a feature that is off, or code of another build. */
public final class CompilationException extends WasmException {
    private static final long serialVersionUID = 1L;

    CompilationException(String message) {
        super(message, null);
    }
}
