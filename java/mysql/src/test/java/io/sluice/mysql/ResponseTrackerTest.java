package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.mysql.ResponseScanner.Reached;
import io.sluice.mysql.ResponseTracker.Begin;
import io.sluice.mysql.ResponseTracker.Shape;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ResponseTrackerTest {
    private static final String OK = "0700000100000002000000";
    private static final String OK_MORE = "070000010000000a000000";
    private static final String ERROR = "0c000001ff2a0423343230303041" + "6263";
    /** {@code select 1}: the count, a definition, an EOF, a row, an EOF. */
    private static final String ROWS =
            "0100000101" + "17000002036465660000000131000c3f000100000008810000000005".substring(0, 2 * 27)
                    + "05000003fe00000200" + "020000040131" + "05000005fe00000200";

    private static final String ROWS_DEPRECATED =
            "0100000101" + "17000002036465660000000131000c3f000100000008810000000005".substring(0, 2 * 27)
                    + "020000030131" + "07000004fe000002000000";

    @Test
    void okEndsAnswer() {
        assertEndsAtItsLastByte(OK, Shape.RESULTS, false, Begin.OK);
        assertEndsAtItsLastByte(OK, Shape.ONE_PACKET, true, Begin.OK);
    }

    @Test
    void errorEndsAnswer() {
        assertEndsAtItsLastByte(ERROR, Shape.RESULTS, true, Begin.ERROR);
        assertEndsAtItsLastByte(ERROR, Shape.PREPARED, false, Begin.ERROR);
        assertEndsAtItsLastByte(ERROR, Shape.DEFINITIONS, false, Begin.ERROR);
    }

    @Test
    void rowsEndWithTheirSecondEof() {
        assertEndsAtItsLastByte(ROWS, Shape.RESULTS, false, Begin.ROWS);
    }

    @Test
    void rowsWithoutEofEndWithOk() {
        assertEndsAtItsLastByte(ROWS_DEPRECATED, Shape.RESULTS, true, Begin.ROWS);
    }

    @Test
    void answerGoesOnWhileMoreResultsAreSaid() {
        assertEndsAtItsLastByte(
                OK_MORE + "070000020000000a000000" + "0700000300000002000000", Shape.RESULTS, false, Begin.OK);
    }

    @Test
    void preparedStatementEndsWithItsDefinitions() {
        String definition = "036465660000000131000c3f0001000000088100000000";
        String head = "0c0000010001000000" + "0100" + "0200" + "000000";
        String withEofs = head + "17000002" + definition + "17000003" + definition + "05000004fe00000200" + "17000005"
                + definition + "05000006fe00000200";
        assertEndsAtItsLastByte(withEofs, Shape.PREPARED, false, Begin.OK);
        String without = head + "17000002" + definition + "17000003" + definition + "17000004" + definition;
        assertEndsAtItsLastByte(without, Shape.PREPARED, true, Begin.OK);
        assertEndsAtItsLastByte("0c0000010001000000" + "0000" + "0000" + "000000", Shape.PREPARED, false, Begin.OK);
    }

    @Test
    void cursorEndsAnswerBeforeItsRows() {
        String answer = ROWS.substring(0, ROWS.indexOf("05000003fe")) + "05000003fe00004200";
        assertEndsAtItsLastByte(answer, Shape.RESULTS, false, Begin.ROWS);
    }

    @Test
    void rowThatBeginsAsAnEofDoesIsARow() {
        ResponseTracker tracker = new ResponseTracker();
        tracker.begin(Shape.RESULTS, true);
        tracker.packet(new byte[] {1}, 1, 1);
        tracker.packet(new byte[] {3, 'd', 'e', 'f'}, 4, 30);
        byte[] head = new byte[ResponseTracker.HEAD_BYTES];
        head[0] = (byte) 0xfe;
        tracker.packet(head, head.length, PacketWriter.MAX_PAYLOAD);
        assertThat(tracker.isEnded()).isFalse();
    }

    @Test
    void requestForLocalFileIsRefused() {
        assertThatThrownBy(() -> scan("0a000001fb2f6574632f66696c65".substring(0, 28), Shape.RESULTS, false))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessage("malformed answer of the server: a request for a local file, which was not offered");
    }

    @Test
    void packetOutOfOrderIsRefused() {
        assertThatThrownBy(() -> scan("0700000200000002000000", Shape.RESULTS, false))
                .hasMessage("malformed answer of the server: packet 2 where 1 is due");
    }

    @Test
    void emptyPacketIsRefused() {
        assertThatThrownBy(() -> scan("00000001", Shape.RESULTS, false))
                .hasMessage("malformed answer of the server: an empty packet");
    }

    @Test
    void okThatIsCutIsRefused() {
        assertThatThrownBy(() -> scan("0300000100fe01", Shape.RESULTS, false))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessage("malformed answer of the server: byte 254 where a number is due");
    }

    private static void scan(String hex, Shape shape, boolean deprecateEof) {
        ResponseScanner scanner = new ResponseScanner();
        scanner.begin(shape, deprecateEof, 1);
        scanner.scan(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
    }

    /** In one piece, byte by byte, and with bytes behind it that are not its own. */
    private static void assertEndsAtItsLastByte(String hex, Shape shape, boolean deprecateEof, Begin begin) {
        byte[] answer = HexFormat.of().parseHex(hex);
        for (int piece : new int[] {answer.length + 3, 1, 2, 5}) {
            ResponseScanner scanner = new ResponseScanner();
            scanner.begin(shape, deprecateEof, 1);
            ByteBuf all = Unpooled.buffer();
            all.writeBytes(answer).writeBytes(new byte[] {9, 9, 9});
            int read = 0;
            Reached reached = Reached.MORE_DUE;
            while (reached != Reached.END) {
                int next = Math.min(piece, all.writerIndex() - read);
                assertThat(next).as("bytes left").isPositive();
                ByteBuf part = all.slice(read, next);
                do {
                    reached = scanner.scan(part);
                } while (reached != Reached.END && part.isReadable());
                read += part.readerIndex();
            }
            assertThat(read).as("pieces of " + piece).isEqualTo(answer.length);
            assertThat(scanner.tracker().beginning()).isEqualTo(begin);
            assertThat(scanner.tracker().status() & 2)
                    .isEqualTo(
                            begin == Begin.ERROR || shape == Shape.PREPARED
                                    ? scanner.tracker().status() & 2
                                    : 2);
        }
    }
}
