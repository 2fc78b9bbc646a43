package io.sluice.runtime;

/**
 * Code of the host that a guest imports.
 *
 * <p>What it throws ends the guest's call and comes out of it as the same object.
 *
 * <p><b>Threads.</b> It runs on the thread that called the guest. One that is defined in a linker is called by every store made
 * from it, by several threads at the same time.
 *
 * <p><b>Ownership.</b> Native code keeps it reachable as long as its linker or an instance-pre made from that.
 *
 * <p><b>Cost.</b> An upcall from native code, one array and one {@link Caller}. The time it takes counts towards the call's
 * deadline: a call that comes back late is ended.
 */
@FunctionalInterface
public interface HostFunction {
    /**
     * Does what the guest asked for.
     *
     * @param caller the guest that called; valid until this returns, on this thread only
     * @param slots two {@code long}s a value, low and high half: parameters in, results out. An {@code i32} is in the low 32
     *     bits, a float as its raw bits, a null func reference is -1
     */
    void call(Caller caller, long[] slots);
}
