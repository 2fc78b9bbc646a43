package io.sluice.runtime.internal;

/** Turns an error of native code into the exception that the API promises. Called from native code only. */
final class Raise {
    static final int COMPILATION = 1;
    static final int LINK = 2;
    static final int TRAP = 3;
    static final int LIMIT = 4;
    static final int EXIT = 5;
    static final int ILLEGAL_STATE = 6;
    static final int ILLEGAL_ARGUMENT = 7;
    static final int OUT_OF_BOUNDS = 8;
    static final int INTERNAL = 9;

    private Raise() {}

    /**
     * Always throws.
     *
     * @param kind one of the constants above
     * @param a trap kind, exit code, or what was asked of a limit
     * @param b what a limit allows
     * @param details a trap's frames, or the limit's name
     */
    @SuppressWarnings("DoNotCallSuggester") // native code calls it for exactly that
    static void raise(int kind, String message, long a, long b, String[] details) {
        throw switch (kind) {
            case COMPILATION -> Access.get().compilationException(message);
            case LINK -> Access.get().linkException(message);
            case TRAP -> Access.get().trapException(message, (int) a, details);
            case LIMIT -> Access.get().limitException(message, details[0], a, b);
            case EXIT -> Access.get().exitException(message, (int) a);
            case ILLEGAL_STATE -> new IllegalStateException(message);
            case ILLEGAL_ARGUMENT -> new IllegalArgumentException(message);
            case OUT_OF_BOUNDS -> new IndexOutOfBoundsException(message);
            default -> throw new InternalError(message);
        };
    }
}
