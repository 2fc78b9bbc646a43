package io.sluice.test.conformance;

import io.sluice.test.conformance.Binding.Ended;
import io.sluice.test.conformance.Binding.Guest;
import io.sluice.test.conformance.Binding.Import;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/** What both bindings are asked. Each case is a line: its group, what was asked, what came of it. */
final class PeerCases {
    /** What a host function throws. */
    static final class HostThrew extends RuntimeException {
        private static final long serialVersionUID = 1L;

        HostThrew() {
            super("the host function had enough");
        }
    }

    private static final int PAGE_BYTES = 65_536;

    private final Binding binding;
    private final Consumer<String> out;

    private PeerCases(Binding binding, Consumer<String> out) {
        this.binding = binding;
        this.out = out;
    }

    static void run(Binding binding, Consumer<String> out) throws Ended {
        PeerCases cases = new PeerCases(binding, out);
        cases.numbers();
        cases.memory();
        cases.growth();
        cases.traps();
        cases.imports();
    }

    // ---- one case ---------------------------------------------------------------------------------------------------

    private void say(String group, String what, String outcome) {
        out.accept(group + "\t" + what + "\t" + outcome);
    }

    /** Calls and tells; the bits of a NaN are told only if they are defined. */
    private void tell(
            String group, Guest guest, String export, String params, String results, boolean exact, long... arguments) {
        StringBuilder asked = new StringBuilder(export);
        for (int i = 0; i < arguments.length; i++) {
            asked.append(' ').append(text(params.charAt(i), arguments[i], true));
        }
        say(group, asked.toString(), outcome(guest, export, params, results, exact, arguments));
    }

    private static String outcome(
            Guest guest, String export, String params, String results, boolean exact, long... arguments) {
        try {
            long[] found = guest.call(export, params, results, arguments);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < found.length; i++) {
                text.append(text(results.charAt(i), found[i], exact)).append(' ');
            }
            return text.toString().strip();
        } catch (Ended e) {
            return "ended: " + e.getMessage();
        }
    }

    private static String text(char type, long bits, boolean exact) {
        return switch (type) {
            case 'i' -> Integer.toHexString((int) bits);
            case 'l' -> Long.toHexString(bits);
            case 'f' ->
                !exact && Float.isNaN(Float.intBitsToFloat((int) bits)) ? "nan" : Integer.toHexString((int) bits);
            default -> !exact && Double.isNaN(Double.longBitsToDouble(bits)) ? "nan" : Long.toHexString(bits);
        };
    }

    private static String digest(Guest guest) {
        CRC32 crc = new CRC32();
        crc.update(guest.memory(0, (int) guest.memoryByteSize()));
        return Long.toHexString(crc.getValue());
    }

    // ---- numbers ----------------------------------------------------------------------------------------------------

    private void numbers() throws Ended {
        WasmWriter writer = new WasmWriter();
        List<NumericOps.Op> ops = NumericOps.all();
        for (NumericOps.Op op : ops) {
            byte[] get = op.params().length() == 1 ? new byte[] {0x20, 0} : new byte[] {0x20, 0, 0x20, 1};
            writer.func(op.name(), op.params(), op.result(), WasmWriter.join(get, op.bytes()));
        }
        try (Guest guest = binding.instantiate(writer.finish(), List.of())) {
            for (NumericOps.Op op : ops) {
                for (long a : NumericOps.edges(op.params().charAt(0))) {
                    if (op.params().length() == 1) {
                        tell("numbers", guest, op.name(), op.params(), op.result(), op.keepsNan(), a);
                        continue;
                    }
                    for (long b : NumericOps.edges(op.params().charAt(1))) {
                        tell("numbers", guest, op.name(), op.params(), op.result(), op.keepsNan(), a, b);
                    }
                }
            }
        }
    }

    // ---- memory -----------------------------------------------------------------------------------------------------

    /** A load or store: its name, its code, the type of its value, how many bytes it reads or writes. */
    private record Access(String name, int code, char type, int bytes) {}

    private static final List<Access> LOADS = List.of(
            new Access("i32.load", 0x28, 'i', 4),
            new Access("i64.load", 0x29, 'l', 8),
            new Access("f32.load", 0x2a, 'f', 4),
            new Access("f64.load", 0x2b, 'd', 8),
            new Access("i32.load8_s", 0x2c, 'i', 1),
            new Access("i32.load8_u", 0x2d, 'i', 1),
            new Access("i32.load16_s", 0x2e, 'i', 2),
            new Access("i32.load16_u", 0x2f, 'i', 2),
            new Access("i64.load8_s", 0x30, 'l', 1),
            new Access("i64.load8_u", 0x31, 'l', 1),
            new Access("i64.load16_s", 0x32, 'l', 2),
            new Access("i64.load16_u", 0x33, 'l', 2),
            new Access("i64.load32_s", 0x34, 'l', 4),
            new Access("i64.load32_u", 0x35, 'l', 4));

    private static final List<Access> STORES = List.of(
            new Access("i32.store", 0x36, 'i', 4),
            new Access("i64.store", 0x37, 'l', 8),
            new Access("f32.store", 0x38, 'f', 4),
            new Access("f64.store", 0x39, 'd', 8),
            new Access("i32.store8", 0x3a, 'i', 1),
            new Access("i32.store16", 0x3b, 'i', 2),
            new Access("i64.store8", 0x3c, 'l', 1),
            new Access("i64.store16", 0x3d, 'l', 2),
            new Access("i64.store32", 0x3e, 'l', 4));

    private static final long[] OFFSETS = {0, 1, PAGE_BYTES - 8, PAGE_BYTES, 0x7fff_ffffL, 0xffff_ffffL};

    private void memory() throws Ended {
        WasmWriter writer = new WasmWriter();
        writer.memory(1, 2);
        for (long offset : OFFSETS) {
            for (Access load : LOADS) {
                byte[] code = {0x20, 0, (byte) load.code(), 0};
                writer.func(
                        load.name() + "+" + offset,
                        "i",
                        load.type() + "",
                        WasmWriter.join(code, WasmWriter.leb(offset)));
            }
            for (Access store : STORES) {
                byte[] code = {0x20, 0, 0x20, 1, (byte) store.code(), 0};
                writer.func(
                        store.name() + "+" + offset,
                        "i" + store.type(),
                        "v",
                        WasmWriter.join(code, WasmWriter.leb(offset)));
            }
        }
        try (Guest guest = binding.instantiate(writer.finish(), List.of())) {
            fill(guest);
            for (long offset : OFFSETS) {
                for (Access load : LOADS) {
                    for (long address : addresses(offset, load.bytes())) {
                        tell("memory", guest, load.name() + "+" + offset, "i", load.type() + "", true, address);
                    }
                }
            }
            for (long offset : OFFSETS) {
                for (Access store : STORES) {
                    for (long address : addresses(offset, store.bytes())) {
                        long[] values = NumericOps.edges(store.type());
                        long value = values[(int) (Math.abs(address * 31 + offset) % values.length)];
                        String export = store.name() + "+" + offset;
                        tell("memory", guest, export, "i" + store.type(), "v", true, address, value);
                        say("memory", "bytes after " + export + " " + Long.toHexString(address), digest(guest));
                    }
                }
            }
        }
    }

    /** Where an access of that size ends before, at and after the memory's end; and where its address wraps. */
    private static long[] addresses(long offset, int bytes) {
        int last = (int) (PAGE_BYTES - offset - bytes);
        return new long[] {0, 1, 3, 4711, last - 1, last, last + 1, PAGE_BYTES - 1, PAGE_BYTES, -1, -bytes, 1 << 31};
    }

    private static void fill(Guest guest) {
        byte[] bytes = new byte[PAGE_BYTES];
        int state = 12345;
        for (int i = 0; i < bytes.length; i++) {
            state = state * 1_103_515_245 + 12_345;
            bytes[i] = (byte) (state >>> 16);
        }
        guest.write(0, bytes);
    }

    private void growth() throws Ended {
        WasmWriter writer = new WasmWriter();
        writer.memory(1, 3);
        writer.func("size", "v", "i", (byte) 0x3f, (byte) 0);
        writer.func("grow", "i", "i", (byte) 0x20, (byte) 0, (byte) 0x40, (byte) 0);
        byte[] three = {0x20, 0, 0x20, 1, 0x20, 2, (byte) 0xfc};
        writer.func("fill", "iii", "v", WasmWriter.join(three, new byte[] {0x0b, 0}));
        writer.func("copy", "iii", "v", WasmWriter.join(three, new byte[] {0x0a, 0, 0}));
        try (Guest guest = binding.instantiate(writer.finish(), List.of())) {
            fill(guest);
            for (long pages : new long[] {0, 1, 2, 65_536, -1, 1, 1}) {
                tell("growth", guest, "grow", "i", "i", true, pages);
                tell("growth", guest, "size", "v", "i", true);
                say("growth", "bytes", guest.memoryByteSize() + " " + digest(guest));
            }
            long[] places = {0, 1, 100, 3 * PAGE_BYTES - 1, 3 * PAGE_BYTES, 3 * PAGE_BYTES + 1, -1};
            for (long to : places) {
                for (long from : places) {
                    for (long length : new long[] {0, 1, 99, 3 * PAGE_BYTES, -1}) {
                        tell("growth", guest, "fill", "iii", "v", true, to, from, length);
                        tell("growth", guest, "copy", "iii", "v", true, to, from, length);
                        say("growth", "bytes after " + to + " " + from + " " + length, digest(guest));
                    }
                }
            }
        }
    }

    // ---- traps ------------------------------------------------------------------------------------------------------

    private void traps() throws Ended {
        WasmWriter writer = new WasmWriter();
        int nullary = writer.type("v", "i");
        int one = writer.func("one", "v", "i", (byte) 0x41, (byte) 1);
        int other = writer.func("other", "i", "i", (byte) 0x20, (byte) 0);
        writer.table(4, one, other);
        writer.func("call", "i", "i", (byte) 0x20, (byte) 0, (byte) 0x11, (byte) nullary, (byte) 0);
        writer.func("unreachable", "v", "v", (byte) 0);
        writer.func(
                "recurse", "i", "i", (byte) 0x20, (byte) 0, (byte) 0x41, (byte) 1, (byte) 0x6a, (byte) 0x10, (byte) 4);
        try (Guest guest = binding.instantiate(writer.finish(), List.of())) {
            for (long index : new long[] {0, 1, 2, 3, 4, 5, 1 << 30, -1}) {
                tell("traps", guest, "call", "i", "i", true, index);
            }
            tell("traps", guest, "unreachable", "v", "v", true);
            tell("traps", guest, "recurse", "i", "i", true, 0);
            tell("traps", guest, "one", "v", "i", true);
        }
    }

    // ---- imports ----------------------------------------------------------------------------------------------------

    private void imports() throws Ended {
        List<Import> imports = new ArrayList<>();
        for (char type : "ilfd".toCharArray()) {
            imports.add(new Import("same_" + type, type + "", type + "", arguments -> arguments));
            long[] edges = NumericOps.edges(type);
            imports.add(new Import("give_" + type, "v", type + "", arguments -> new long[] {edges[edges.length - 1]}));
            imports.add(new Import("take_" + type, type + "", "v", arguments -> new long[0]));
        }
        imports.add(new Import("nothing", "v", "v", arguments -> arguments));
        imports.add(new Import("reverse", "ilfd", "dfli", arguments -> reversed(arguments)));
        imports.add(new Import("pair", "i", "li", arguments -> new long[] {arguments[0] + 1L, arguments[0]}));
        imports.add(new Import("many", "iiiiiiiiiiiiiiii", "l", arguments -> new long[] {weighed(arguments)}));
        imports.add(new Import("mixed_many", "ilfdilfdilfd", "l", arguments -> new long[] {weighed(arguments)}));
        imports.add(new Import("throws", "i", "i", arguments -> {
            if (arguments[0] != 0) {
                throw new HostThrew();
            }
            return arguments;
        }));
        WasmWriter writer = new WasmWriter();
        imports.forEach(one -> writer.passOn(one.name(), one.params(), one.results()));
        try (Guest guest = binding.instantiate(writer.finish(), imports)) {
            for (Import one : imports) {
                for (int turn = 0; turn < 32; turn++) {
                    tell("imports", guest, one.name(), one.params(), one.results(), true, values(one.params(), turn));
                }
            }
        }
    }

    private static long[] values(String params, int turn) {
        String letters = WasmWriter.letters(params);
        long[] values = new long[letters.length()];
        for (int i = 0; i < values.length; i++) {
            long[] edges = NumericOps.edges(letters.charAt(i));
            values[i] = edges[(turn + 3 * i) % edges.length];
        }
        return values;
    }

    private static long[] reversed(long[] values) {
        long[] reversed = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            reversed[i] = values[values.length - 1 - i];
        }
        return reversed;
    }

    /** Depends on each value and its place. A 32-bit value's upper half is not defined. */
    private static long weighed(long[] values) {
        long sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += (i + 1) * (values[i] & 0xffff_ffffL);
        }
        return sum;
    }
}
