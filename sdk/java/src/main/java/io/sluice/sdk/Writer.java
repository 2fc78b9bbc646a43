package io.sluice.sdk;

/** Writes a message of protobuf. */
final class Writer {
    private byte[] buffer;
    private int length;

    Writer(int room) {
        buffer = new byte[room];
    }

    private void reserve(int more) {
        if (length + more > buffer.length) {
            byte[] larger = new byte[Math.max(buffer.length * 2, length + more)];
            System.arraycopy(buffer, 0, larger, 0, length);
            buffer = larger;
        }
    }

    void raw(byte[] bytes, int start, int end) {
        reserve(end - start);
        System.arraycopy(bytes, start, buffer, length, end - start);
        length += end - start;
    }

    void number(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            buffer[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[length++] = (byte) rest;
    }

    /** Leaves out 0, which a reader assumes. */
    void field(int number, long value) {
        if (value != 0) {
            number((long) number << 3);
            number(value);
        }
    }

    void message(int number, Writer content) {
        number((long) number << 3 | 2);
        number(content.length);
        raw(content.buffer, 0, content.length);
    }

    void text(int number, String text) {
        if (!text.isEmpty()) {
            byte[] bytes = Host.utf8(text);
            number((long) number << 3 | 2);
            number(bytes.length);
            raw(bytes, 0, bytes.length);
        }
    }

    byte[] bytes() {
        byte[] bytes = new byte[length];
        System.arraycopy(buffer, 0, bytes, 0, length);
        return bytes;
    }
}
