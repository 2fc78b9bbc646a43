package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/**
 * The module of {@link CrossingBenchmark}, put together byte by byte, so that nobody has to look for its source:
 *
 * <pre>{@code
 * (module
 *   (import "env" "sum" (func $sum (param i32 i32) (result i32)))                 ;; defined in Java
 *   (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))    ;; defined in Rust, answers 0
 *   (func (export "noop"))
 *   (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
 *   (func (export "java_import") (param i32 i32) (result i32) (call $sum (local.get 0) (local.get 1)))
 *   (func (export "rust_import") (result i32) (call $yield)))
 * }</pre>
 */
final class CrossingGuest {

    static final String HOST_MODULE = "env";
    static final String HOST_FUNCTION = "sum";
    static final String NOOP = "noop";
    static final String ADD = "add";
    static final String JAVA_IMPORT = "java_import";
    static final String RUST_IMPORT = "rust_import";

    private static final int FUNC = 0x60;
    private static final int I32 = 0x7f;
    private static final int LOCAL_GET = 0x20;
    private static final int I32_ADD = 0x6a;
    private static final int CALL = 0x10;
    private static final int END = 0x0b;

    private CrossingGuest() {}

    static byte[] bytes() {
        byte[] nothing = bytes(FUNC, 0, 0);
        byte[] twoToOne = bytes(FUNC, 2, I32, I32, 1, I32);
        byte[] toOne = bytes(FUNC, 0, 1, I32);
        return concatenated(
                bytes(0, 'a', 's', 'm', 1, 0, 0, 0),
                section(1, nothing, twoToOne, toOne),
                section(
                        2,
                        concatenated(name(HOST_MODULE), name(HOST_FUNCTION), bytes(0, 1)),
                        concatenated(name("wasi_snapshot_preview1"), name("sched_yield"), bytes(0, 2))),
                section(3, bytes(0), bytes(1), bytes(1), bytes(2)),
                section(7, export(NOOP, 2), export(ADD, 3), export(JAVA_IMPORT, 4), export(RUST_IMPORT, 5)),
                section(
                        10,
                        body(),
                        body(LOCAL_GET, 0, LOCAL_GET, 1, I32_ADD),
                        body(LOCAL_GET, 0, LOCAL_GET, 1, CALL, 0),
                        body(CALL, 1)));
    }

    private static byte[] section(int id, byte[]... items) {
        byte[] content = concatenated(items);
        return concatenated(bytes(id, content.length + 1, items.length), content);
    }

    private static byte[] export(String name, int function) {
        return concatenated(name(name), bytes(0, function));
    }

    private static byte[] body(int... instructions) {
        return concatenated(bytes(instructions.length + 2, 0), bytes(instructions), bytes(END));
    }

    private static byte[] name(String name) {
        byte[] utf8 = name.getBytes(UTF_8);
        return concatenated(bytes(utf8.length), utf8);
    }

    /** Every length and index in this module fits one byte of LEB128. */
    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            if (values[i] > 0x7f) {
                throw new IllegalArgumentException(values[i] + " does not fit one byte of LEB128");
            }
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] concatenated(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
