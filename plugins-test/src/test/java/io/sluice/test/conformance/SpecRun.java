package io.sluice.test.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.sluice.runtime.CompilationException;
import io.sluice.runtime.Engine;
import io.sluice.runtime.Func;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Instance;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.LinkException;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.Value;
import io.sluice.runtime.ValueType;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One script of the testsuite, in a store of its own. */
final class SpecRun implements AutoCloseable {
    private static final StoreConfig STORE = StoreConfig.defaults()
            .withFuelPerCall(1_000_000_000_000L)
            .withDeadline(Duration.ofMinutes(1))
            .withMaxInstances(900)
            .withMaxMemories(900)
            .withMaxTables(900);

    private static final Map<String, List<ValueType>> PRINTERS = Map.of(
            "print", List.of(),
            "print_i32", List.of(ValueType.I32),
            "print_i64", List.of(ValueType.I64),
            "print_f32", List.of(ValueType.F32),
            "print_f64", List.of(ValueType.F64),
            "print_i32_f32", List.of(ValueType.I32, ValueType.F32),
            "print_f64_f64", List.of(ValueType.F64, ValueType.F64));

    /** How the suite words a trap, and which kind that is. It may say less than this, or more. */
    private static final Map<String, TrapKind> TRAPS = new LinkedHashMap<>();

    static {
        TRAPS.put("unreachable", TrapKind.UNREACHABLE);
        TRAPS.put("out of bounds memory access", TrapKind.MEMORY_OUT_OF_BOUNDS);
        TRAPS.put("out of bounds table access", TrapKind.TABLE_OUT_OF_BOUNDS);
        TRAPS.put("undefined element", TrapKind.TABLE_OUT_OF_BOUNDS);
        TRAPS.put("uninitialized element", TrapKind.INDIRECT_CALL_TO_NULL);
        TRAPS.put("indirect call type mismatch", TrapKind.BAD_SIGNATURE);
        TRAPS.put("integer divide by zero", TrapKind.INTEGER_DIVISION_BY_ZERO);
        TRAPS.put("integer overflow", TrapKind.INTEGER_OVERFLOW);
        TRAPS.put("invalid conversion to integer", TrapKind.BAD_CONVERSION_TO_INTEGER);
        TRAPS.put("call stack exhausted", TrapKind.STACK_OVERFLOW);
    }

    /** A module or instance that the script speaks of, or why there is none. */
    private record Held<T>(@Nullable T object, @Nullable String skipped) {
        T get() throws Skipped {
            if (object == null) {
                throw new Skipped(skipped == null ? "unknown" : skipped);
            }
            return object;
        }
    }

    /** Why something cannot be asked. */
    private static final class Skipped extends Exception {
        private static final long serialVersionUID = 1L;

        final String reason;

        Skipped(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }
    }

    private final Engine engine;
    private final Instance spectest;
    private final Store store;
    private final SpecArchive.Script script;
    private final Tally tally;
    private final Map<String, Held<Instance>> instances = new HashMap<>();
    private final Map<String, Held<Instance>> registered = new HashMap<>();
    private final Map<String, Held<Module>> definitions = new HashMap<>();
    private @Nullable Held<Instance> latest;
    private @Nullable Held<Module> latestDefinition;

    SpecRun(Engine engine, Module spectest, SpecArchive.Script script, Tally tally) {
        this.engine = engine;
        this.script = script;
        this.tally = tally;
        this.store = Store.create(engine, STORE);
        try (Linker linker = Linker.create(engine);
                InstancePre pre = linker.instantiatePre(spectest)) {
            this.spectest = store.instantiate(pre);
        }
    }

    @Override
    public void close() {
        for (Held<Module> definition : definitions.values()) {
            if (definition.object() != null) {
                definition.object().close();
            }
        }
        store.close();
    }

    void run() {
        for (JsonElement command : script.commands()) {
            run(command.getAsJsonObject());
        }
    }

    private void run(JsonObject command) {
        String type = command.get("type").getAsString();
        boolean assertion = type.startsWith("assert_");
        try {
            perform(type, command);
            if (assertion) {
                tally.passed(script.folder());
            }
        } catch (Skipped skipped) {
            // A module that is skipped is no assertion; those about it are.
            if (assertion) {
                tally.skipped(script.folder(), skipped.reason, 1);
            } else if (type.equals("thread")) {
                tally.skipped(script.folder(), skipped.reason, assertions(command.getAsJsonArray("commands")));
            }
        } catch (RuntimeException | Error e) {
            tally.failed(
                    script.folder(),
                    script.name() + ".wast:" + command.get("line").getAsInt() + ": " + type + ": " + e);
        }
    }

    private static long assertions(JsonArray commands) {
        long count = 0;
        for (JsonElement command : commands) {
            count += command.getAsJsonObject().get("type").getAsString().startsWith("assert_") ? 1 : 0;
        }
        return count;
    }

    private void perform(String type, JsonObject command) throws Skipped {
        switch (type) {
            case "module" -> {
                Held<Instance> made = instance(command);
                latest = made;
                keep(instances, command, "name", made);
                made.get();
            }
            case "module_definition" -> {
                Held<Module> made = definition(command);
                latestDefinition = made;
                definitions.put("#" + definitions.size(), made);
                keep(definitions, command, "name", made);
            }
            case "module_instance" -> {
                Held<Instance> made = instanceOf(find(definitions, command, "module", latestDefinition));
                latest = made;
                keep(instances, command, "instance", made);
                made.get();
            }
            case "register" ->
                registered.put(command.get("as").getAsString(), find(instances, command, "name", latest));
            case "action" -> act(command);
            case "assert_return" -> {
                Value[] found = act(command);
                require(
                        SpecValues.match(command.getAsJsonArray("expected"), found),
                        () -> "expected " + command.get("expected") + ", found " + Arrays.toString(found) + " from "
                                + command.get("action"));
            }
            case "assert_trap", "assert_exhaustion" -> expectTrap(command, () -> act(command));
            case "assert_uninstantiable" -> expectTrap(command, () -> instantiate(command));
            case "assert_unlinkable" -> expectUnlinkable(command);
            case "assert_invalid", "assert_malformed" -> expectRefused(command);
            case "assert_exception" -> {
                actor(command).get();
                throw new Skipped(off("exceptions"));
            }
            case "thread", "wait" -> throw new Skipped(off("threads"));
            default -> throw new IllegalStateException("the command " + type + " is not known");
        }
    }

    private static <T> void keep(Map<String, Held<T>> where, JsonObject command, String key, Held<T> what) {
        if (command.has(key)) {
            where.put(command.get(key).getAsString(), what);
        }
    }

    private static <T> Held<T> find(
            Map<String, Held<T>> where, JsonObject command, String key, @Nullable Held<T> otherwise) {
        Held<T> found = command.has(key) ? where.get(command.get(key).getAsString()) : otherwise;
        if (found == null) {
            throw new IllegalStateException("there is nothing of the name that " + command + " gives");
        }
        return found;
    }

    private static void require(boolean holds, java.util.function.Supplier<String> otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise.get());
        }
    }

    // ---- modules ----------------------------------------------------------------------------------------------------

    private static final String TOO_LARGE = "a memory or table above Sluice's limits: refused for its size first";
    private static final String SUPERSEDED = "a rule that bulk-memory changed: a segment that does not fit traps";

    private static String off(String proposal) {
        return switch (proposal) {
            case "externref" -> "externref: the feature gc is not compiled in";
            case "gc", "exceptions", "threads", "custom-descriptors" -> "proposal " + proposal + ": not compiled in";
            case "later" -> "refused by this version of the specification, valid in a later one";
            default -> "proposal " + proposal + ": off for untrusted guests";
        };
    }

    /** The module's bytes, unless it is about something that Sluice has not. */
    private byte[] wasm(JsonObject command) throws Skipped {
        if (!command.has("wasm")) {
            throw new Skipped("text format: there is no binary form to ask about");
        }
        if (command.has("needs")) {
            String reason = off(command.getAsJsonArray("needs").get(0).getAsString());
            // What it would have done to them has not happened.
            for (JsonElement name : command.getAsJsonArray("imports")) {
                forget(name.getAsString(), reason);
            }
            throw new Skipped(reason);
        }
        return script.modules().get(command.get("wasm").getAsInt());
    }

    /** Later assertions about a registered instance mean nothing any more. */
    private void forget(String name, String reason) {
        Held<Instance> held = registered.get(name);
        if (held != null && held.object() != null) {
            Held<Instance> gone = new Held<>(null, reason);
            instances.replaceAll((key, other) -> other.object() == held.object() ? gone : other);
            registered.replaceAll((key, other) -> other.object() == held.object() ? gone : other);
        }
    }

    private Held<Module> definition(JsonObject command) {
        try {
            return new Held<>(Module.compile(engine, wasm(command)), null);
        } catch (LimitException e) {
            return new Held<>(null, TOO_LARGE);
        } catch (Skipped skipped) {
            return new Held<>(null, skipped.reason);
        }
    }

    private Held<Instance> instance(JsonObject command) {
        try {
            return new Held<>(instantiate(command), null);
        } catch (Skipped skipped) {
            return new Held<>(null, skipped.reason);
        }
    }

    private Held<Instance> instanceOf(Held<Module> module) {
        try {
            return new Held<>(instantiate(module.get()), null);
        } catch (Skipped skipped) {
            return new Held<>(null, skipped.reason);
        }
    }

    private Instance instantiate(JsonObject command) throws Skipped {
        try (Module module = Module.compile(engine, wasm(command))) {
            return instantiate(module);
        }
    }

    private Instance instantiate(Module module) throws Skipped {
        try (Linker linker = linker(module);
                InstancePre pre = linker.instantiatePre(module)) {
            return store.instantiate(pre);
        }
    }

    /** What the module may import: the names that it asks for, of the host and of registered instances. */
    private Linker linker(Module module) throws Skipped {
        Linker linker = Linker.create(engine);
        try {
            TreeSet<String> names =
                    module.imports().stream().map(type -> type.module()).collect(Collectors.toCollection(TreeSet::new));
            for (String name : names) {
                Held<Instance> held = registered.get(name);
                if (held != null) {
                    linker.defineInstance(name, held.get());
                } else if (name.equals("spectest")) {
                    linker.defineInstance(name, spectest);
                    PRINTERS.forEach((printer, params) -> linker.defineFunction(
                            name, printer, FuncType.of(params, List.of()), (caller, slots) -> {}));
                }
            }
            return linker;
        } catch (Skipped | RuntimeException | Error e) {
            linker.close();
            throw e;
        }
    }

    // ---- actions ----------------------------------------------------------------------------------------------------

    private Held<Instance> actor(JsonObject command) {
        return find(instances, command.getAsJsonObject("action"), "module", latest);
    }

    private Value[] act(JsonObject command) throws Skipped {
        Instance instance = actor(command).get();
        JsonObject action = command.getAsJsonObject("action");
        String field = action.get("field").getAsString();
        if (action.get("type").getAsString().equals("get")) {
            return new Value[] {instance.global(field).get()};
        }
        Func func = instance.func(field);
        Value[] arguments = SpecValues.arguments(action.getAsJsonArray("args"));
        // Both ways in, in turns.
        boolean raw = command.get("line").getAsInt() % 2 == 0 && arguments.length <= 4 && RawCall.fits(func.type());
        return raw ? RawCall.call(func, arguments) : func.call(arguments);
    }

    // ---- what must go wrong -----------------------------------------------------------------------------------------

    private interface Step {
        Object run() throws Skipped;
    }

    private static void expectTrap(JsonObject command, Step step) throws Skipped {
        String text = command.get("text").getAsString();
        Set<TrapKind> expected = TRAPS.entrySet().stream()
                .filter(entry ->
                        text.startsWith(entry.getKey()) || entry.getKey().startsWith(text))
                .map(Map.Entry::getValue)
                .collect(Collectors.toSet());
        Object found;
        try {
            found = step.run();
        } catch (TrapException e) {
            require(expected.contains(e.kind()), () -> "expected the trap \"" + text + "\", found " + e);
            return;
        }
        throw new IllegalStateException("expected the trap \"" + text + "\", found " + found);
    }

    private void expectUnlinkable(JsonObject command) throws Skipped {
        String text = command.get("text").getAsString();
        try (Module module = Module.compile(engine, wasm(command))) {
            boolean unknown = text.startsWith("unknown import");
            try {
                instantiate(module);
            } catch (LinkException e) {
                String message = String.valueOf(e.getMessage());
                require(
                        message.contains(unknown ? "unknown import" : ", the host offers "),
                        () -> "expected \"" + text + "\", found " + e);
                return;
            } catch (TrapException e) {
                require(text.endsWith("segment does not fit"), () -> "expected \"" + text + "\", found " + e);
                module.imports().forEach(type -> forget(type.module(), SUPERSEDED));
                throw new Skipped(SUPERSEDED);
            }
        }
        throw new IllegalStateException("expected \"" + text + "\", found an instance");
    }

    /** Validating and compiling must both refuse it. */
    private void expectRefused(JsonObject command) throws Skipped {
        byte[] wasm = wasm(command);
        boolean refused = false;
        try {
            Module.validate(engine, wasm);
        } catch (CompilationException e) {
            refused = true;
        } catch (LimitException e) {
            throw new Skipped(TOO_LARGE);
        }
        String text = command.get("text").getAsString();
        require(refused, () -> "expected \"" + text + "\", found a module that is said to be valid");
        try (Module module = Module.compile(engine, wasm)) {
            throw new IllegalStateException("expected \"" + text + "\", compiled with " + module.imports());
        } catch (CompilationException e) {
            // As it should be.
        }
    }
}
