package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;

/**
 * The way of one file of a client's to the server, which asked for it: packets of any length up to an empty one.
 *
 * <p><b>Threads.</b> Confined. <b>Cost.</b> Copies what it passes on once.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a channel that cannot be written to becomes inactive, and that is listened for
final class FileUpload {
    private static final int HEADER = 4;

    private int clientSequence;
    private int serverSequence;
    private int packets;
    private int left;
    /** Whether the packet before was a full one, which the next ends and be it empty. */
    private boolean goesOn;

    /**
     * @param clientSequence the number that the client's first packet has
     * @param serverSequence the number that the server waits for
     */
    FileUpload(int clientSequence, int serverSequence) {
        this.clientSequence = clientSequence & 0xff;
        this.serverSequence = serverSequence & 0xff;
    }

    /** The packets so far. */
    int packets() {
        return packets;
    }

    /**
     * Passes on what has come, up to the end of the file.
     *
     * @return whether that was reached; what is left does not belong to the file
     * @throws MalformedPacketException if a packet has another number than is due
     */
    boolean pass(ByteBuf in, Channel server) {
        while (left > 0 ? in.isReadable() : in.readableBytes() >= HEADER) {
            if (left > 0) {
                int count = Math.min(left, in.readableBytes());
                server.write(in.readBytes(count));
                left -= count;
                continue;
            }
            left = in.readUnsignedMediumLE();
            int number = in.readUnsignedByte();
            if (number != clientSequence) {
                throw new MalformedPacketException("malformed packet of the client: number " + number
                        + " of a file where " + clientSequence + " is due");
            }
            server.write(Unpooled.buffer(HEADER).writeMediumLE(left).writeByte(serverSequence));
            clientSequence = (clientSequence + 1) & 0xff;
            serverSequence = (serverSequence + 1) & 0xff;
            packets++;
            if (left == 0 && !goesOn) {
                return true;
            }
            goesOn = left == PacketWriter.MAX_PAYLOAD;
        }
        return false;
    }
}
