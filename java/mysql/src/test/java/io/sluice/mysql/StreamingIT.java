package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.jdbc.MariaDbServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What passes through a gateway is many times what it may keep. */
@Timeout(120)
@ExtendWith(MariaDbServer.class)
class StreamingIT {
    private static final int MEGABYTES = 48;
    private static final int ROWS = 300;
    private static final int ROW_BYTES = 1_000_000;

    @Test
    void largeResultsAndStatementsPassWhateverTheReadersPace() throws SQLException, IOException, InterruptedException {
        int serverPort = Through.serverWith("streaming");
        try (GatewayProcess gateway = GatewayProcess.inMegabytes(MEGABYTES, serverPort);
                RawClient never = RawClient.loggedIn(gateway.port());
                RawClient slow = RawClient.loggedIn(gateway.port())) {
            never.query("select repeat('x', " + ROW_BYTES + ") from streaming.seq_1_to_" + ROWS);
            slow.query("select repeat('x', " + ROW_BYTES + ") from streaming.seq_1_to_" + ROWS);
            Thread.sleep(500); // the server would have sent all of it by now
            assertThat(rows(slow)).isEqualTo(ROWS);
            byte[] text = ("do '" + "y".repeat(8_000_000) + "'").getBytes(StandardCharsets.US_ASCII);
            byte[] statement = new byte[text.length + 1];
            statement[0] = Command.QUERY.code();
            System.arraycopy(text, 0, statement, 1, text.length);
            for (int i = 0; i < 8; i++) {
                slow.write(0, statement);
                assertThat(slow.read()[0]).isZero();
            }
            assertThat(gateway.isAlive()).isTrue();
            assertThat(rows(never)).isEqualTo(ROWS);
        }
    }

    private static int rows(RawClient client) throws IOException {
        assertThat(client.read()).isEqualTo(new byte[] {1});
        client.read();
        assertThat(client.read()[0]).isEqualTo((byte) 0xfe);
        int rows = 0;
        while (true) {
            byte[] packet = client.read();
            if ((packet[0] & 0xff) == 0xfe) {
                return rows;
            }
            assertThat(packet).hasSize(ROW_BYTES + 4);
            assertThat(Arrays.stream(new int[] {4, 5, ROW_BYTES / 2, ROW_BYTES + 3})
                            .allMatch(at -> packet[at] == 'x'))
                    .isTrue();
            rows++;
        }
    }
}
