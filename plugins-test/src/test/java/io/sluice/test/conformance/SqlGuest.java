package io.sluice.test.conformance;

import io.sluice.test.conformance.Binding.Ended;
import org.jspecify.annotations.Nullable;

/** A SQL plugin of the current dialect on some host, with a new instance for each query. */
interface SqlGuest extends AutoCloseable {
    /** Instantiates, and runs the before stage. */
    void before(byte[] query) throws Ended;

    /** Runs the after stage with what came of the query. */
    void after(byte @Nullable [] error, byte @Nullable [] result) throws Ended;

    /** The query after the before stage, or null if the guest left it. */
    byte @Nullable [] query();

    byte[] error();

    /** The result, or null if there is none. */
    byte @Nullable [] result();

    /** What the guest logged in the last stage, {@code I} or {@code E} before each record. */
    String log();

    @Override
    void close();
}
