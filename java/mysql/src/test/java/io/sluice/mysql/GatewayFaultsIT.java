package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.sluice.jdbc.MariaDbServer;
import io.sluice.sql.FilterSet;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever one client or the server does, the gateway goes on. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class GatewayFaultsIT {
    private static final long SEED = 20_261_124;
    private static final int FUZZED = 400;

    private GatewayFixture fixture;

    @BeforeEach
    void start() throws SQLException {
        fixture = new GatewayFixture("gateway_faults");
        fixture.refuse("no_secrets", "(?is).*secret.*");
    }

    @AfterEach
    void gatewayGoesOn() throws SQLException {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select 6 * 7")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(42);
        } finally {
            fixture.close();
        }
    }

    @Test
    void everyCommandThatIsNotFilteredIsRefusedByName() throws IOException {
        try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
            for (Command command : Command.values()) {
                if (command.handling() == Command.Handling.REFUSED) {
                    client.write(0, new byte[] {command.code(), 0, 0, 0, 0, 0});
                    assertThat(client.readText())
                            .contains("#42000" + command.wireName() + " is refused by this gateway");
                }
            }
            client.write(0, new byte[] {(byte) 0x99});
            assertThat(client.readText()).contains("#08S01unknown command 153");
        }
    }

    @Test
    void capabilitiesThatAreNotOfferedAreNotInForce() throws IOException {
        try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
            client.query("select 'secret'");
            assertThat(client.readText()).contains("disallowed due to rule: no_secrets");
            byte[] text = "\0\1select 'secret'".getBytes(StandardCharsets.US_ASCII);
            byte[] attributes = new byte[text.length + 1];
            attributes[0] = Command.QUERY.code();
            System.arraycopy(text, 0, attributes, 1, text.length);
            client.write(0, attributes);
            assertThat(client.readText()).contains("disallowed due to rule: no_secrets");
        }
    }

    @Test
    void greetingOffersNothingThatIsNotAllowed() throws IOException {
        try (RawClient client = new RawClient(fixture.gateway.port())) {
            byte[] greeting = client.read();
            Greeting parsed = Greeting.parse(greeting, ~0);
            assertThat(parsed.capabilities() & ~(Capability.ALLOWED | Capability.OWN))
                    .isZero();
            int at = parsed.version().length() + 2 + 4 + 8 + 1 + 2 + 1 + 2 + 2 + 1;
            for (int i = at; i < at + 10; i++) {
                assertThat(greeting[i]).as("reserved byte " + i).isZero();
            }
        }
    }

    @Test
    void halfPacketsHoldUpNobody() throws IOException, SQLException {
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                RawClient silent = new RawClient(fixture.gateway.port());
                clients.add(silent);
                RawClient half = RawClient.loggedIn(fixture.gateway.port());
                clients.add(half);
                half.out.write(new byte[] {50, 0, 0, 0, 3, 's', 'e'});
                half.out.flush();
            }
            gatewayAnswers();
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private void gatewayAnswers() throws IOException {
        try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
            client.query("do 1");
            assertThat(client.read()[0]).isZero();
        }
    }

    @Test
    void garbageEndsOneConnectionOnly() throws IOException {
        Random random = new Random(SEED);
        for (int round = 0; round < FUZZED; round++) {
            boolean atLogin = round % 2 == 0;
            try (RawClient client =
                    atLogin ? new RawClient(fixture.gateway.port()) : RawClient.loggedIn(fixture.gateway.port())) {
                if (atLogin) {
                    client.read();
                }
                byte[] bytes = atLogin ? RawClient.login() : command(random);
                for (int i = 0; i < 1 + random.nextInt(4); i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                client.write(random.nextInt(8) == 0 ? random.nextInt(256) : atLogin ? 1 : 0, bytes);
                client.socket.shutdownOutput();
                client.readToEnd();
            } catch (SocketException e) {
                // The gateway closed it while the test was writing.
                assertThat(e).hasMessageMatching("(Connection reset|Broken pipe).*");
            }
        }
        gatewayAnswers();
    }

    /** A command that is well-formed before it is spoiled. */
    private static byte[] command(Random random) {
        byte[] bytes = new byte[12 + random.nextInt(40)];
        random.nextBytes(bytes);
        Command[] commands = Command.values();
        bytes[0] = commands[random.nextInt(commands.length)].code();
        if (bytes[0] == Command.QUERY.code()) {
            byte[] text = "select 1, 'text'".getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, bytes, 1, Math.min(text.length, bytes.length - 1));
        }
        return bytes;
    }

    @Test
    void clientThatNeverReadsStopsItsServerNotTheGateway() throws IOException {
        Runtime runtime = Runtime.getRuntime();
        try (RawClient lazy = RawClient.loggedIn(fixture.gateway.port())) {
            lazy.query("select repeat('x', 1000) from seq_1_to_1000000"); // a gigabyte
            long most = 0;
            for (int i = 0; i < 10; i++) {
                gatewayAnswers();
                sleep(100);
                System.gc();
                most = Math.max(most, runtime.totalMemory() - runtime.freeMemory());
            }
            assertThat(most).isLessThan(200L << 20);
        }
    }

    @Test
    void serverThatNeverReadsStopsItsClientNotTheGateway() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Gateway stalled = Gateway.start(
                        GatewayConfig.defaults()
                                .withListen("127.0.0.1", 0)
                                .withBackend("127.0.0.1", server.getLocalPort()),
                        FilterSet.of())) {
            Thread serving = new Thread(() -> prepareAndStall(server));
            serving.start();
            Thread sending;
            try (RawClient client = RawClient.loggedIn(stalled.port())) {
                client.write(0, new byte[] {Command.STMT_PREPARE.code(), '?'});
                int id = CommandRunner.idOf(client.read());
                PacketWriter data = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
                data.u8(Command.STMT_SEND_LONG_DATA.code()).i32(id).u16(0).bytes(new byte[1 << 20]);
                byte[] payload = data.takePayload();
                AtomicInteger megabytes = new AtomicInteger();
                sending = new Thread(() -> {
                    try {
                        while (megabytes.get() < 100) {
                            client.write(0, payload);
                            megabytes.incrementAndGet();
                        }
                    } catch (IOException e) {
                        // The test has seen enough.
                    }
                });
                sending.start();
                sending.join(2000);
                assertThat(megabytes.get()).isLessThan(50);
            }
            sending.join();
            serving.join();
        }
    }

    /** A server that prepares one statement and then reads nothing, until its client is gone. */
    private static void prepareAndStall(ServerSocket server) {
        byte[] scramble = "12345678abcdefghijkl\0".getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = server.accept()) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            answer(
                    socket,
                    0,
                    new Greeting("8.4.0", 7, scramble, Capability.ALLOWED, 45, 2, "mysql_native_password").payload());
            packet(in);
            byte[] ok = {0, 0, 0, 2, 0, 0, 0};
            answer(socket, 2, ok);
            while (packet(in)[0] != Command.STMT_PREPARE.code()) {
                answer(socket, 1, new byte[] {-1, 1, 4, '#', 'H', 'Y', '0', '0', '0', 'n', 'o'});
            }
            answer(socket, 1, new byte[] {0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0});
            answer(socket, 2, new byte[] {3, 'd', 'e', 'f', 0, 0, 0, 1, '?', 0, 12, 63, 0, 0, 0, 0, 0, -3, 0, 0, 0, 0, 0
            });
            answer(socket, 3, new byte[] {-2, 0, 0, 2, 0});
            Thread.sleep(4000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] packet(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        in.readUnsignedByte();
        return in.readNBytes(length);
    }

    private static void answer(Socket socket, int sequence, byte[] payload) throws IOException {
        byte[] packet = new byte[payload.length + 4];
        packet[0] = (byte) payload.length;
        packet[3] = (byte) sequence;
        System.arraycopy(payload, 0, packet, 4, payload.length);
        socket.getOutputStream().write(packet);
    }

    @Test
    void messageAboveTheLimitIsRefused() throws SQLException, IOException {
        try (GatewayFixture small = new GatewayFixture(
                        "gateway_faults", GatewayConfig.defaults().withMaxPacketBytes(1024));
                RawClient client = RawClient.loggedIn(small.gateway.port())) {
            client.out.write(new byte[] {(byte) 0xff, (byte) 0xff, 0x0f, 0});
            client.out.flush();
            assertThat(client.readText())
                    .contains("packet of the client has 1048575 bytes or more; the gateway takes 1024");
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void oneConnectionTooManyIsRefused() throws SQLException, IOException {
        try (GatewayFixture small = new GatewayFixture(
                        "gateway_faults", GatewayConfig.defaults().withMaxConnections(1));
                RawClient first = RawClient.loggedIn(small.gateway.port())) {
            try (RawClient second = new RawClient(small.gateway.port())) {
                assertThat(second.readText()).contains("too many connections: the gateway takes 1");
            }
            first.query("do 1");
            assertThat(first.read()[0]).isZero();
        }
    }

    @Test
    void serverThatIsNotThereIsNamed() throws IOException {
        int unused;
        try (ServerSocket socket = new ServerSocket(0)) {
            unused = socket.getLocalPort();
        }
        GatewayConfig config =
                GatewayConfig.defaults().withListen("127.0.0.1", 0).withBackend("127.0.0.1", unused);
        try (Gateway gateway = Gateway.start(config, fixture.filters);
                RawClient client = new RawClient(gateway.port())) {
            assertThat(client.readText()).contains("the gateway cannot connect to the server at 127.0.0.1:" + unused);
        }
    }

    @Test
    void connectionThatTheServerKillsEndsWithAnError() throws SQLException, InterruptedException {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Connection killer = fixture.connectDirectly(Through.MARIADB);
                Statement statement = connection.createStatement();
                Statement kill = killer.createStatement()) {
            long id;
            try (ResultSet rows = statement.executeQuery("select connection_id()")) {
                rows.next();
                id = rows.getLong(1);
            }
            Thread later = new Thread(() -> {
                sleep(300);
                try {
                    kill.execute("kill " + id);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            later.start();
            assertThatThrownBy(() -> statement.execute("select sleep(20)")).isInstanceOf(SQLException.class);
            later.join();
            assertThat(connection.isValid(1)).isFalse();
        }
    }

    @Test
    void clientThatLeavesTakesItsServerConnectionAlong() throws SQLException, IOException {
        try (Connection watcher = fixture.connectDirectly(Through.MARIADB);
                Statement statement = watcher.createStatement()) {
            long id;
            try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
                client.query("select connection_id()");
                client.read(); // the number of columns
                client.read(); // the column
                client.read(); // the end of the columns
                id = Long.parseLong(client.readText().substring(1)); // behind the text's length
                client.read(); // the end of the rows
            }
            int left = 1;
            for (int i = 0; i < 50 && left > 0; i++) {
                sleep(100);
                try (ResultSet rows = statement.executeQuery(
                        "select count(*) from information_schema.processlist where id = " + id)) {
                    rows.next();
                    left = rows.getInt(1);
                }
            }
            assertThat(left).isZero();
            for (int i = 0; i < 50 && fixture.gateway.connections() > 0; i++) {
                sleep(100);
            }
            assertThat(fixture.gateway.connections()).isZero();
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
