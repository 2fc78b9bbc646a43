package io.sluice.mysql;

/**
 * Knows when the answer to a command ends, from the first bytes of each of its packets; a state machine without input or output.
 *
 * <p>It sees each packet once, when {@link #HEAD_BYTES} of its payload or all of it have come, and never a row's values.
 *
 * <p><b>Threads.</b> Confined. <b>Cost.</b> Allocates nothing.
 */
final class ResponseTracker {
    /** The bytes of a payload that have to be known: those of an OK packet up to its warnings. */
    static final int HEAD_BYTES = 23;

    static final int MORE_RESULTS = 0x8;
    static final int CURSOR_EXISTS = 0x40;

    private static final int EOF_MAX_BYTES = 9;
    private static final int MAX_COLUMNS = 65_535;

    /** What an answer looks like depends on the command. */
    enum Shape {
        /** OK, ERR or rows, and more of them: of COM_QUERY, COM_STMT_EXECUTE. */
        RESULTS,
        /** OK with counts, then definitions: of COM_STMT_PREPARE. */
        PREPARED,
        /** Rows up to an EOF: of COM_STMT_FETCH. */
        FETCHED,
        /** Definitions up to an EOF: of COM_FIELD_LIST. */
        DEFINITIONS,
        /** One packet: of every other command. */
        ONE_PACKET
    }

    /** What an answer begins with. */
    enum Begin {
        NOTHING,
        OK,
        ERROR,
        ROWS
    }

    private enum State {
        FIRST,
        COLUMNS,
        COLUMNS_EOF,
        ROWS,
        PARAMETERS,
        PARAMETERS_EOF,
        PREPARED_COLUMNS,
        PREPARED_COLUMNS_EOF,
        FIELD_LIST,
        ENDED
    }

    private Shape shape = Shape.ONE_PACKET;
    private boolean deprecateEof;
    private State state = State.ENDED;
    private Begin begin = Begin.NOTHING;
    private int left;
    private int preparedColumns;
    private int status;
    private int resultSets;
    private boolean filesAllowed;
    private boolean fileAsked;

    /** Lets the server ask for files of the client. */
    void allowFiles() {
        filesAllowed = true;
    }

    /** Whether the packet that was seen last asks for a file; the answer goes on when the client has sent it. */
    boolean isFileAsked() {
        return fileAsked;
    }

    /** Waits for the answer to a command. */
    void begin(Shape newShape, boolean withoutEof) {
        shape = newShape;
        deprecateEof = withoutEof;
        state = State.FIRST;
        begin = Begin.NOTHING;
        left = 0;
        resultSets = 0;
        fileAsked = false;
    }

    /** Whether the packet that was seen last is the answer's last. */
    boolean isEnded() {
        return state == State.ENDED;
    }

    /** What the answer began with; NOTHING before its first packet. */
    Begin beginning() {
        return begin;
    }

    /** The status flags that the server told last, in any answer. */
    int status() {
        return status;
    }

    /** The results of rows so far. */
    int resultSets() {
        return resultSets;
    }

    /**
     * Sees the next packet.
     *
     * @param head the payload's first bytes
     * @param headLength how many of them there are: all, or {@link #HEAD_BYTES}
     * @param length the payload's length; {@link PacketWriter#MAX_PAYLOAD} if it goes on in another packet
     * @throws MalformedPacketException if that packet cannot stand there
     */
    void packet(byte[] head, int headLength, int length) {
        if (length == 0) {
            throw malformed("an empty packet");
        }
        int first = head[0] & 0xff;
        fileAsked = false;
        switch (state) {
            case FIRST -> first(head, headLength, length, first);
            case COLUMNS -> definition(first, deprecateEof ? State.ROWS : State.COLUMNS_EOF);
            case COLUMNS_EOF -> {
                eof(head, headLength, length);
                if ((status & CURSOR_EXISTS) != 0) {
                    endOfResult();
                } else {
                    state = State.ROWS;
                }
            }
            case ROWS -> row(head, headLength, length, first);
            case PARAMETERS -> {
                definition(first, State.PARAMETERS_EOF);
                if (state == State.PARAMETERS_EOF && deprecateEof) {
                    state = afterParameters();
                }
            }
            case PARAMETERS_EOF -> {
                eof(head, headLength, length);
                state = afterParameters();
            }
            case PREPARED_COLUMNS -> definition(first, deprecateEof ? State.ENDED : State.PREPARED_COLUMNS_EOF);
            case PREPARED_COLUMNS_EOF -> {
                eof(head, headLength, length);
                state = State.ENDED;
            }
            case FIELD_LIST -> row(head, headLength, length, first);
            case ENDED -> throw malformed("a packet after the answer's end");
        }
    }

    private void first(byte[] head, int headLength, int length, int first) {
        if (first == 0xff) {
            begin = begin == Begin.NOTHING ? Begin.ERROR : begin;
            state = State.ENDED;
            return;
        }
        switch (shape) {
            case ONE_PACKET -> {
                begin = Begin.OK;
                state = State.ENDED;
                if (first == 0xfe && length < EOF_MAX_BYTES && !deprecateEof) {
                    eof(head, headLength, length);
                } else if (first == 0 || first == 0xfe) {
                    ok(head, headLength);
                }
            }
            case DEFINITIONS -> {
                begin = Begin.ROWS;
                state = State.FIELD_LIST;
                row(head, headLength, length, first);
            }
            case FETCHED -> {
                begin = Begin.ROWS;
                state = State.ROWS;
                row(head, headLength, length, first);
            }
            case PREPARED -> prepared(head, headLength, first);
            case RESULTS -> result(head, headLength, length, first);
        }
    }

    private void prepared(byte[] head, int headLength, int first) {
        if (first != 0 || headLength < 12) {
            throw malformed("byte " + first + " and " + headLength + " bytes where a prepared statement is due");
        }
        begin = Begin.OK;
        preparedColumns = (head[5] & 0xff) | ((head[6] & 0xff) << 8);
        left = (head[7] & 0xff) | ((head[8] & 0xff) << 8);
        state = left > 0 ? State.PARAMETERS : afterParameters();
    }

    private State afterParameters() {
        left = preparedColumns;
        return left > 0 ? State.PREPARED_COLUMNS : State.ENDED;
    }

    private void result(byte[] head, int headLength, int length, int first) {
        if (first == 0) {
            begin = begin == Begin.NOTHING ? Begin.OK : begin;
            ok(head, headLength);
            endOfResult();
        } else if (first == 0xfb) {
            if (!filesAllowed || begin != Begin.NOTHING) {
                throw malformed("a request for a local file, which was not offered");
            }
            fileAsked = true;
        } else {
            long columns = lenenc(head, headLength, 0);
            if (columns < 1 || columns > MAX_COLUMNS || sizeOfLenenc(head[0]) != length) {
                throw malformed("a result of " + columns + " columns in " + length + " bytes");
            }
            begin = begin == Begin.NOTHING ? Begin.ROWS : begin;
            left = (int) columns;
            resultSets++;
            state = State.COLUMNS;
        }
    }

    private void definition(int first, State next) {
        if (first == 0xff || first == 0xfe) {
            throw malformed("byte " + first + " where " + left + " definitions are due");
        }
        left--;
        if (left == 0) {
            state = next;
        }
    }

    private void row(byte[] head, int headLength, int length, int first) {
        if (first == 0xff) {
            state = State.ENDED;
        } else if (first == 0xfe && length < (deprecateEof ? PacketWriter.MAX_PAYLOAD : EOF_MAX_BYTES)) {
            if (deprecateEof) {
                ok(head, headLength);
            } else {
                eof(head, headLength, length);
            }
            if (state == State.FIELD_LIST) {
                state = State.ENDED;
            } else {
                endOfResult();
            }
        }
    }

    private void endOfResult() {
        state = (status & MORE_RESULTS) != 0 && shape == Shape.RESULTS ? State.FIRST : State.ENDED;
    }

    private void eof(byte[] head, int headLength, int length) {
        if ((head[0] & 0xff) != 0xfe || length >= EOF_MAX_BYTES || headLength < 5) {
            throw malformed("byte " + (head[0] & 0xff) + " and " + length + " bytes where an EOF is due");
        }
        status = (head[3] & 0xff) | ((head[4] & 0xff) << 8);
    }

    private void ok(byte[] head, int headLength) {
        int at = 1;
        for (int i = 0; i < 2; i++) {
            lenenc(head, headLength, at);
            at += sizeOfLenenc(head[at]);
        }
        if (at + 2 > headLength) {
            throw malformed("an OK of " + headLength + " bytes");
        }
        status = (head[at] & 0xff) | ((head[at + 1] & 0xff) << 8);
    }

    private static int sizeOfLenenc(byte first) {
        return switch (first & 0xff) {
            case 0xfc -> 3;
            case 0xfd -> 4;
            case 0xfe -> 9;
            default -> 1;
        };
    }

    private static long lenenc(byte[] head, int headLength, int at) {
        if (at >= headLength) {
            throw malformed("a number past the end");
        }
        int first = head[at] & 0xff;
        int size = sizeOfLenenc(head[at]);
        if (first == 0xfb || first == 0xff || at + size > headLength) {
            throw malformed("byte " + first + " where a number is due");
        }
        if (size == 1) {
            return first;
        }
        long value = 0;
        for (int i = size - 1; i > 0; i--) {
            value = (value << 8) | (head[at + i] & 0xff);
        }
        return value;
    }

    private static MalformedPacketException malformed(String found) {
        return new MalformedPacketException("malformed answer of the server: " + found);
    }
}
