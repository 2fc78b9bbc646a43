package io.sluice.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.QueryProperty;
import io.sluice.runtime.Caller;
import io.sluice.runtime.Engine;
import io.sluice.runtime.ExitException;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.ImportType;
import io.sluice.runtime.Instance;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.sql.MalformedResultException;
import io.sluice.testkit.Rows;
import io.sluice.testkit.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A plugin between host functions in Java, so that what it asks and is answered can be written down; for looking at one query. A host
 * that serves has them in native code, with limits that are not kept here; a test compares what comes of both.
 *
 * <p><b>Threads.</b> Confined. <b>Ownership.</b> Closed by whoever opens it; engine and module stay. <b>Cost.</b> A call up from native
 * code for each call of the host.
 */
final class OpenedPlugin implements AutoCloseable {
    private static final int OK = 0;
    private static final int NOT_FOUND = 1;
    private static final int NOTHING = 2;
    private static final int FAILED = 10;
    private static final long CTX = 1;
    private static final int SHOWN = 120;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Calls of the host that are written down, and those after which a run is ended: their work takes no fuel here. */
    private static final int WRITTEN = 10_000;

    private static final int MOST_CALLS = 100_000;

    /** How long a plugin's SQL state is. */
    private static final int STATE = 5;

    /** A run that is ended for its calls of the host. */
    private static final class TooManyCallsException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final PluginConfig config;
    private final Statement statement;
    private final Linker linker;
    private final InstancePre pre;
    private final Store store;
    private final Map<String, byte[]> shared = new HashMap<>();
    private final List<String> calls = new ArrayList<>();
    private final Instance instance;
    private final boolean writes;

    private int asked;
    private int unwritten;
    private boolean inQuery;
    private byte[] query;
    private byte[] error = {};
    private byte[] result = {};

    /**
     * Makes an instance; {@link #start()} comes next.
     *
     * @param writes whether calls are written down
     */
    OpenedPlugin(Engine engine, Module module, PluginConfig config, Statement statement, boolean writes) {
        this.config = config;
        this.writes = writes;
        this.statement = statement;
        query = statement.text().getBytes(UTF_8);
        linker = Linker.create(engine).defineWasi();
        for (ImportType each : module.imports()) {
            if (each.type() instanceof FuncType type
                    && (each.module().equals("env") || each.module().equals("sluice"))) {
                linker.defineFunction(
                        each.module(), each.name(), type, (caller, slots) -> answer(each.name(), type, caller, slots));
            }
        }
        pre = linker.instantiatePre(module);
        store = Store.create(
                engine,
                StoreConfig.defaults()
                        .unlimitedFuel()
                        .withDeadline(PATIENCE)
                        .withMaxMemoryBytes(config.limits().maxMemoryBytes())
                        .withArguments(List.of(config.name())));
        instance = store.instantiate(pre);
    }

    /** Runs the start that it has. */
    void start() {
        for (String start : List.of("_initialize", "_start")) {
            if (instance.findFunc(start).isPresent()) {
                try {
                    enter(start, new long[2]);
                } catch (ExitException e) {
                    if (e.exitCode() != 0) {
                        throw e;
                    }
                }
                return;
            }
        }
    }

    /**
     * Calls Before, with that fuel.
     *
     * @throws CommandException if its entry points are not those of dialect C
     */
    void before(long fuel) {
        call("RunBeforeExecutionOnGuest", fuel);
        String fromDatabase = statement.databaseError();
        if (error.length > 0) {
            error = ("error from wasm plugin at before execution stage: " + text(error)).getBytes(UTF_8);
        } else if (fromDatabase != null) {
            error = fromDatabase.getBytes(UTF_8);
        } else {
            result = statement.result().serialize();
        }
    }

    /** Calls After, with that fuel. */
    void after(long fuel) {
        call("RunAfterExecutionOnGuest", fuel);
    }

    private void call(String entry, long fuel) {
        if (instance.func(entry).type().params().size() != 1) {
            throw new CommandException(
                    "only plugins of dialect C can be traced and profiled; this one is of an older one: sluice plugin inspect");
        }
        store.setLimits(fuel, PATIENCE);
        inQuery = true;
        enter(entry, new long[] {CTX, 0});
    }

    private void enter(String entry, long[] slots) {
        write(entry);
        asked = 0;
        try {
            instance.func(entry).callRaw(slots);
        } catch (TooManyCallsException e) {
            end("more than " + MOST_CALLS + " calls of the host");
        }
    }

    /** The place of the line; -1 if it is not written. */
    private int write(String line) {
        if (!writes) {
            return -1;
        }
        if (calls.size() >= WRITTEN) {
            unwritten++;
            return -1;
        }
        calls.add(line);
        return calls.size() - 1;
    }

    /** Writes down why nothing more was called, behind how much was left out. */
    void end(String why) {
        if (writes) {
            if (unwritten > 0) {
                calls.add("  … and " + unwritten + " more");
                unwritten = 0;
            }
            calls.add("  ended: " + why);
        }
    }

    /** The fuel that the last call used; that of host functions is not in it. */
    long fuelUsed() {
        return store.fuelUsed();
    }

    /** What was called, in order: entry points of the plugin, and below each what it called of the host. */
    List<String> calls() {
        if (unwritten == 0) {
            return calls;
        }
        List<String> all = new ArrayList<>(calls);
        all.add("  … and " + unwritten + " more");
        return all;
    }

    /** The text as the plugin left it. */
    String query() {
        return text(query);
    }

    /** The error as the plugin left it; empty for none. */
    String error() {
        return text(error);
    }

    @Override
    public void close() {
        store.close();
        pre.close();
        linker.close();
    }

    private void answer(String name, FuncType type, Caller caller, long[] slots) {
        if (++asked > MOST_CALLS) {
            throw new TooManyCallsException();
        }
        // What the allocator calls comes behind the call that it is for.
        int at = write(name);
        Arguments in = new Arguments(caller, type, slots, at >= 0);
        String answer = " did not come back";
        try {
            int status;
            try {
                status = serve(name, in);
            } catch (IndexOutOfBoundsException e) {
                status = FAILED;
                in.show("an address that is not in the memory");
            }
            answer = " = " + status + in.given;
            if (!type.results().isEmpty()) {
                slots[0] = status;
                slots[1] = 0;
            }
        } finally {
            if (at >= 0) {
                calls.set(at, "  " + name + "(" + in.shown() + ")" + answer);
            }
        }
    }

    private int serve(String name, Arguments in) {
        return switch (name) {
            case "GetAbiVersionOnHost" -> in.give("v1alpha1".getBytes(UTF_8));
            case "GetRuntimeTypeOnHost" -> in.give("wasmtime".getBytes(UTF_8));
            case "InfoLogOnHost", "ErrorLogOnHost" -> {
                in.bytes();
                yield OK;
            }
            case "GetQueryOnHost" -> in.ofQuery() ? in.give(query) : NOTHING;
            case "SetQueryOnHost" -> {
                boolean known = in.ofQuery();
                byte[] text = in.bytes();
                if (!known || text.length > config.limits().maxResultBytes()) {
                    yield known ? FAILED : NOTHING;
                }
                query = text;
                yield OK;
            }
            case "GetErrorMessageOnHost" -> in.ofQuery() ? in.give(error) : NOTHING;
            case "SetErrorMessageOnHost" -> {
                boolean known = in.ofQuery();
                byte[] text = in.bytes();
                if (!known || text.length > config.limits().maxResultBytes()) {
                    yield known ? FAILED : NOTHING;
                }
                error = text;
                yield OK;
            }
            case "GetQueryResultOnHost" -> in.ofQuery() ? in.giveResult(result) : NOTHING;
            case "SetQueryResultOnHost" -> {
                boolean known = in.ofQuery();
                byte[] bytes = in.result();
                if (!known || bytes.length > config.limits().maxResultBytes()) {
                    yield known ? FAILED : NOTHING;
                }
                try {
                    Rows.read(bytes);
                    result = bytes;
                    yield OK;
                } catch (MalformedResultException e) {
                    yield FAILED;
                }
            }
            default -> name.contains("Lock") || name.contains("lock") ? in.scoped(name) : more(name, in);
        };
    }

    /** Shared values, and the functions of the module sluice. */
    private int more(String name, Arguments in) {
        switch (name) {
            case "GetValueByKeyOnHost", "GetModuleValueByKeyOnHost", "GetGlobalValueByKeyOnHost" -> {
                byte[] value = shared.get(in.scoped(name) + text(in.bytes()));
                return value == null ? NOT_FOUND : in.give(value);
            }
            case "SetValueByKeyOnHost", "SetModuleValueByKeyOnHost", "SetGlobalValueByKeyOnHost" -> {
                String key = in.scoped(name) + text(in.bytes());
                shared.put(key, in.bytes());
                return OK;
            }
            case "version" -> {
                return 1;
            }
            case "get_configuration" -> {
                String json = config.configuration();
                return json == null ? NOTHING : in.give(json.getBytes(UTF_8));
            }
            case "get_property" -> {
                return property(text(in.bytes()), in);
            }
            case "set_error" -> {
                return setError(in);
            }
            case "clear_error" -> {
                error = new byte[0];
                return OK;
            }
            case "add_counter" -> {
                in.bytes();
                in.number();
                return OK;
            }
            default ->
                throw new CommandException("the host function " + name + " cannot be traced; run it without --trace");
        }
    }

    /** Refuses what the host refuses, in its order, and leaves the error as it was then. */
    private int setError(Arguments in) {
        long code = Integer.toUnsignedLong((int) in.number());
        boolean asked = code > 0 && code <= 0xFFFF && in.length(0) == STATE && in.length(1) > 0 && inQuery;
        String state;
        byte[] message;
        try {
            state = text(in.bytes());
            message = in.bytes();
        } catch (IndexOutOfBoundsException e) {
            if (asked) {
                throw e;
            }
            return NOTHING;
        }
        if (!asked || !state.matches("[0-9A-Z]{5}")) {
            return NOTHING;
        }
        if (message.length > config.limits().maxResultBytes()) {
            return FAILED;
        }
        error = message;
        return OK;
    }

    private int property(String name, Arguments in) {
        for (QueryProperty each : config.grants()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                String value = statement.properties().get(each);
                return value == null || value.isEmpty() ? NOTHING : in.give(value.getBytes(UTF_8));
            }
        }
        return NOT_FOUND;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    private static String quoted(byte[] bytes) {
        String text = text(bytes);
        String cut = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
        return '"'
                + cut.replace("\n", "\\n")
                + '"'
                + (cut.length() == text.length() ? "" : " of " + bytes.length + " bytes");
    }

    private static String rows(byte[] bytes) {
        try {
            Rows rows = Rows.read(bytes);
            return rows.rows().size() + " rows of " + rows.columns();
        } catch (MalformedResultException e) {
            return bytes.length + " bytes that are no result: " + e.getMessage();
        }
    }

    /** The arguments of one call, taken from left to right. */
    private static final class Arguments {
        private final Caller caller;
        private final FuncType type;
        private final long[] slots;
        private final boolean writes;
        private final List<String> shown = new ArrayList<>();
        private int next;

        /** What it was given beside the status. */
        String given = "";

        Arguments(Caller caller, FuncType type, long[] slots, boolean writes) {
            this.caller = caller;
            this.type = type;
            this.slots = slots;
            this.writes = writes;
        }

        void show(String text) {
            if (writes) {
                shown.add(text);
            }
        }

        /** The length of a text that is still to be taken, counted from the next. */
        long length(int text) {
            return Integer.toUnsignedLong((int) slots[2 * (next + 2 * text + 1)]);
        }

        String shown() {
            return String.join(", ", shown);
        }

        private long take() {
            return slots[2 * next++];
        }

        long number() {
            long number = take();
            show(Long.toString(number));
            return number;
        }

        boolean ofQuery() {
            long ctx = take();
            show("ctx " + ctx);
            return ctx == CTX;
        }

        /** Takes the scope and the module of a function that has them: 0, and so it answers OK for a lock. */
        int scoped(String name) {
            int left = type.params().size() - (name.contains("Value") ? 4 : 0);
            for (; left > 0; left--) {
                number();
            }
            return OK;
        }

        byte[] bytes() {
            byte[] bytes = raw();
            if (writes) {
                show(quoted(bytes));
            }
            return bytes;
        }

        byte[] result() {
            byte[] bytes = raw();
            if (writes) {
                show(rows(bytes));
            }
            return bytes;
        }

        private byte[] raw() {
            long at = Integer.toUnsignedLong((int) take());
            long length = Integer.toUnsignedLong((int) take());
            if (at + length > caller.memoryByteSize()) {
                throw new IndexOutOfBoundsException();
            }
            byte[] bytes = new byte[(int) length];
            caller.readMemory(at, bytes, 0, bytes.length);
            return bytes;
        }

        int giveResult(byte[] bytes) {
            int status = give(bytes);
            given = writes && status == OK ? ", " + rows(bytes) : "";
            return status;
        }

        /** Has the guest make room, and puts a value there; one of no bytes is none. */
        int give(byte[] value) {
            long out = Integer.toUnsignedLong((int) take());
            long outLength = Integer.toUnsignedLong((int) take());
            if (value.length == 0) {
                return NOTHING;
            }
            long[] room = {value.length, 0};
            caller.call("malloc", room);
            long at = Integer.toUnsignedLong((int) room[0]);
            if (at == 0) {
                return FAILED;
            }
            caller.writeMemory(at, value, 0, value.length);
            caller.writeInt(out, (int) at);
            caller.writeInt(outLength, value.length);
            given = writes ? ", " + quoted(value) : "";
            return OK;
        }
    }
}
