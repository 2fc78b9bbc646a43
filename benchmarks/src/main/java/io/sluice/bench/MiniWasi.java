package io.sluice.bench;

import java.util.concurrent.ThreadLocalRandom;

/**
 * As much of WASI as the guests of the benchmarks ask for, the same for every rival: one argument, no environment, clocks, randomness,
 * no files. A rival's own WASI does more and costs more, so this is to its advantage.
 */
final class MiniWasi {

    static final String MODULE = "wasi_snapshot_preview1";

    private static final int OK = 0;
    private static final int BAD_FILE = 8;
    private static final int NOT_SUPPORTED = 52;
    private static final byte[] ARGUMENT = {'p', 0};

    private MiniWasi() {}

    static Vm.Import function(String name) {
        return switch (name) {
            case "sched_yield" -> (caller, args) -> OK;
            case "args_sizes_get" ->
                (caller, args) -> {
                    caller.memory().writeInt((int) args[0], 1);
                    caller.memory().writeInt((int) args[1], ARGUMENT.length);
                    return OK;
                };
            case "args_get" ->
                (caller, args) -> {
                    caller.memory().writeInt((int) args[0], (int) args[1]);
                    caller.memory().write((int) args[1], ARGUMENT);
                    return OK;
                };
            case "environ_sizes_get" ->
                (caller, args) -> {
                    caller.memory().writeInt((int) args[0], 0);
                    caller.memory().writeInt((int) args[1], 0);
                    return OK;
                };
            case "environ_get" -> (caller, args) -> OK;
            case "clock_time_get" ->
                (caller, args) -> {
                    long nanos = args[0] == 0 ? System.currentTimeMillis() * 1_000_000 : System.nanoTime();
                    caller.memory().writeLong((int) args[2], nanos);
                    return OK;
                };
            case "clock_res_get" ->
                (caller, args) -> {
                    caller.memory().writeLong((int) args[1], 1);
                    return OK;
                };
            case "random_get" ->
                (caller, args) -> {
                    byte[] random = new byte[(int) args[1]];
                    ThreadLocalRandom.current().nextBytes(random);
                    caller.memory().write((int) args[0], random);
                    return OK;
                };
            case "fd_write" ->
                (caller, args) -> {
                    int bytes = 0;
                    for (int i = 0; i < args[2]; i++) {
                        bytes += caller.memory().readInt((int) args[1] + 8 * i + 4);
                    }
                    caller.memory().writeInt((int) args[3], bytes);
                    return OK;
                };
            case "proc_exit" ->
                (caller, args) -> {
                    if (args[0] != 0) {
                        throw new IllegalStateException("the guest left with status " + args[0]);
                    }
                    throw new Exit();
                };
            case "poll_oneoff" -> (caller, args) -> NOT_SUPPORTED;
            default -> (caller, args) -> name.startsWith("fd_") ? BAD_FILE : NOT_SUPPORTED;
        };
    }

    /** A guest's {@code _start} may end by leaving with status 0. */
    static final class Exit extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exit() {
            super("the guest left with status 0", null, false, false);
        }
    }
}
