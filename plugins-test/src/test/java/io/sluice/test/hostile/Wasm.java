package io.sluice.test.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** The binary format, piece by piece, so that a module can be wrong in any of them. */
final class Wasm {
    static final int I32 = 0x7f;
    static final int I64 = 0x7e;
    static final int FUNCREF = 0x70;
    static final int END = 0x0b;

    private Wasm() {}

    static byte[] module(byte[]... sections) {
        return join(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, join(sections));
    }

    static byte[] section(int id, byte[]... content) {
        byte[] bytes = join(content);
        return join(bytes(id), leb(bytes.length), bytes);
    }

    /** A section of so many equal items. */
    static byte[] repeated(int id, int count, byte[] item) {
        return section(id, leb(count), times(count, item));
    }

    static byte[] times(int count, byte[] item) {
        byte[] all = new byte[Math.multiplyExact(count, item.length)];
        for (int i = 0; i < count; i++) {
            System.arraycopy(item, 0, all, i * item.length, item.length);
        }
        return all;
    }

    static byte[] funcType(String params, String results) {
        return join(bytes(0x60), types(params), types(results));
    }

    /** Letters {@code i l f d}. */
    private static byte[] types(String letters) {
        byte[] codes = new byte[letters.length()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) (I32 - "ilfd".indexOf(letters.charAt(i)));
        }
        return join(leb(codes.length), codes);
    }

    static byte[] body(byte[] locals, byte[]... code) {
        byte[] content = join(locals, join(code), bytes(END));
        return join(leb(content.length), content);
    }

    static byte[] name(String text) {
        byte[] utf8 = text.getBytes(UTF_8);
        return join(leb(utf8.length), utf8);
    }

    static byte[] importFunc(String module, String name, int type) {
        return join(name(module), name(name), bytes(0), leb(type));
    }

    static byte[] exportFunc(String name, int index) {
        return join(name(name), bytes(0), leb(index));
    }

    static byte[] bytes(int... values) {
        byte[] all = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            all[i] = (byte) values[i];
        }
        return all;
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

    /** A signed number. */
    static byte[] sleb(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = value;
        while (rest < -64 || rest > 63) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>= 7;
        }
        out.write((int) rest & 0x7f);
        return out.toByteArray();
    }

    static byte[] i32Const(int value) {
        return join(bytes(0x41), sleb(value));
    }

    static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
