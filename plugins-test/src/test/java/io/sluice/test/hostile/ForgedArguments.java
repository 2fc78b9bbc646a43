package io.sluice.test.hostile;

import static io.sluice.test.hostile.Wasm.bytes;
import static io.sluice.test.hostile.Wasm.i32Const;
import static io.sluice.test.hostile.Wasm.join;
import static io.sluice.test.hostile.Wasm.leb;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.QueryProperty;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.ImportType;
import io.sluice.runtime.Module;
import io.sluice.runtime.ValueType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Forged addresses, lengths and contexts in every host function. A puppet of a guest imports all functions of a dialect, of WASI and of
 * {@code sluice}; the query says which it calls with which arguments.
 */
final class ForgedArguments {
    /** In the place of this argument the puppet passes the true context. */
    private static final long CONTEXT = 0x5eed_c0de_5eed_c0deL;

    private static final int MEMORY_PAGES = 4;
    private static final int QUERY_AT = 4096;
    private static final int CALL_BYTES = 8 * 11;
    private static final int CALLS_A_QUERY = 32;

    /** Preview 1: name and parameters; all but proc_exit answer one i32. */
    private static final String WASI =
            "args_get ii args_sizes_get ii environ_get ii environ_sizes_get ii clock_res_get ii clock_time_get ili fd_advise illi "
                    + "fd_allocate ill fd_close i fd_datasync i fd_fdstat_get ii fd_fdstat_set_flags ii fd_fdstat_set_rights ill "
                    + "fd_filestat_get ii fd_filestat_set_size il fd_filestat_set_times illi fd_pread iiili fd_prestat_get ii "
                    + "fd_prestat_dir_name iii fd_pwrite iiili fd_read iiii fd_readdir iiili fd_renumber ii fd_seek ilii fd_sync i "
                    + "fd_tell ii fd_write iiii path_create_directory iii path_filestat_get iiiii path_filestat_set_times iiiilli "
                    + "path_link iiiiiii path_open iiiiillii path_readlink iiiiii path_remove_directory iii path_rename iiiiii "
                    + "path_symlink iiiii path_unlink_file iii poll_oneoff iiii proc_raise i sched_yield - random_get ii "
                    + "sock_accept iii sock_recv iiiiii sock_send iiiii sock_shutdown ii";

    private static final String SLUICE =
            "version - get_configuration ii get_property iiii set_error iiiii clear_error - add_counter iil";

    private ForgedArguments() {}

    private record Imported(String module, String name, String params, String results) {}

    /** {@code forged:QUERIES}: of so many for each dialect and isolation mode, each with 32 calls. */
    static void run(Stage stage, String[] arguments) {
        int queries = Integer.parseInt(arguments[0]);
        for (String dialect : List.of("c", "dialect_a", "dialect_b")) {
            List<Imported> functions = functions(dialect);
            byte[] puppet = puppet(functions, !dialect.equals("c"));
            for (Isolation isolation : List.of(Isolation.perRequest(), Isolation.pooled())) {
                stage.report.guest();
                pull(stage, dialect, isolation, puppet, functions, queries);
                stage.askCanary();
            }
        }
    }

    private static void pull(
            Stage stage, String dialect, Isolation isolation, byte[] puppet, List<Imported> functions, int queries) {
        PluginLimits limits = PluginLimits.defaults()
                .withFuelPerCall(50_000_000)
                .withDeadline(Duration.ofMillis(200))
                .withMaxMemoryBytes(1 << 20);
        PluginConfig config = PluginConfig.of("puppet-" + dialect)
                .withIsolation(isolation)
                .withLimits(limits)
                .withMaxInstances(2)
                .withConfiguration("{}")
                .withGrants(EnumSet.allOf(QueryProperty.class))
                .withLogRecordsPerSecond(1);
        Map<String, Integer> endings = new LinkedHashMap<>();
        try (Plugin plugin = stage.host.load(config, PluginSource.bytes(puppet))) {
            Random random = new Random(dialect.hashCode());
            for (int i = 0; i < queries; i++) {
                byte[] program = program(random, functions, i);
                String ending = Stage.ending(plugin, program);
                String kind = ending.startsWith("says") ? "says" : ending;
                endings.merge(kind, 1, Integer::sum);
                if (!ENDINGS.contains(kind)) {
                    stage.report.wrong("forged arguments on " + dialect + ", query " + i + ": " + ending);
                }
            }
        }
        stage.report.say(dialect + ", " + isolation + ", " + functions.size() + " functions x " + queries
                + " queries of " + CALLS_A_QUERY + " calls: " + endings);
    }

    /** A call returns, waits until its deadline, or traps in the guest's own allocator or at an unreachable after a bad answer. */
    private static final List<String> ENDINGS = List.of(
            "fine",
            "says",
            "before DEADLINE_EXCEEDED",
            "after DEADLINE_EXCEEDED",
            "before OUT_OF_FUEL",
            "before UNREACHABLE");

    private static byte[] program(Random random, List<Imported> functions, int query) {
        ByteBuffer program = ByteBuffer.allocate(8 + CALLS_A_QUERY * CALL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        program.putLong(CALLS_A_QUERY);
        for (int call = 0; call < CALLS_A_QUERY; call++) {
            // Each function in turn, so that none is left to chance.
            int function = (query * CALLS_A_QUERY + call) % functions.size();
            program.putLong(function);
            String params = functions.get(function).params;
            for (int i = 0; i < 10; i++) {
                boolean wide = i < params.length() && params.charAt(i) == 'l';
                program.putLong(wide ? forgedLong(random) : forgedInt(random));
            }
        }
        return program.array();
    }

    private static final long[] INTS = {
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        64,
        QUERY_AT,
        MEMORY_PAGES * 65536L - 8,
        MEMORY_PAGES * 65536L - 4,
        MEMORY_PAGES * 65536L - 1,
        MEMORY_PAGES * 65536L,
        MEMORY_PAGES * 65536L + 1,
        0x7fff_ffffL,
        0x8000_0000L,
        0x8000_0001L,
        0xffff_fff0L,
        0xffff_fffcL,
        0xffff_ffffL
    };

    private static long forgedInt(Random random) {
        return random.nextInt(8) == 0 ? random.nextInt() & 0xffff_ffffL : INTS[random.nextInt(INTS.length)];
    }

    private static long forgedLong(Random random) {
        return switch (random.nextInt(6)) {
            case 0, 1, 2 -> CONTEXT;
            case 3 -> INTS[random.nextInt(INTS.length)];
            case 4 -> -1L >>> random.nextInt(64);
            default -> random.nextLong();
        };
    }

    /** Those of the dialect's guest that calls them all, and everything of WASI and {@code sluice}. */
    private static List<Imported> functions(String dialect) {
        List<Imported> functions = new ArrayList<>();
        try (Engine engine = Engine.create(EngineConfig.defaults().withMaxInstances(1));
                Module module = Module.compile(engine, Guests.bytes(dialect + "/every_function"))) {
            for (ImportType found : module.imports()) {
                if (found.module().equals("env") && found.type() instanceof FuncType type) {
                    functions.add(new Imported("env", found.name(), letters(type.params()), letters(type.results())));
                }
            }
        }
        if (dialect.equals("c")) {
            functions.add(new Imported("env", "SetValueByKeyOnHost", "iliiii", "i"));
            functions.add(new Imported("env", "GetValueByKeyOnHost", "iliiii", "i"));
            functions.add(new Imported("env", "LockOnHost", "il", "i"));
            functions.add(new Imported("env", "UnlockOnHost", "il", "i"));
        }
        addAll(functions, "wasi_snapshot_preview1", WASI);
        addAll(functions, "sluice", SLUICE);
        return functions;
    }

    private static void addAll(List<Imported> functions, String module, String list) {
        String[] words = list.split(" ", -1);
        for (int i = 0; i < words.length; i += 2) {
            functions.add(new Imported(module, words[i], words[i + 1].equals("-") ? "" : words[i + 1], "i"));
        }
    }

    private static String letters(List<ValueType> types) {
        StringBuilder letters = new StringBuilder();
        for (ValueType type : types) {
            letters.append(
                    switch (type) {
                        case I32 -> 'i';
                        case I64 -> 'l';
                        default -> throw new IllegalArgumentException("no host function takes " + type);
                    });
        }
        return letters.toString();
    }

    /**
     * A guest whose before asks for the query, which lands at {@link #QUERY_AT}, and makes the calls that it holds. Function indices: the
     * imports, malloc, before, after.
     */
    private static byte[] puppet(List<Imported> functions, boolean legacy) {
        List<byte[]> types = new ArrayList<>();
        List<byte[]> imports = new ArrayList<>();
        int getQuery = -1;
        for (int i = 0; i < functions.size(); i++) {
            Imported function = functions.get(i);
            types.add(Wasm.funcType(function.params, function.results));
            imports.add(Wasm.importFunc(function.module, function.name, i));
            if (function.name.equals("GetQueryOnHost")) {
                getQuery = i;
            }
        }
        int malloc = functions.size();
        types.add(Wasm.funcType("i", "i"));
        types.add(Wasm.funcType(legacy ? "ll" : "l", ""));
        types.add(Wasm.funcType(legacy ? "" : "l", ""));
        byte[] exports = join(
                leb(4),
                join(Wasm.name("memory"), bytes(2, 0)),
                Wasm.exportFunc(legacy ? "proxy_on_memory_allocate" : "malloc", malloc),
                Wasm.exportFunc("RunBeforeExecutionOnGuest", malloc + 1),
                Wasm.exportFunc("RunAfterExecutionOnGuest", malloc + 2));
        // Large askings are refused: an address above the memory is the guest's own forgery, which other guests make.
        byte[] allocate = Wasm.body(leb(0), i32Const(QUERY_AT));
        byte[] nothing = Wasm.body(leb(0));
        return Wasm.module(
                Wasm.section(1, leb(types.size()), join(types.toArray(byte[][]::new))),
                Wasm.section(2, leb(imports.size()), join(imports.toArray(byte[][]::new))),
                Wasm.section(3, leb(3), leb(malloc), leb(malloc + 1), leb(malloc + 2)),
                Wasm.section(5, leb(1), bytes(1), leb(MEMORY_PAGES), leb(MEMORY_PAGES)),
                Wasm.section(7, exports),
                Wasm.section(10, leb(3), allocate, before(functions, getQuery, legacy), nothing));
    }

    private static byte[] before(List<Imported> functions, int getQuery, boolean legacy) {
        int at = legacy ? 2 : 1;
        int left = at + 1;
        List<byte[]> code = new ArrayList<>();
        code.add(join(bytes(0x20, 0), i32Const(16), i32Const(20), bytes(0x10), leb(getQuery), bytes(0x1a)));
        // The program is copied to where later allocations do not overwrite it.
        int kept = 65536;
        code.add(join(
                i32Const(kept), i32Const(QUERY_AT), i32Const(8 + CALLS_A_QUERY * CALL_BYTES), bytes(0xfc, 10, 0, 0)));
        code.add(join(i32Const(kept + 8), bytes(0x21, at), i32Const(CALLS_A_QUERY), bytes(0x21, left)));
        code.add(bytes(0x03, 0x40));
        for (int i = 0; i < functions.size(); i++) {
            Imported function = functions.get(i);
            // if (call.function == i)
            code.add(join(bytes(0x20, at, 0x28, 2, 0), i32Const(i), bytes(0x46, 0x04, 0x40)));
            for (int p = 0; p < function.params.length(); p++) {
                byte[] load = join(bytes(0x20, at, 0x29, 3), leb(8 + 8L * p));
                if (function.params.charAt(p) == 'i') {
                    code.add(join(load, bytes(0xa7)));
                } else {
                    // select(ctx, argument, argument == CONTEXT)
                    code.add(join(
                            bytes(0x20, 0), load, load, bytes(0x42), Wasm.sleb(CONTEXT), bytes(0x51), bytes(0x1b)));
                }
            }
            code.add(join(bytes(0x10), leb(i), function.results.isEmpty() ? bytes() : bytes(0x1a), bytes(0x0b)));
        }
        code.add(join(
                bytes(0x20, at),
                i32Const(CALL_BYTES),
                bytes(0x6a, 0x21, at),
                bytes(0x20, left),
                i32Const(1),
                bytes(0x6b, 0x22, left),
                bytes(0x0d, 0, 0x0b)));
        return Wasm.body(join(leb(1), leb(2), bytes(Wasm.I32)), code.toArray(byte[][]::new));
    }
}
