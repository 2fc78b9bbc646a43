package io.sluice.testkit;

/** A case file that cannot be used: which, where in it, and why. */
public final class CaseFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CaseFileException(String message) {
        super(message, null, false, false);
    }
}
