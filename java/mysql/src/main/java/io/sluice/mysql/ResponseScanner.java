package io.sluice.mysql;

import io.netty.buffer.ByteBuf;

/**
 * Walks over the bytes of an answer as they come, in any pieces, and finds its end; nothing is copied but each packet's first bytes.
 *
 * <p><b>Threads.</b> Confined. <b>Cost.</b> Allocates nothing.
 */
final class ResponseScanner {
    /** How far a walk got. */
    enum Reached {
        /** All bytes belong to the answer, and more are due. */
        MORE_DUE,
        /** The first packet is complete, and more are due. */
        FIRST_PACKET,
        /** The packet asks for a file of the client's. */
        FILE_ASKED,
        /** The answer is complete; what is left does not belong to it. */
        END
    }

    private final ResponseTracker tracker = new ResponseTracker();
    private final byte[] head = new byte[ResponseTracker.HEAD_BYTES];
    private int headerBytes;
    private int length;
    private int headLength;
    private int left;
    private int sequence;
    private boolean goesOn;
    private boolean seen;
    private boolean firstDone;

    /** Waits for an answer whose first packet has that number. */
    void begin(ResponseTracker.Shape shape, boolean deprecateEof, int firstSequence) {
        tracker.begin(shape, deprecateEof);
        sequence = firstSequence & 0xff;
        headerBytes = 0;
        goesOn = false;
        firstDone = false;
    }

    ResponseTracker tracker() {
        return tracker;
    }

    /** Whether the next byte is the first of a packet. */
    boolean isBetweenPackets() {
        return headerBytes == 0 && !goesOn;
    }

    /** The client has sent a file in so many packets. */
    void fileSent(int packets) {
        sequence = (sequence + packets) & 0xff;
    }

    /** The number that the next packet has. */
    int nextSequence() {
        return sequence;
    }

    /**
     * Moves the buffer's reader index to the end of the answer, or of what has come of it.
     *
     * @throws MalformedPacketException if that is not an answer to the command
     */
    Reached scan(ByteBuf in) {
        while (in.isReadable()) {
            if (headerBytes < 4) {
                header(in.readUnsignedByte());
                if (headerBytes < 4 || (left > 0 && !in.isReadable())) {
                    continue;
                }
            }
            if (!seen && !see(in)) {
                return Reached.MORE_DUE;
            }
            int skipped = Math.min(left, in.readableBytes());
            in.skipBytes(skipped);
            left -= skipped;
            if (left == 0) {
                headerBytes = 0;
                boolean packetIsComplete = !goesOn;
                if (packetIsComplete && tracker.isEnded()) {
                    return Reached.END;
                }
                if (packetIsComplete && tracker.isFileAsked()) {
                    return Reached.FILE_ASKED;
                }
                if (packetIsComplete && !firstDone) {
                    firstDone = true;
                    return Reached.FIRST_PACKET;
                }
            }
        }
        return Reached.MORE_DUE;
    }

    private void header(int value) {
        switch (headerBytes++) {
            case 0 -> length = value;
            case 1 -> length |= value << 8;
            case 2 -> length |= value << 16;
            default -> {
                if (value != sequence) {
                    throw new MalformedPacketException(
                            "malformed answer of the server: packet " + value + " where " + sequence + " is due");
                }
                sequence = (sequence + 1) & 0xff;
                left = length;
                // A packet that goes on in this one has been seen.
                seen = goesOn;
                goesOn = length == PacketWriter.MAX_PAYLOAD;
                headLength = 0;
            }
        }
    }

    /** Shows the packet to the tracker once its first bytes are there; false if they are not. */
    private boolean see(ByteBuf in) {
        int wanted = Math.min(length, head.length) - headLength;
        int taken = Math.min(wanted, in.readableBytes());
        in.readBytes(head, headLength, taken);
        headLength += taken;
        left -= taken;
        if (taken < wanted) {
            return false;
        }
        tracker.packet(head, headLength, length);
        seen = true;
        return true;
    }
}
