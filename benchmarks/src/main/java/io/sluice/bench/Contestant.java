package io.sluice.bench;

import org.jspecify.annotations.Nullable;

/**
 * One way to run the request of {@link RequestBenchmark}: a plugin that refuses an UPDATE or DELETE without WHERE.
 *
 * <p><b>Threads.</b> Confined to one thread.
 *
 * <p><b>Ownership.</b> Whoever opened it closes it. Whether an instance serves many requests or one is decided when it is
 * opened ({@link InstanceUse}), not per call.
 *
 * <p><b>Cost.</b> What is timed is {@link #before} as a whole: the query's bytes go in, the verdict and a new array with
 * the message's bytes come out, the same for every contestant.
 */
interface Contestant extends AutoCloseable {

    /** Whether a request meets an instance that served others before, or a new one. */
    enum InstanceUse {
        /** One instance, made before the timing, serves every request. */
        REUSED,
        /** Every request makes an instance, runs on it and drops it. */
        FRESH
    }

    /**
     * Runs the plugin before the execution of a query.
     *
     * @return the plugin's error message in UTF-8, or null if it let the query pass
     */
    byte @Nullable [] before(byte[] query);

    @Override
    void close();
}
