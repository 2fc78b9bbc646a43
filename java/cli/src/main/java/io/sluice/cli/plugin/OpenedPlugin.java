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

    private final PluginConfig config;
    private final Statement statement;
    private final Linker linker;
    private final InstancePre pre;
    private final Store store;
    private final Map<String, byte[]> shared = new HashMap<>();
    private final List<String> calls = new ArrayList<>();
    private final Instance instance;

    private byte[] query;
    private byte[] error = {};
    private byte[] result = {};

    /**
     * Makes an instance and runs its start.
     *
     * @throws CommandException if its entry points are not those of dialect C
     */
    OpenedPlugin(Engine engine, Module module, PluginConfig config, Statement statement) {
        this.config = config;
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
        for (String start : List.of("_initialize", "_start")) {
            if (instance.findFunc(start).isPresent()) {
                calls.add(start);
                start(start);
                break;
            }
        }
    }

    private void start(String name) {
        try {
            instance.func(name).callRaw(new long[2]);
        } catch (ExitException e) {
            if (e.exitCode() != 0) {
                throw e;
            }
        }
    }

    /** Calls Before, with that fuel; what it used, however it ended. */
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
        calls.add(entry);
        store.setLimits(fuel, PATIENCE);
        instance.func(entry).callRaw(new long[] {CTX, 0});
    }

    /** The fuel that the last call used; that of host functions is not in it. */
    long fuelUsed() {
        return store.fuelUsed();
    }

    /** What was called, in order: entry points of the plugin, and below each what it called of the host. */
    List<String> calls() {
        return calls;
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
        Arguments in = new Arguments(caller, type, slots);
        int at = calls.size();
        calls.add("");
        String shown;
        int status;
        try {
            status = serve(name, in);
            shown = in.shown();
        } catch (IndexOutOfBoundsException e) {
            status = FAILED;
            shown = in.shown() + (in.shown().isEmpty() ? "" : ", ") + "an address that is not in the memory";
        }
        calls.set(at, "  " + name + "(" + shown + ") = " + status + in.given);
        if (!type.results().isEmpty()) {
            slots[0] = status;
            slots[1] = 0;
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
                query = known ? text : query;
                yield known ? OK : NOTHING;
            }
            case "GetErrorMessageOnHost" -> in.ofQuery() ? in.give(error) : NOTHING;
            case "SetErrorMessageOnHost" -> {
                boolean known = in.ofQuery();
                byte[] text = in.bytes();
                error = known ? text : error;
                yield known ? OK : NOTHING;
            }
            case "GetQueryResultOnHost" -> in.ofQuery() ? in.giveResult(result) : NOTHING;
            case "SetQueryResultOnHost" -> {
                boolean known = in.ofQuery();
                byte[] bytes = in.result();
                try {
                    Rows.read(bytes);
                    result = known ? bytes : result;
                    yield known ? OK : NOTHING;
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
                in.number();
                in.bytes();
                error = in.bytes();
                return error.length == 0 ? NOTHING : OK;
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
        private final List<String> shown = new ArrayList<>();
        private int next;

        /** What it was given beside the status. */
        String given = "";

        Arguments(Caller caller, FuncType type, long[] slots) {
            this.caller = caller;
            this.type = type;
            this.slots = slots;
        }

        String shown() {
            return String.join(", ", shown);
        }

        private long take() {
            return slots[2 * next++];
        }

        long number() {
            long number = take();
            shown.add(Long.toString(number));
            return number;
        }

        boolean ofQuery() {
            long ctx = take();
            shown.add("ctx " + ctx);
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
            shown.add(quoted(bytes));
            return bytes;
        }

        byte[] result() {
            byte[] bytes = raw();
            shown.add(rows(bytes));
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
            given = status == OK ? ", " + rows(bytes) : "";
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
            given = ", " + quoted(value);
            return OK;
        }
    }
}
