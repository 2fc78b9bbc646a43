package io.sluice.runtime;

/** An import or export is missing, of another type, or defined twice; the message names it with both types. */
public final class LinkException extends WasmException {
    private static final long serialVersionUID = 1L;

    LinkException(String message) {
        super(message, null);
    }
}
