package io.sluice.sql;

/** A result that has more bytes than plugins may be given. */
public final class ResultTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int maxBytes;

    ResultTooLargeException(int maxBytes) {
        super("the query's result has more than " + maxBytes
                + " bytes, which a plugin that reads results may be given; ask for fewer rows or raise"
                + " PluginLimits.maxResultBytes");
        this.maxBytes = maxBytes;
    }

    /** The bytes that were allowed. */
    public int maxBytes() {
        return maxBytes;
    }
}
