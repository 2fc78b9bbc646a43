package io.sluice.sql;

/** What becomes of an error that a plugin's After leaves as it was. */
public enum ErrorTexts {
    /**
     * As in WeScale, byte for byte: every After that is called for an error makes it its own, {@code error from wasm plugin at after
     * execution stage: } before the text, 1105 and HY000, be it the database's or another plugin's. The default.
     */
    COMPATIBLE,
    /** An error keeps its text, code and SQLSTATE until a plugin sets or clears it. */
    KEPT
}
