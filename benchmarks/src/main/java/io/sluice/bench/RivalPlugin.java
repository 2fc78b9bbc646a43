package io.sluice.bench;

import org.jspecify.annotations.Nullable;

/**
 * A WeScale plugin on a rival's {@link Vm}: host functions in Java that allocate no more than the message, exports looked up once per
 * instance. A fresh request makes an instance, starts it, runs on it and gives it back.
 */
final class RivalPlugin implements Contestant, Vm.Host {

    private static final byte[] NOTHING = {};

    private final Vm vm;
    private final @Nullable Opened reused;

    // What the current request's host functions work on.
    private byte[] query = NOTHING;
    private byte @Nullable [] error;

    /** An instance with what a request needs of it. */
    private record Opened(Vm.Running running, Vm.Function entry, Vm.Function malloc) {}

    private @Nullable Opened current;

    RivalPlugin(Vm vm, InstanceUse use) {
        this.vm = vm;
        reused = use == InstanceUse.REUSED ? open() : null;
        current = reused;
    }

    @Override
    public byte @Nullable [] before(byte[] query) {
        this.query = query;
        error = null;
        if (reused != null) {
            reused.entry.call(Wescale.CONTEXT);
            return error;
        }
        Opened opened = open();
        current = opened;
        try {
            opened.entry.call(Wescale.CONTEXT);
        } finally {
            opened.running.close();
        }
        return error;
    }

    @Override
    public void close() {
        if (reused != null) {
            reused.running.close();
        }
        vm.close();
    }

    private Opened open() {
        Vm.Running running = vm.instantiate(this);
        return new Opened(running, running.function(Guest.BEFORE), running.function(Guest.MALLOC));
    }

    @Override
    public Vm.@Nullable Import find(String module, String name) {
        if (!module.equals(Wescale.MODULE)) {
            return null;
        }
        return switch (name) {
            case "GetQueryOnHost" -> (caller, args) -> give(query, caller, args);
            case "GetErrorMessageOnHost" -> (caller, args) -> give(error == null ? NOTHING : error, caller, args);
            case "SetErrorMessageOnHost" ->
                (caller, args) -> {
                    error = caller.memory().read((int) args[1], (int) args[2]);
                    return Wescale.OK;
                };
            default -> (caller, args) -> Wescale.BAD_ARGUMENT;
        };
    }

    private int give(byte[] value, Vm.Running caller, long[] args) {
        Opened opened = current;
        if (value.length == 0 || opened == null) {
            return Wescale.BAD_ARGUMENT;
        }
        int address = (int) opened.malloc.call(value.length);
        Vm.Bytes memory = caller.memory();
        memory.write(address, value);
        memory.writeInt((int) args[1], address);
        memory.writeInt((int) args[2], value.length);
        return Wescale.OK;
    }
}
