package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Puts a side's messages together, each from one packet or several, and checks their numbers.
 *
 * <p><b>Threads.</b> Confined. <b>Ownership.</b> Copies what it is given; {@link #release()} ends it.
 */
final class MessageAssembler {
    private static final int KEPT_BYTES = 64 << 10;

    private final String who;
    private ByteBuf bytes = Unpooled.buffer(256);
    private int maxBytes;
    private int packets;
    private int firstSequence;

    /** @param who whose messages they are, for error messages */
    MessageAssembler(String who, int maxBytes) {
        this.who = who;
        this.maxBytes = maxBytes;
    }

    /** Allows another length of message from now on. */
    void maxBytes(int value) {
        maxBytes = value;
    }

    /** Takes what has come. */
    void feed(ByteBuf in) {
        bytes.writeBytes(in);
    }

    /** The bytes that have come and are in no message yet. */
    int waitingBytes() {
        return bytes.readableBytes();
    }

    /** The packets that the last message came in. */
    int packets() {
        return packets;
    }

    /** The number that comes after the last message's. */
    int nextSequence() {
        return (firstSequence + packets) & 0xff;
    }

    /**
     * The next message; null if it is not complete.
     *
     * @param expectedSequence the number that its first packet must have
     * @throws MalformedPacketException if a packet has another number, or the message is longer than allowed
     */
    byte @Nullable [] next(int expectedSequence) {
        int at = bytes.readerIndex();
        int count = 0;
        long total = 0;
        int part;
        do {
            if (bytes.writerIndex() - at < 4) {
                return null;
            }
            part = bytes.getUnsignedMediumLE(at);
            int sequence = bytes.getUnsignedByte(at + 3);
            int due = (expectedSequence + count) & 0xff;
            if (sequence != due) {
                throw new MalformedPacketException(
                        "malformed packet of the " + who + ": number " + sequence + " where " + due + " is due");
            }
            total += part;
            if (total > maxBytes) {
                throw new MalformedPacketException(
                        "packet of the " + who + " has " + total + " bytes or more; the gateway takes " + maxBytes);
            }
            if (bytes.writerIndex() - at - 4 < part) {
                return null;
            }
            at += 4 + part;
            count++;
        } while (part == PacketWriter.MAX_PAYLOAD);
        byte[] message = new byte[(int) total];
        int to = 0;
        for (int i = 0; i < count; i++) {
            int length = bytes.readUnsignedMediumLE();
            bytes.skipBytes(1).readBytes(message, to, length);
            to += length;
        }
        packets = count;
        firstSequence = expectedSequence;
        tidy();
        return message;
    }

    /** What has come and is in no message yet; whoever reads it takes it. */
    ByteBuf waiting() {
        return bytes;
    }

    /** What was waiting has been read. */
    void waitingTaken() {
        tidy();
    }

    /** What has come behind the last message and is in none; the caller releases it. */
    ByteBuf takeRest() {
        ByteBuf rest = bytes.readBytes(bytes.readableBytes());
        tidy();
        return rest;
    }

    private void tidy() {
        if (bytes.isReadable()) {
            bytes.discardSomeReadBytes();
        } else if (bytes.capacity() > KEPT_BYTES) {
            bytes.release();
            bytes = Unpooled.buffer(256);
        } else {
            bytes.clear();
        }
    }

    void release() {
        bytes.release();
        bytes = Unpooled.EMPTY_BUFFER;
    }
}
