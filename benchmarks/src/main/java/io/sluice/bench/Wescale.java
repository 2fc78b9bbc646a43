package io.sluice.bench;

/** Names and status codes of the WeScale ABI, dialect C, as far as the rivals' host functions need them. */
final class Wescale {

    static final String MODULE = "env";

    static final int OK = 0;
    static final int BAD_ARGUMENT = 2;

    /** The guest gives it back to every host function; one request runs at a time, so it says nothing. */
    static final long CONTEXT = 1;

    private Wescale() {}
}
