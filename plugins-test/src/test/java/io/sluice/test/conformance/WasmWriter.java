package io.sluice.test.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a module in the binary format. A type is a text of the letters {@code i l f d}, for {@code i32 i64 f32 f64}, and
 * {@code v} for nothing.
 */
final class WasmWriter {
    private static final int END = 0x0b;

    private final List<byte[]> types = new ArrayList<>();
    private final List<byte[]> imports = new ArrayList<>();
    private final List<byte[]> functions = new ArrayList<>();
    private final List<byte[]> exports = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<byte[]> tables = new ArrayList<>();
    private final List<byte[]> elements = new ArrayList<>();
    private final List<byte[]> memories = new ArrayList<>();

    /** A func type; its index. */
    int type(String params, String results) {
        types.add(join(new byte[] {0x60}, valueTypes(params), valueTypes(results)));
        return types.size() - 1;
    }

    /** Imports a func of module {@code env}, and exports one that calls it under the same name. All imports come first. */
    void passOn(String name, String params, String results) {
        int imported = imports.size();
        imports.add(join(name("env"), name(name), new byte[] {0}, leb(type(params, results))));
        forwards.add(() -> {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int i = 0; i < letters(params).length(); i++) {
                body.writeBytes(join(new byte[] {0x20}, leb(i)));
            }
            body.writeBytes(join(new byte[] {0x10}, leb(imported)));
            func(name, params, results, body.toByteArray());
        });
    }

    private final List<Runnable> forwards = new ArrayList<>();

    /** A func under a name, its body without the last {@code end}; its index. */
    int func(String export, String params, String results, byte... body) {
        int index = imports.size() + functions.size();
        functions.add(leb(type(params, results)));
        exports.add(join(name(export), new byte[] {0}, leb(index)));
        byte[] code = join(new byte[] {0}, body, new byte[] {END});
        bodies.add(join(leb(code.length), code));
        return index;
    }

    /** The memory, exported as such. */
    void memory(int pages, int maximum) {
        memories.add(join(new byte[] {1}, leb(pages), leb(maximum)));
        exports.add(join(name("memory"), new byte[] {2, 0}));
    }

    /** A table that begins with these funcs; the rest is null. */
    void table(int size, int... funcs) {
        tables.add(join(new byte[] {0x70, 0}, leb(size)));
        byte[] indices = {};
        for (int func : funcs) {
            indices = join(indices, leb(func));
        }
        elements.add(join(new byte[] {0, 0x41, 0, END}, leb(funcs.length), indices));
    }

    byte[] finish() {
        forwards.forEach(Runnable::run);
        forwards.clear();
        return join(
                new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0},
                section(1, types),
                section(2, imports),
                section(3, functions),
                section(4, tables),
                section(5, memories),
                section(7, exports),
                section(9, elements),
                section(10, bodies));
    }

    private static byte[] section(int id, List<byte[]> items) {
        if (items.isEmpty()) {
            return new byte[0];
        }
        byte[] content = join(leb(items.size()), join(items.toArray(byte[][]::new)));
        return join(new byte[] {(byte) id}, leb(content.length), content);
    }

    static String letters(String type) {
        return type.equals("v") ? "" : type;
    }

    private static byte[] valueTypes(String type) {
        String letters = letters(type);
        byte[] codes = new byte[letters.length()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) (0x7f - "ilfd".indexOf(letters.charAt(i)));
        }
        return join(leb(codes.length), codes);
    }

    private static byte[] name(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return join(leb(bytes.length), bytes);
    }

    /** An unsigned number. */
    static byte[] leb(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = value;
        while (rest >>> 7 != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return out.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
