package io.sluice.runtime;

/** How traps of compiled code are found. */
public enum TrapMode {
    /** Signals where a probe at start says that they work, explicit checks elsewhere. */
    AUTO(0),
    /** The processor's faults, caught as signals: the faster code. Fails to create the engine where it cannot be had. */
    SIGNALS(1),
    /** Checks in the code: works everywhere, traps cheaper, runs slower, reserves little address space. */
    EXPLICIT(2);

    private final int code;

    TrapMode(int code) {
        this.code = code;
    }

    /** Its number at the boundary. */
    int code() {
        return code;
    }
}
