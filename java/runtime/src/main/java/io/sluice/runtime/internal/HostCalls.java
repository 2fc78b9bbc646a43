package io.sluice.runtime.internal;

import io.sluice.runtime.Caller;
import io.sluice.runtime.HostFunction;

/** How native code calls a host function in Java. Called from native code only. */
final class HostCalls {
    private HostCalls() {}

    /** What the host function throws goes on into native code, which ends the guest and lets it out of the outer call. */
    static void invoke(HostFunction function, long callerToken, long[] slots) {
        Access access = Access.get();
        Caller caller = access.newCaller(callerToken);
        try {
            function.call(caller, slots);
        } finally {
            access.endCaller(caller);
        }
    }
}
