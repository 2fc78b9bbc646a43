package io.sluice.test.hostile;

import static io.sluice.test.hostile.Wasm.END;
import static io.sluice.test.hostile.Wasm.I32;
import static io.sluice.test.hostile.Wasm.I64;
import static io.sluice.test.hostile.Wasm.body;
import static io.sluice.test.hostile.Wasm.bytes;
import static io.sluice.test.hostile.Wasm.funcType;
import static io.sluice.test.hostile.Wasm.i32Const;
import static io.sluice.test.hostile.Wasm.join;
import static io.sluice.test.hostile.Wasm.leb;
import static io.sluice.test.hostile.Wasm.repeated;
import static io.sluice.test.hostile.Wasm.section;
import static io.sluice.test.hostile.Wasm.times;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** Modules that are extreme in one way each, with the ending that each must have: a pattern. */
final class ExtremeModules {
    /** What a module that may be compiled or refused for its time or size ends as. */
    private static final String EITHER =
            "compiled with \\d+ exports|limit COMPILE_TIME|limit FUNCTION_BYTES|limit MODULE_BYTES|refused: (?s).*";

    private static final String REFUSED = "refused: (?s).*";

    private static final byte[] NO_LOCALS = leb(0);
    private static final byte[] ONE_TYPE = section(1, leb(1), funcType("", ""));
    private static final byte[] ONE_FUNC = section(3, leb(1), leb(0));

    record Made(String expected, Supplier<byte[]> make) {}

    private ExtremeModules() {}

    static Map<String, Made> all() {
        Map<String, Made> all = new LinkedHashMap<>();
        sizes(all);
        shapes(all);
        sections(all);
        malformed(all);
        return all;
    }

    private static void sizes(Map<String, Made> all) {
        all.put("a function of 120 KB of additions", made(EITHER, () -> oneFunc(NO_LOCALS, additions(60_000))));
        all.put("a function of 7 MB of additions", made(EITHER, () -> oneFunc(NO_LOCALS, additions(3_500_000))));
        all.put(
                "a function of 8 MB, above the format's own limit",
                made("limit FUNCTION_BYTES|" + REFUSED, () -> oneFunc(NO_LOCALS, additions(4_000_000))));
        all.put(
                "a module of 17 MB",
                made("limit MODULE_BYTES", () -> Wasm.module(section(0, Wasm.name("x"), new byte[17 << 20]))));
        all.put(
                "a custom section of 15 MB",
                made("compiled with 0 exports", () -> Wasm.module(section(0, Wasm.name("x"), new byte[15 << 20]))));
        all.put("100,000 empty functions", made(EITHER, () -> functions(100_000)));
        all.put("1,000,001 functions", made(REFUSED + "|limit .*", () -> functions(1_000_001)));
        all.put(
                "20,000 functions with a loop",
                made(
                        EITHER,
                        () -> Wasm.module(
                                ONE_TYPE,
                                repeated(3, 20_000, leb(0)),
                                repeated(10, 20_000, body(NO_LOCALS, bytes(0x03, 0x40, 0x0c, 0, END))))));
    }

    private static void shapes(Map<String, Made> all) {
        all.put(
                "blocks 50,000 deep",
                made(
                        EITHER,
                        () -> oneFunc(NO_LOCALS, join(times(50_000, bytes(0x02, 0x40)), times(50_000, bytes(END))))));
        all.put(
                "ifs 20,000 deep",
                made(
                        EITHER,
                        () -> oneFunc(
                                NO_LOCALS,
                                join(times(20_000, join(i32Const(1), bytes(0x04, 0x40))), times(20_000, bytes(END))))));
        all.put(
                "loops 20,000 deep",
                made(
                        EITHER,
                        () -> oneFunc(NO_LOCALS, join(times(20_000, bytes(0x03, 0x40)), times(20_000, bytes(END))))));
        all.put(
                "blocks 1,000,000 deep",
                made(
                        EITHER,
                        () -> oneFunc(
                                NO_LOCALS, join(times(1_000_000, bytes(0x02, 0x40)), times(1_000_000, bytes(END))))));
        all.put(
                "20,000 empty loops in a row",
                made(EITHER, () -> oneFunc(NO_LOCALS, times(20_000, bytes(0x03, 0x40, END)))));
        all.put(
                "an expression 100,000 deep",
                made(
                        EITHER,
                        () -> oneFunc(
                                NO_LOCALS,
                                join(times(100_000, bytes(0x41, 1)), times(99_999, bytes(0x6a)), bytes(0x1a)))));
        all.put(
                "a compare of compares 100,000 deep",
                made(EITHER, () -> oneFunc(NO_LOCALS, join(bytes(0x41, 1), times(100_000, bytes(0x45)), bytes(0x1a)))));
        all.put(
                "nested selects",
                made(
                        EITHER,
                        () -> oneFunc(
                                NO_LOCALS,
                                join(
                                        bytes(0x41, 1),
                                        times(20_000, join(i32Const(2), i32Const(3), bytes(0x1b))),
                                        bytes(0x1a)))));
        all.put(
                "50,000 locals",
                made(EITHER, () -> oneFunc(join(leb(1), leb(50_000), bytes(I64)), times(5_000, bytes(0x20, 0, 0x1a)))));
        all.put("50,001 locals", made(REFUSED, () -> oneFunc(join(leb(1), leb(50_001), bytes(I64)))));
        all.put("4,294,967,295 locals", made(REFUSED, () -> oneFunc(join(leb(1), leb(0xffff_ffffL), bytes(I64)))));
        all.put(
                "4,000 blocks, each reads 1,000 locals",
                made(
                        EITHER,
                        () -> oneFunc(
                                join(leb(1), leb(1_000), bytes(I32)),
                                times(4_000, join(bytes(0x20, 1, 0x04, 0x40, 0x20, 2, 0x21, 3, END))))));
        all.put(
                "br_table of 100,000 targets",
                made(
                        EITHER,
                        () -> oneFunc(
                                NO_LOCALS,
                                join(
                                        bytes(0x02, 0x40, 0x02, 0x40, 0x41, 0, 0x0e),
                                        leb(100_000),
                                        times(100_000, bytes(1)),
                                        bytes(0, END, END)))));
        all.put(
                "br_table of 7,000,000 targets",
                made(
                        EITHER,
                        () -> oneFunc(
                                NO_LOCALS,
                                join(
                                        bytes(0x02, 0x40, 0x02, 0x40, 0x41, 0, 0x0e),
                                        leb(7_000_000),
                                        times(7_000_000, bytes(1)),
                                        bytes(0, END, END)))));
        all.put("1,000 br_tables of 100 targets, 100 blocks deep", made(EITHER, () -> oneFunc(NO_LOCALS, brTables())));
        all.put(
                "1,000 parameters",
                made(
                        EITHER,
                        () -> Wasm.module(
                                section(1, leb(1), funcType("i".repeat(1_000), "")),
                                ONE_FUNC,
                                section(10, leb(1), body(NO_LOCALS)))));
        all.put(
                "1,001 parameters",
                made(
                        REFUSED,
                        () -> Wasm.module(
                                section(1, leb(1), funcType("i".repeat(1_001), "")),
                                ONE_FUNC,
                                section(10, leb(1), body(NO_LOCALS)))));
        all.put("1,000 results through 200 blocks", made(EITHER, ExtremeModules::manyResults));
    }

    private static void sections(Map<String, Made> all) {
        all.put("1,000,000 types", made(EITHER, () -> Wasm.module(repeated(1, 1_000_000, funcType("", "")))));
        all.put("1,000,001 types", made(REFUSED, () -> Wasm.module(repeated(1, 1_000_001, funcType("", "")))));
        all.put(
                "100,000 imports",
                made(EITHER, () -> Wasm.module(ONE_TYPE, repeated(2, 100_000, Wasm.importFunc("env", "f", 0)))));
        all.put(
                "1,000,001 imports",
                made(REFUSED, () -> Wasm.module(ONE_TYPE, repeated(2, 1_000_001, Wasm.importFunc("", "", 0)))));
        all.put("100,000 exports", made(EITHER, () -> manyExports(100_000)));
        all.put(
                "the same export twice",
                made(
                        REFUSED,
                        () -> Wasm.module(
                                ONE_TYPE,
                                ONE_FUNC,
                                repeated(7, 2, Wasm.exportFunc("x", 0)),
                                section(10, leb(1), body(NO_LOCALS)))));
        all.put(
                "an import's name of 100,000 bytes",
                made(
                        EITHER,
                        () -> Wasm.module(
                                ONE_TYPE, section(2, leb(1), Wasm.importFunc("env", "n".repeat(100_000), 0)))));
        all.put(
                "an import's name of 100,001 bytes",
                made(
                        REFUSED,
                        () -> Wasm.module(
                                ONE_TYPE, section(2, leb(1), Wasm.importFunc("env", "n".repeat(100_001), 0)))));
        all.put(
                "100,000 data segments",
                made(
                        EITHER,
                        () -> Wasm.module(
                                section(5, leb(1), bytes(0), leb(1)),
                                repeated(11, 100_000, join(bytes(0), i32Const(0), bytes(END), leb(1), bytes(7))))));
        all.put(
                "100,001 data segments",
                made(
                        REFUSED,
                        () -> Wasm.module(
                                section(5, leb(1), bytes(0), leb(1)),
                                repeated(11, 100_001, join(bytes(0), i32Const(0), bytes(END), leb(1), bytes(7))))));
        all.put(
                "100,000 element segments",
                made(
                        EITHER,
                        () -> Wasm.module(
                                ONE_TYPE,
                                ONE_FUNC,
                                section(4, leb(1), bytes(Wasm.FUNCREF, 0), leb(1)),
                                repeated(9, 100_000, join(bytes(0), i32Const(0), bytes(END), leb(1), leb(0))),
                                section(10, leb(1), body(NO_LOCALS)))));
        all.put(
                "an element segment of 10,000,001 funcs",
                made(
                        REFUSED,
                        () -> Wasm.module(
                                ONE_TYPE,
                                ONE_FUNC,
                                section(4, leb(1), bytes(Wasm.FUNCREF, 0), leb(1)),
                                section(
                                        9,
                                        leb(1),
                                        bytes(0),
                                        i32Const(0),
                                        bytes(END),
                                        leb(10_000_001),
                                        new byte[10_000_001]),
                                section(10, leb(1), body(NO_LOCALS)))));
        all.put(
                "1,000,000 globals",
                made(EITHER, () -> Wasm.module(repeated(6, 1_000_000, join(bytes(I32, 1), i32Const(0), bytes(END))))));
        all.put(
                "a constant expression of 1,000,000 additions",
                made(
                        EITHER,
                        () -> Wasm.module(section(
                                6,
                                leb(1),
                                bytes(I32, 0),
                                i32Const(0),
                                times(1_000_000, bytes(0x41, 1, 0x6a)),
                                bytes(END)))));
        all.put(
                "100 tables",
                made(EITHER, () -> Wasm.module(repeated(4, 100, join(bytes(Wasm.FUNCREF, 0), leb(10_000))))));
        all.put(
                "a table of 4,294,967,295 elements",
                made(
                        "limit TABLE_ELEMENTS",
                        () -> Wasm.module(section(4, leb(1), bytes(Wasm.FUNCREF, 0), leb(0xffff_ffffL)))));
        all.put(
                "a memory of 65,536 pages",
                made("limit MEMORY_BYTES", () -> Wasm.module(section(5, leb(1), bytes(0), leb(65_536)))));
        all.put(
                "a memory of 65,537 pages",
                made("limit MEMORY_BYTES", () -> Wasm.module(section(5, leb(1), bytes(0), leb(65_537)))));
        all.put("two memories", made(REFUSED, () -> Wasm.module(repeated(5, 2, join(bytes(0), leb(1))))));
        all.put(
                "a data segment at 2^32-1",
                made(
                        EITHER,
                        () -> Wasm.module(
                                section(5, leb(1), bytes(0), leb(1)),
                                section(11, leb(1), bytes(0), i32Const(-1), bytes(END), leb(1), bytes(7)))));
    }

    private static void malformed(Map<String, Made> all) {
        all.put("a section longer than the file", made(REFUSED, () -> Wasm.module(join(bytes(1), leb(0xffff_ffffL)))));
        all.put("a count without items", made(REFUSED, () -> Wasm.module(section(1, leb(0xffff_fff0L)))));
        all.put(
                "a number of six bytes",
                made(REFUSED, () -> Wasm.module(section(1, bytes(0x81, 0x80, 0x80, 0x80, 0x80, 0)))));
        all.put(
                "a number whose last byte has bits too many",
                made(REFUSED, () -> Wasm.module(section(1, bytes(0x80, 0x80, 0x80, 0x80, 0x70)))));
        all.put(
                "a number that does not end",
                made(REFUSED, () -> Wasm.module(join(bytes(1), times(100, bytes(0x80))))));
        all.put("sections in the wrong order", made(REFUSED, () -> Wasm.module(ONE_FUNC, ONE_TYPE)));
        all.put("a section twice", made(REFUSED, () -> Wasm.module(ONE_TYPE, ONE_TYPE)));
        all.put("a section of an unknown kind", made(REFUSED, () -> Wasm.module(section(99))));
        all.put("functions without bodies", made(REFUSED, () -> Wasm.module(ONE_TYPE, repeated(3, 1000, leb(0)))));
        all.put(
                "bodies without functions",
                made(REFUSED, () -> Wasm.module(ONE_TYPE, section(10, leb(1), body(NO_LOCALS)))));
        all.put(
                "a body that does not end",
                made(
                        REFUSED,
                        () -> Wasm.module(
                                ONE_TYPE, ONE_FUNC, section(10, leb(1), leb(3), NO_LOCALS, bytes(0x01, 0x01)))));
        all.put("a body with ends too many", made(REFUSED, () -> oneFunc(NO_LOCALS, times(1000, bytes(END)))));
        all.put(
                "a name that is not UTF-8",
                made(
                        REFUSED,
                        () -> Wasm.module(
                                ONE_TYPE,
                                section(2, leb(1), leb(2), bytes(0xc3, 0x28), Wasm.name("f"), bytes(0), leb(0)))));
        all.put(
                "a custom section whose name is longer than it",
                made(REFUSED, () -> Wasm.module(section(0, leb(100)))));
        all.put(
                "a name section of noise",
                made("compiled with 0 exports", () -> Wasm.module(section(0, Wasm.name("name"), noise(100_000)))));
        all.put("another version", made(REFUSED, () -> bytes(0, 'a', 's', 'm', 2, 0, 0, 0)));
        all.put("a component", made(REFUSED, () -> bytes(0, 'a', 's', 'm', 0x0d, 0, 1, 0)));
        all.put("the text format", made(REFUSED, () -> "(module)".getBytes(StandardCharsets.US_ASCII)));
        all.put("nothing", made(REFUSED, () -> new byte[0]));
        all.put("a megabyte of noise", made(REFUSED, () -> noise(1 << 20)));
        all.put("a module with noise behind", made(REFUSED, () -> join(Wasm.module(ONE_TYPE), noise(1000))));
        all.put(
                "the meter's own name as an import",
                made(
                        REFUSED,
                        () -> Wasm.module(
                                section(1, leb(1), funcType("ll", "l")),
                                section(2, leb(1), Wasm.importFunc("sluice:meter", "refill", 0)))));
    }

    private static Made made(String expected, Supplier<byte[]> make) {
        return new Made(expected, make);
    }

    private static byte[] oneFunc(byte[] locals, byte[]... code) {
        return Wasm.module(ONE_TYPE, ONE_FUNC, section(10, leb(1), body(locals, code)));
    }

    private static byte[] functions(int count) {
        return Wasm.module(ONE_TYPE, repeated(3, count, leb(0)), repeated(10, count, body(NO_LOCALS)));
    }

    private static byte[] additions(int count) {
        return join(bytes(0x41, 0), times(count / 3 * 2, bytes(0x41, 1, 0x6a)), bytes(0x1a));
    }

    private static byte[] brTables() {
        byte[] targets = new byte[101];
        for (int i = 0; i <= 100; i++) {
            targets[i] = (byte) (i % 100);
        }
        byte[] table = join(bytes(0x02, 0x40, 0x41, 3, 0x0e), leb(100), targets, bytes(END));
        return join(times(100, bytes(0x02, 0x40)), times(1_000, table), times(100, bytes(END)));
    }

    private static byte[] manyResults() {
        byte[] constants = times(1_000, bytes(0x41, 1));
        byte[] blocks = join(times(200, bytes(0x02, 1)), constants, times(200, bytes(END)));
        return Wasm.module(
                section(1, leb(2), funcType("", ""), funcType("", "i".repeat(1_000))),
                ONE_FUNC,
                section(10, leb(1), body(NO_LOCALS, blocks, times(1_000, bytes(0x1a)))));
    }

    private static byte[] manyExports(int count) {
        byte[][] exports = new byte[count][];
        for (int i = 0; i < count; i++) {
            exports[i] = Wasm.exportFunc("e" + i, 0);
        }
        return Wasm.module(
                ONE_TYPE, ONE_FUNC, section(7, leb(count), join(exports)), section(10, leb(1), body(NO_LOCALS)));
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(3).nextBytes(noise);
        return noise;
    }
}
