package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sluice.jdbc.MariaDbServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client that claims what it was not offered side-steps no filter. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class MaskedCapabilitiesIT {
    private static final String REFUSED = "disallowed due to rule: no_secrets";

    private static GatewayFixture fixture;

    @BeforeAll
    static void start() throws SQLException {
        fixture = new GatewayFixture("masked_capabilities");
        fixture.refuse("no_secrets", "(?is).*secret.*");
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    private static RawClient claiming(int capabilities, int extended) throws IOException {
        RawClient client = new RawClient(fixture.gateway.port());
        client.read();
        PacketWriter login = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
        login.i32(Capability.PROTOCOL_41 | Capability.SECURE_CONNECTION | Capability.PLUGIN_AUTH | capabilities)
                .i32(1 << 24)
                .u8(45)
                .zeros(19)
                .i32(extended);
        login.withNul("root".getBytes(StandardCharsets.US_ASCII)).u8(0);
        login.withNul("mysql_native_password".getBytes(StandardCharsets.US_ASCII));
        client.write(1, login.takePayload());
        byte[] answer = client.read();
        assertThat(answer[0]).as(new String(answer, StandardCharsets.UTF_8)).isZero();
        return client;
    }

    /** Commands as a client writes them that believes in a capability, and the answers that tell that the server executed nothing of it. */
    @ParameterizedTest
    @CsvSource({
        "compression, 0x20, 0",
        "local files, 0x80, 0",
        "optional metadata, 0x2000000, 0",
        "zstd, 0x4000000, 0",
        "query attributes, 0x8000000, 0",
        "further factors, 0x10000000, 0",
        "progress, 0x20000000, 1",
        "MariaDB's several commands, 0, 2",
        "bulk, 0, 4",
        "extended metadata, 0, 8",
        "cached metadata, 0, 16",
        "all, 0xbe0000a0, -1"
    })
    void statementIsReadAndAnsweredAsIfNothingWasClaimed(String name, String bits, int extended) throws IOException {
        try (RawClient client =
                claiming(Integer.parseUnsignedInt(bits.substring(bits.startsWith("0x") ? 2 : 0), 16), extended)) {
            client.query("select 'secret'");
            assertThat(client.readText()).as(name).contains(REFUSED);
            client.query("select 7 as a");
            assertThat(client.read()).as(name).isEqualTo(new byte[] {1});
            client.read();
            assertThat(client.read()[0]).as(name).isEqualTo((byte) 0xfe);
            assertThat(client.read()).as(name).isEqualTo(new byte[] {1, '7'});
            client.read();
            // As with query attributes: a number of them and a number of sets before the text.
            client.query("\0\1select 'secret'");
            assertThat(client.readText()).as(name).containsAnyOf(REFUSED, "error in your SQL syntax");
            client.query("load data local infile '/etc/passwd' into table masked_capabilities.t");
            assertThat(client.read()[0]).as(name).isEqualTo((byte) 0xff);
        }
    }

    @Test
    void bulkExecuteIsRefusedByNameWhateverIsClaimed() throws IOException {
        try (RawClient client = claiming(0, 4)) {
            byte[] prepare = "\u0016select ?".getBytes(StandardCharsets.US_ASCII);
            client.write(0, prepare);
            int id = CommandRunner.idOf(client.read());
            for (int i = 0; i < 4; i++) {
                client.read();
            }
            byte[] bulk = {
                (byte) 0xfa, (byte) id, 0, 0, 0, (byte) 128, 0, (byte) 253, 0, 0, 6, 's', 'e', 'c', 'r', 'e', 't'
            };
            client.write(0, bulk);
            assertThat(client.readText())
                    .contains(
                            "COM_STMT_BULK_EXECUTE is refused by this gateway, whose filters could not see what it does");
        }
    }
}
