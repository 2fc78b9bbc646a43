package io.sluice.runtime;

/** A limit was hit: which one, how much was asked for, how much is allowed. */
public final class LimitException extends WasmException {
    private static final long serialVersionUID = 1L;

    private final Limit limit;
    private final long requested;
    private final long allowed;

    LimitException(String message, Limit limit, long requested, long allowed) {
        super(message, null, false);
        this.limit = limit;
        this.requested = requested;
        this.allowed = allowed;
    }

    /** Which limit. */
    public Limit limit() {
        return limit;
    }

    /** How much was asked for, in the limit's own unit. */
    public long requested() {
        return requested;
    }

    /** How much is allowed, in the limit's own unit. */
    public long allowed() {
        return allowed;
    }
}
