package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Sends commands to the server and takes its answers, each in one of four ways: passed on as it comes, held until its first packet is
 * known, held whole, or dropped.
 *
 * <p><b>Threads.</b> Confined to the connection's event loop.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a channel that cannot be written to becomes inactive, and that is listened for
final class ServerLink {
    /** What becomes of the bytes of an answer. */
    enum Keep {
        RELAY,
        HOLD,
        BUFFER,
        DISCARD
    }

    private final Channel client;
    private final Channel server;
    private final boolean deprecateEof;
    private final ResponseScanner scanner = new ResponseScanner();
    private Keep keep = Keep.RELAY;
    private boolean awaiting;
    private boolean paused;
    private boolean tooLarge;
    private boolean ended;
    private int maxHeld;
    private @Nullable ByteBuf held;
    private @Nullable ByteBuf waiting;
    private Runnable reached = () -> {};
    private final long maxAnswerBytes;
    private long answerBytes;
    private @Nullable FileUpload upload;
    private @Nullable RewritingRelay rewriting;

    /**
     * @param localFiles whether the server may ask for files of the client
     * @param maxAnswerBytes the most that an answer may have; 0 for no limit
     */
    ServerLink(Channel client, Channel server, boolean deprecateEof, boolean localFiles, long maxAnswerBytes) {
        this.maxAnswerBytes = maxAnswerBytes;
        if (localFiles) {
            scanner.tracker().allowFiles();
        }
        this.client = client;
        this.server = server;
        this.deprecateEof = deprecateEof;
    }

    static int packetsOf(byte[] payload) {
        return payload.length / PacketWriter.MAX_PAYLOAD + 1;
    }

    /**
     * Sends a command.
     *
     * @param heldBytes the most that is held of the answer; what is longer is dropped
     * @param then called when the answer's first packet is held, and else at its end
     */
    void send(byte[] payload, ResponseTracker.Shape shape, Keep how, int heldBytes, Runnable then) {
        scanner.begin(shape, deprecateEof, packetsOf(payload));
        keep = how;
        maxHeld = heldBytes;
        awaiting = true;
        ended = false;
        tooLarge = false;
        answerBytes = 0;
        reached = then;
        dropHeld();
        sendOnly(payload);
    }

    /** Sends a command that is not answered. */
    void sendOnly(byte[] payload) {
        server.writeAndFlush(PacketWriter.framed(payload, 0));
    }

    boolean deprecateEof() {
        return deprecateEof;
    }

    ResponseTracker answer() {
        return scanner.tracker();
    }

    /** Whether the answer is complete. */
    boolean isEnded() {
        return ended;
    }

    /** Whether the answer was longer than what may be held of it. */
    boolean isTooLarge() {
        return tooLarge;
    }

    boolean isPaused() {
        return paused;
    }

    /** What is held of the answer. */
    ByteBuf held() {
        ByteBuf known = held;
        if (known == null) {
            known = Unpooled.buffer(256);
            held = known;
        }
        return known;
    }

    /** Begins to pass answers on as one, from that packet number on; until {@link #endRewriting()}. */
    void beginRewriting(int firstSequence) {
        rewriting = new RewritingRelay(client, deprecateEof, firstSequence);
    }

    @Nullable
    RewritingRelay rewriting() {
        return rewriting;
    }

    void endRewriting() {
        RewritingRelay relay = rewriting;
        rewriting = null;
        if (relay != null) {
            relay.release();
        }
    }

    /** Writes packets of the gateway's own. */
    void own(ByteBuf packets) {
        RewritingRelay relay = rewriting;
        if (relay == null) {
            client.write(packets);
            return;
        }
        try {
            relay.take(packets, true);
        } finally {
            packets.release();
        }
    }

    /** The number of the packet that can be put in at this moment; -1 if the client is in the middle of one, or sends a file. */
    int nextSequence(int unanswered) {
        if (upload != null) {
            return -1;
        }
        RewritingRelay relay = rewriting;
        if (relay != null) {
            return relay.nextSequence();
        }
        if (keep != Keep.RELAY || !awaiting) {
            return unanswered;
        }
        return scanner.isBetweenPackets() ? scanner.nextSequence() : -1;
    }

    /** Passes on what is held, and all that comes after. */
    void relayHeld() {
        ByteBuf known = held;
        held = null;
        if (known != null) {
            RewritingRelay relay = rewriting;
            if (relay == null) {
                client.write(known);
            } else {
                relay.take(known, ended);
                known.release();
            }
        }
        keep = Keep.RELAY;
    }

    /** Drops what is held, and all that comes after. */
    void discard() {
        dropHeld();
        keep = Keep.DISCARD;
    }

    /** Goes on with an answer whose first packet is known. */
    void resume(Runnable then) {
        reached = then;
        paused = false;
        server.config().setAutoRead(client.isWritable());
        ByteBuf stored = waiting;
        waiting = null;
        if (stored != null) {
            try {
                bytes(stored);
            } finally {
                stored.release();
            }
        }
        client.flush();
    }

    /** Takes what has come from the server. */
    void bytes(ByteBuf in) {
        if (paused) {
            ByteBuf stored = waiting;
            if (stored == null) {
                stored = Unpooled.buffer(in.readableBytes());
                waiting = stored;
            }
            stored.writeBytes(in);
            return;
        }
        while (in.isReadable()) {
            if (upload != null) {
                // Whatever the client sends next could be of its file or a command that filters have to see.
                throw new MalformedPacketException(
                        "malformed answer of the server: bytes before the end of the file that it asked for");
            }
            if (!awaiting) {
                throw new MalformedPacketException("malformed answer of the server: bytes that no command asked for");
            }
            int from = in.readerIndex();
            ResponseScanner.Reached where = scanner.scan(in);
            int count = in.readerIndex() - from;
            answerBytes += count;
            if (maxAnswerBytes > 0 && answerBytes > maxAnswerBytes) {
                throw new MalformedPacketException("answer of the server has more than the " + maxAnswerBytes
                        + " bytes that this gateway passes on; ask for less, or raise max_result_bytes");
            }
            take(in, from, count, where == ResponseScanner.Reached.END);
            if (where == ResponseScanner.Reached.FILE_ASKED) {
                askForFile();
            } else if (where == ResponseScanner.Reached.END) {
                awaiting = false;
                ended = true;
                reached.run();
            } else if (where == ResponseScanner.Reached.FIRST_PACKET && keep == Keep.HOLD) {
                paused = true;
                reached.run();
                if (paused) {
                    server.config().setAutoRead(false);
                    bytes(in);
                    return;
                }
            }
        }
    }

    /** Passes the request for a file on, whatever becomes of the answer that follows the file. */
    private void askForFile() {
        if (keep == Keep.DISCARD) {
            throw new MalformedPacketException(
                    "malformed answer of the server: a request for a file that nobody wants");
        }
        Keep how = keep;
        relayHeld();
        keep = how;
        RewritingRelay relay = rewriting;
        if (relay == null) {
            // What follows the file may be the filters' own answer, which is numbered on from the file.
            relay = new RewritingRelay(client, deprecateEof, scanner.nextSequence());
            rewriting = relay;
        }
        upload = new FileUpload(relay.nextSequence(), scanner.nextSequence());
        client.flush();
    }

    /** Whether the client has to send a file now. */
    boolean isUploading() {
        return upload != null;
    }

    /** Passes on what has come of a file. */
    void upload(ByteBuf in) {
        FileUpload running = upload;
        if (running != null && running.pass(in, server)) {
            upload = null;
            scanner.fileSent(running.packets());
            RewritingRelay relay = rewriting;
            if (relay != null) {
                relay.fileSent(running.packets());
            }
        }
        server.flush();
    }

    boolean isAwaiting() {
        return awaiting;
    }

    private void take(ByteBuf in, int from, int count, boolean last) {
        switch (keep) {
            case RELAY -> {
                RewritingRelay relay = rewriting;
                if (relay == null) {
                    client.write(in.retainedSlice(from, count));
                } else {
                    relay.take(in.slice(from, count), last);
                }
            }
            case HOLD, BUFFER -> {
                if (held().readableBytes() + (long) count > maxHeld) {
                    tooLarge = true;
                    discard();
                } else {
                    held().writeBytes(in, from, count);
                }
            }
            case DISCARD -> {}
        }
    }

    void dropHeld() {
        ByteBuf known = held;
        held = null;
        if (known != null) {
            known.release();
        }
    }

    void close() {
        dropHeld();
        endRewriting();
        ByteBuf stored = waiting;
        waiting = null;
        if (stored != null) {
            stored.release();
        }
    }
}
