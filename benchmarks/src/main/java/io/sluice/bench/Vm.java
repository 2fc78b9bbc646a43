package io.sluice.bench;

import org.jspecify.annotations.Nullable;

/**
 * A module that a contestant has compiled, ready to be instantiated: the one interface behind which all contestants run.
 *
 * <p><b>Threads.</b> Confined to one thread, with all that came from it.
 *
 * <p><b>Ownership.</b> Whoever opened it closes it; a {@link Running} is closed before.
 */
interface Vm extends AutoCloseable {

    /**
     * Makes an instance and runs its start.
     *
     * @param host what the guest imports and the benchmark defines; WASI is not part of it
     */
    Running instantiate(Host host);

    @Override
    void close();

    /** One instance. */
    interface Running extends AutoCloseable {
        /** The exported function of that name; what it costs to find is not part of a call. */
        @Nullable
        Function find(String name);

        default Function function(String name) {
            Function found = find(name);
            if (found == null) {
                throw new IllegalStateException("the guest exports no function \"" + name + '"');
            }
            return found;
        }

        Bytes memory();

        @Override
        void close();
    }

    /** An exported function; parameters and result are i32 or i64 carried in long, 0 where there is no result. */
    interface Function {
        long call();

        long call(long a);

        long call(long a, long b);
    }

    /** The instance's memory. */
    interface Bytes {
        void write(int address, byte[] bytes);

        void writeInt(int address, int value);

        void writeLong(int address, long value);

        int readInt(int address);

        byte[] read(int address, int length);
    }

    /** A host function: parameters as in {@link Function}, the result an i32. */
    interface Import {
        int call(Running caller, long[] arguments);
    }

    /** What a benchmark defines for a guest. */
    interface Host {
        @Nullable
        Import find(String module, String name);

        /** The host function of that name: the benchmark's, else WASI's. */
        default Import function(String module, String name) {
            Import own = find(module, name);
            if (own != null) {
                return own;
            }
            if (module.equals(MiniWasi.MODULE)) {
                return MiniWasi.function(name);
            }
            throw new IllegalStateException("guest imports " + module + "." + name + ", which no rival's host defines");
        }
    }

    /** Runs what has to run once per instance: {@code _initialize} or {@code _start}, whichever there is. */
    static void start(Running running) {
        for (String name : new String[] {"_initialize", "_start"}) {
            Function start = running.find(name);
            if (start != null) {
                start.call();
                return;
            }
        }
    }
}
