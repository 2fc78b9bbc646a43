package io.sluice.runtime;

import java.util.List;

/**
 * A trap: the abnormal end of guest code, with its kind and the guest's frames.
 *
 * <p>The store stays usable, as WebAssembly has it; whether the guest's own state still makes sense only its author knows.
 */
public final class TrapException extends WasmException {
    private static final long serialVersionUID = 1L;

    private final TrapKind kind;

    @SuppressWarnings("serial") // an immutable list of records, which is serializable as made by List.copyOf
    private final List<GuestFrame> frames;

    TrapException(String message, TrapKind kind, List<GuestFrame> frames) {
        super(message, null, false);
        this.kind = kind;
        this.frames = List.copyOf(frames);
    }

    /** Why the guest ended. */
    public TrapKind kind() {
        return kind;
    }

    /**
     * The guest's functions that were running, innermost first; not more than 16, empty if none was. One that was inlined
     * ({@link EngineConfig#inlining()}) has no frame of its own: its caller stands for it.
     */
    public List<GuestFrame> frames() {
        return frames;
    }
}
