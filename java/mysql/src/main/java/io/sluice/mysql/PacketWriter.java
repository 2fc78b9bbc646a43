package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.sql.SqlError;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes packets one after the other, with their headers; a payload of 16 MiB and more is cut.
 *
 * <p><b>Threads.</b> Confined.
 */
final class PacketWriter {
    static final int MAX_PAYLOAD = 0xff_ffff;

    private final ByteBuf out;
    private int sequence;
    private byte[] payload = new byte[256];
    private int length;

    PacketWriter(ByteBuf out, int firstSequence) {
        this.out = out;
        this.sequence = firstSequence;
    }

    /** One payload as packets. */
    static ByteBuf framed(byte[] payload, int firstSequence) {
        ByteBuf out = Unpooled.buffer(payload.length + 4 * (payload.length / MAX_PAYLOAD + 1));
        write(out, payload, payload.length, firstSequence);
        return out;
    }

    private static int write(ByteBuf out, byte[] payload, int length, int firstSequence) {
        int sequence = firstSequence;
        int at = 0;
        int part;
        do {
            part = Math.min(length - at, MAX_PAYLOAD);
            out.writeMediumLE(part).writeByte(sequence++).writeBytes(payload, at, part);
            at += part;
        } while (part == MAX_PAYLOAD);
        return sequence & 0xff;
    }

    /** An OK packet of the gateway's own. */
    static ByteBuf ok(int affected, int status, int sequence) {
        PacketWriter writer = new PacketWriter(Unpooled.buffer(16), sequence);
        int own = status & ~(ResponseTracker.MORE_RESULTS | ResponseTracker.CURSOR_EXISTS);
        writer.u8(0).lenenc(affected).lenenc(0).u16(own).u16(0).end();
        return writer.out;
    }

    /** An error packet. */
    static ByteBuf error(SqlError error, int sequence) {
        PacketWriter writer = new PacketWriter(Unpooled.buffer(64), sequence);
        writer.error(error);
        return writer.out;
    }

    /** An error packet as it is before the handshake: without an SQLSTATE. */
    static ByteBuf earlyError(SqlError error) {
        PacketWriter writer = new PacketWriter(Unpooled.buffer(64), 0);
        writer.u8(0xff)
                .u16(error.code())
                .bytes(error.message().getBytes(StandardCharsets.UTF_8))
                .end();
        return writer.out;
    }

    void error(SqlError error) {
        byte[] state = Arrays.copyOf(error.sqlState().getBytes(StandardCharsets.US_ASCII), 5);
        u8(0xff).u16(error.code()).u8('#').bytes(state);
        bytes(error.message().getBytes(StandardCharsets.UTF_8)).end();
    }

    PacketWriter u8(int value) {
        room(1);
        payload[length++] = (byte) value;
        return this;
    }

    PacketWriter u16(int value) {
        return u8(value).u8(value >>> 8);
    }

    PacketWriter i32(int value) {
        return u16(value).u16(value >>> 16);
    }

    PacketWriter i64(long value) {
        return i32((int) value).i32((int) (value >>> 32));
    }

    PacketWriter lenenc(long value) {
        if (value >= 0 && value < 0xfb) {
            return u8((int) value);
        } else if (value >= 0 && value <= 0xffff) {
            return u8(0xfc).u16((int) value);
        } else if (value >= 0 && value <= 0xff_ffff) {
            return u8(0xfd).u16((int) value).u8((int) value >>> 16);
        }
        return u8(0xfe).i64(value);
    }

    PacketWriter bytes(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, payload, length, value.length);
        length += value.length;
        return this;
    }

    PacketWriter lenencBytes(byte[] value) {
        return lenenc(value.length).bytes(value);
    }

    PacketWriter lenencText(String value) {
        return lenencBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    PacketWriter withNul(byte[] value) {
        return bytes(value).u8(0);
    }

    PacketWriter zeros(int count) {
        return bytes(new byte[count]);
    }

    /** Ends the packet; the next one has the next number. */
    void end() {
        sequence = write(out, payload, length, sequence);
        length = 0;
    }

    /** The bytes of the packet so far, instead of writing it. */
    byte[] takePayload() {
        byte[] taken = Arrays.copyOf(payload, length);
        length = 0;
        return taken;
    }

    private void room(int more) {
        if (payload.length - length < more) {
            payload = Arrays.copyOf(payload, Math.max(payload.length * 2, Math.addExact(length, more)));
        }
    }
}
