package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.sluice.sql.SqlError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads payloads out of an answer that was held. */
final class Payloads {
    private static final int STATE_LENGTH = 5;

    private Payloads() {}

    /** Every payload of complete packets; those of several packets are joined. */
    static List<byte[]> of(ByteBuf held) {
        List<byte[]> payloads = new ArrayList<>();
        int at = held.readerIndex();
        byte[] joined = new byte[0];
        while (at + 4 <= held.writerIndex()) {
            int length = held.getUnsignedMediumLE(at);
            if (at + 4 + length > held.writerIndex()) {
                throw new MalformedPacketException("malformed answer of the server: its last packet is not complete");
            }
            int before = joined.length;
            joined = Arrays.copyOf(joined, before + length);
            held.getBytes(at + 4, joined, before, length);
            at += 4 + length;
            if (length < PacketWriter.MAX_PAYLOAD) {
                payloads.add(joined);
                joined = new byte[0];
            }
        }
        return payloads;
    }

    static boolean isError(byte[] payload) {
        return payload.length > 0 && (payload[0] & 0xff) == 0xff;
    }

    /** Reads an error packet. */
    static SqlError error(byte[] payload) {
        PayloadReader in = new PayloadReader(payload, "error of the server");
        in.skip(1);
        int code = in.u16();
        String state = SqlError.GENERAL_ERROR;
        if (in.remaining() > STATE_LENGTH && payload[in.at()] == '#') {
            in.skip(1);
            state = new String(in.bytes(STATE_LENGTH), StandardCharsets.US_ASCII);
        }
        return new SqlError(code, state, new String(in.rest(), StandardCharsets.UTF_8));
    }
}
