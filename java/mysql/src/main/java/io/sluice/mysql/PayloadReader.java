package io.sluice.mysql;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads a packet's payload from its begin to its end; every length is checked before it is believed.
 *
 * <p><b>Threads.</b> Confined. <b>Ownership.</b> Keeps the array.
 */
final class PayloadReader {
    private final byte[] bytes;
    private final String what;
    private int at;

    /** @param what what the packet is meant to be, for error messages */
    PayloadReader(byte[] payload, String what) {
        this.bytes = payload;
        this.what = what;
    }

    int at() {
        return at;
    }

    int remaining() {
        return bytes.length - at;
    }

    int u8() {
        need(1);
        return bytes[at++] & 0xff;
    }

    int u16() {
        return u8() | (u8() << 8);
    }

    int u24() {
        return u16() | (u8() << 16);
    }

    int i32() {
        return u16() | (u16() << 16);
    }

    long i64() {
        return (i32() & 0xffff_ffffL) | ((long) i32() << 32);
    }

    /** A length-encoded number; one above 2^63 comes out negative. */
    long lenenc() {
        int first = u8();
        return switch (first) {
            case 0xfb, 0xff -> throw malformed("a length that begins with byte " + first);
            case 0xfc -> u16();
            case 0xfd -> u24();
            case 0xfe -> i64();
            default -> first;
        };
    }

    /** Whether the next value of a text row is NULL; if so it is read. */
    boolean skipNull() {
        need(1);
        if ((bytes[at] & 0xff) == 0xfb) {
            at++;
            return true;
        }
        return false;
    }

    byte[] lenencBytes() {
        long length = lenenc();
        if (length < 0 || length > remaining()) {
            throw malformed(
                    "a value of " + Long.toUnsignedString(length) + " bytes where " + remaining() + " are left");
        }
        return bytes((int) length);
    }

    String lenencText() {
        return new String(lenencBytes(), StandardCharsets.UTF_8);
    }

    byte[] bytes(int count) {
        need(count);
        byte[] copy = Arrays.copyOfRange(bytes, at, at + count);
        at += count;
        return copy;
    }

    void skip(int count) {
        need(count);
        at += count;
    }

    /** The bytes up to a NUL, which is read, too. */
    byte[] untilNul() {
        int end = at;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        if (end == bytes.length) {
            throw malformed("a text without its final NUL");
        }
        byte[] copy = Arrays.copyOfRange(bytes, at, end);
        at = end + 1;
        return copy;
    }

    byte[] rest() {
        return bytes(remaining());
    }

    private void need(int count) {
        if (count < 0 || count > remaining()) {
            throw malformed(count + " bytes asked for at " + at + " of " + bytes.length);
        }
    }

    MalformedPacketException malformed(String found) {
        return new MalformedPacketException("malformed " + what + ": " + found);
    }
}
