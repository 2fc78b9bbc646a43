package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Passes the answers to several commands on as the answer to one: packets are numbered on, and every answer but the last says that more
 * results follow.
 *
 * <p><b>Threads.</b> Confined. <b>Cost.</b> A packet that may be an answer's last is copied, the others pass through.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a channel that cannot be written to becomes inactive, and that is listened for
final class RewritingRelay {
    private static final int HEADER = 4;

    private final Channel client;
    private final boolean deprecateEof;
    private int sequence;
    private boolean moreFollow;
    private boolean failed;
    private int headerBytes;
    private int length;
    private int left;
    private boolean goesOn;
    private boolean decided;
    private @Nullable ByteBuf kept;

    RewritingRelay(Channel client, boolean deprecateEof, int firstSequence) {
        this.client = client;
        this.deprecateEof = deprecateEof;
        this.sequence = firstSequence;
    }

    /** Says whether another answer comes after the next one. */
    void moreFollow(boolean value) {
        moreFollow = value;
    }

    /** Whether the last packet was an error. */
    boolean hasFailed() {
        return failed;
    }

    /** The client has sent a file in so many packets. */
    void fileSent(int packets) {
        sequence += packets;
    }

    /** The number of the next packet; -1 in the middle of one. */
    int nextSequence() {
        return headerBytes == 0 && !goesOn ? sequence & 0xff : -1;
    }

    /**
     * Takes bytes of an answer.
     *
     * @param ended whether they are its last
     */
    void take(ByteBuf in, boolean ended) {
        while (in.isReadable()) {
            if (headerBytes < HEADER) {
                header(in.readUnsignedByte());
                if (headerBytes < HEADER) {
                    continue;
                }
            }
            if (length > 0 && !in.isReadable()) {
                return;
            }
            if (!decided) {
                decide(in);
            }
            payload(in);
            if (left == 0) {
                headerBytes = 0;
                packetDone(ended && !in.isReadable());
            }
        }
    }

    private void header(int value) {
        switch (headerBytes++) {
            case 0 -> length = value;
            case 1 -> length |= value << 8;
            case 2 -> length |= value << 16;
            default -> {
                left = length;
                decided = false;
            }
        }
    }

    /** Keeps what may be a last packet, and begins to pass on what cannot. */
    private void decide(ByteBuf in) {
        decided = true;
        boolean continuation = goesOn;
        goesOn = length == PacketWriter.MAX_PAYLOAD;
        int first = length == 0 ? -1 : in.getUnsignedByte(in.readerIndex());
        boolean mayBeLast = !continuation && !goesOn && (first == 0 || first == 0xfe || first == 0xff);
        if (mayBeLast) {
            kept = Unpooled.buffer(length);
        } else {
            client.write(newHeader(length));
        }
    }

    private ByteBuf newHeader(int payloadLength) {
        ByteBuf header = Unpooled.buffer(HEADER);
        header.writeMediumLE(payloadLength).writeByte(sequence);
        sequence = (sequence + 1) & 0xff;
        return header;
    }

    private void payload(ByteBuf in) {
        int count = Math.min(left, in.readableBytes());
        if (count == 0) {
            return;
        }
        ByteBuf packet = kept;
        if (packet != null) {
            packet.writeBytes(in, count);
        } else {
            client.write(in.readRetainedSlice(count));
        }
        left -= count;
    }

    private void packetDone(boolean last) {
        ByteBuf packet = kept;
        kept = null;
        if (packet == null) {
            return;
        }
        int first = packet.getUnsignedByte(0);
        if (last) {
            failed = first == 0xff;
            if (moreFollow && !failed) {
                int at = first == 0xfe && !deprecateEof ? 3 : statusOffset(packet);
                packet.setByte(at, packet.getUnsignedByte(at) | ResponseTracker.MORE_RESULTS);
            }
        }
        client.write(newHeader(packet.readableBytes()));
        client.write(packet);
    }

    /** Where the status flags of an OK packet are: behind two numbers. */
    private static int statusOffset(ByteBuf packet) {
        int at = 1;
        for (int i = 0; i < 2; i++) {
            at += switch (packet.getUnsignedByte(at)) {
                case 0xfc -> 3;
                case 0xfd -> 4;
                case 0xfe -> 9;
                default -> 1;
            };
        }
        return at;
    }

    void release() {
        ByteBuf packet = kept;
        kept = null;
        if (packet != null) {
            packet.release();
        }
    }
}
