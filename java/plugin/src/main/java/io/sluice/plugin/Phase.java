package io.sluice.plugin;

/** What a plugin was doing, or was wanted for, when it failed. */
public enum Phase {
    /** Its bytes were read, compiled, and compared with what the host offers and expects. */
    LOAD("load"),
    /** Its start function ran in an instance that was made to try it. */
    START("start"),
    /** A request asked for one of its instances. */
    ACQUIRE("acquire"),
    /** It was called before the request was executed. */
    BEFORE("before"),
    /** It was called after the request was executed. */
    AFTER("after");

    private final String word;

    Phase(String word) {
        this.word = word;
    }

    /** The phase as messages spell it: lower case. */
    @Override
    public String toString() {
        return word;
    }
}
