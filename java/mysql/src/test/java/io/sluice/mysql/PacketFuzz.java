package io.sluice.mysql;

import io.netty.buffer.Unpooled;
import io.sluice.plugin.Guests;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Spoils packets, one field of one packet at a time, and sends them through a gateway: those of clients and those of servers.
 *
 * <p>{@code tools/run java/mysql io.sluice.mysql.PacketFuzz COUNT [SEED]} sends that many and prints what became of them; {@code make
 * fuzz-gateway} is that with a million. The server behind the gateway is one of this class, which answers as a real one does, or as a
 * spoiled one.
 */
final class PacketFuzz implements AutoCloseable {
    static final long SEED = 20_261_124;
    private static final int WAIT_MILLIS = 20_000;
    private static final int HALF_PACKET_MILLIS = 30;

    /** A server that waits ends its connection, as real ones do, before the client of the test gives up. */
    private static final int SERVER_MILLIS = 2000;

    private static final byte[] SCRAMBLE = "12345678abcdefghijkl\0".getBytes(StandardCharsets.US_ASCII);

    final AtomicLong packets = new AtomicLong();
    final AtomicLong answered = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong closed = new AtomicLong();
    private final PluginHost host = PluginHost.create();
    private final ServerSocket server;
    private final Thread serving;
    private final Gateway gateway;
    private volatile boolean ended;
    private volatile long seedOfServer;

    PacketFuzz() throws IOException {
        server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        serving = new Thread(this::serve, "fuzzed-server");
        serving.setDaemon(true);
        serving.start();
        FilterSet filters = FilterSet.of();
        filters.add(SqlFilter.of("no_secrets", new FilterAction.Fail())
                .withPattern(FilterPattern.any().withQueryRegex("(?is).*secret.*")));
        filters.add(SqlFilter.of(host.load(PluginConfig.of("echo"), Guests.source("c/allows_all")))
                .withPattern(FilterPattern.any().withQueryRegex("(?is)select.*")));
        filters.add(SqlFilter.of(host.load(PluginConfig.of("mask"), Guests.source("c/mask_result")))
                .withPattern(FilterPattern.any().withQueryRegex("(?is)select.*rows.*")));
        gateway = Gateway.start(
                GatewayConfig.defaults()
                        .withListen("127.0.0.1", 0)
                        .withMaxPacketBytes(1 << 20)
                        .withBackend("127.0.0.1", server.getLocalPort()),
                filters);
    }

    /** Sends as many packets; says so if one of them is never answered nor its connection closed, with the seed that does it again. */
    void run(long count, long seed) throws IOException {
        while (packets.get() < count) {
            long round = seed + packets.get();
            try {
                if (round % 3 == 0) {
                    spoilServer(round);
                } else {
                    spoilClient(round);
                }
            } catch (SocketTimeoutException e) {
                throw new IOException("nothing came for " + WAIT_MILLIS + " ms; seed " + round, e);
            }
            packets.incrementAndGet();
        }
    }

    /** A client that spoils nothing is served. */
    void assertServes() throws IOException {
        seedOfServer = 0;
        try (Client client = new Client()) {
            client.login(RawClient.login());
            client.write(0, command(Command.QUERY, w -> w.bytes(ascii("select rows"))));
            byte[] answer = client.read();
            if (answer[0] != 1) {
                throw new IOException(
                        "the gateway does not serve any more: " + new String(answer, StandardCharsets.UTF_8));
            }
        }
    }

    int connections() {
        return gateway.connections();
    }

    private void spoilClient(long seed) throws IOException {
        Random random = new Random(seed);
        seedOfServer = 0;
        try (Client client = new Client()) {
            if (random.nextInt(4) == 0) {
                client.read();
                client.writeSpoiled(random, 1, RawClient.login());
            } else {
                client.login(RawClient.login());
                List<byte[]> commands = commands(random);
                // Some state first: a statement that is prepared, a value sent ahead.
                for (int i = random.nextInt(3); i > 0; i--) {
                    client.write(0, commands.get(random.nextInt(commands.size())));
                }
                client.writeSpoiled(random, 0, commands.get(random.nextInt(commands.size())));
            }
            count(client.readToEnd());
        } catch (SocketException | EOFException e) {
            closed.incrementAndGet(); // while the test was writing
        }
    }

    private void spoilServer(long seed) throws IOException {
        Random random = new Random(seed);
        seedOfServer = seed;
        try (Client client = new Client()) {
            client.login(RawClient.login());
            List<byte[]> commands = commands(random);
            for (int i = 0; i < 3; i++) {
                client.write(0, commands.get(random.nextInt(commands.size())));
            }
            count(client.readToEnd());
        } catch (SocketException | EOFException e) {
            closed.incrementAndGet();
        }
    }

    private void count(byte[] last) {
        if (last.length == 0) {
            closed.incrementAndGet();
        } else if (last.length > 4 && (last[4] & 0xff) == 0xff) {
            refused.incrementAndGet();
        } else {
            answered.incrementAndGet();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private interface Fields {
        PacketWriter write(PacketWriter writer);
    }

    private static byte[] packet(Fields fields) {
        return fields.write(new PacketWriter(Unpooled.EMPTY_BUFFER, 0)).takePayload();
    }

    private static byte[] command(Command command, Fields fields) {
        return packet(w -> fields.write(w.u8(command.code() & 0xff)));
    }

    /** Well-formed commands of every kind that the gateway reads or passes on. */
    private static List<byte[]> commands(Random random) {
        int id = random.nextInt(3) == 0 ? random.nextInt() : 1;
        List<byte[]> all = new ArrayList<>();
        all.add(command(Command.QUERY, w -> w.bytes(ascii("select rows from t where a = 'x'"))));
        all.add(command(Command.QUERY, w -> w.bytes(ascii("select 1; update t set a = 2; select rows"))));
        all.add(command(Command.QUERY, w -> w.bytes(ascii("update /* c */ t set a = 1 /*!50000 where b = 2 */"))));
        all.add(command(Command.QUERY, w -> w.bytes(ascii("show filters"))));
        all.add(command(Command.INIT_DB, w -> w.bytes(ascii("test"))));
        all.add(command(Command.FIELD_LIST, w -> w.withNul(ascii("t")).bytes(ascii("%"))));
        all.add(command(Command.PING, w -> w));
        all.add(command(Command.STATISTICS, w -> w));
        all.add(command(Command.PROCESS_KILL, w -> w.i32(7)));
        all.add(command(Command.RESET_CONNECTION, w -> w));
        all.add(command(Command.SET_OPTION, w -> w.u16(random.nextInt(2))));
        all.add(command(
                Command.CHANGE_USER,
                w -> w.withNul(ascii("root"))
                        .u8(0)
                        .withNul(ascii("test"))
                        .u16(45)
                        .withNul(ascii("mysql_native_password"))));
        all.add(command(Command.STMT_PREPARE, w -> w.bytes(ascii("select rows from t where a = ? and b = ?"))));
        all.add(command(
                Command.STMT_EXECUTE,
                w -> w.i32(id)
                        .u8(random.nextInt(2))
                        .i32(1)
                        .u8(0)
                        .u8(1)
                        .u8(0xfd)
                        .u8(0)
                        .u8(random.nextInt(20))
                        .u8(0)
                        .lenencBytes(ascii("value"))
                        .lenencBytes(ascii("12345678"))));
        all.add(command(
                Command.STMT_EXECUTE, w -> w.i32(-1).u8(0).i32(1).u8(1).u8(0).lenencBytes(ascii("x"))));
        all.add(command(
                Command.STMT_SEND_LONG_DATA,
                w -> w.i32(id).u16(random.nextInt(3)).bytes(ascii("long"))));
        all.add(command(Command.STMT_RESET, w -> w.i32(id)));
        all.add(command(Command.STMT_CLOSE, w -> w.i32(id)));
        all.add(command(Command.STMT_FETCH, w -> w.i32(id).i32(10)));
        return all;
    }

    /** Changes one place of a packet: a byte, a run of them, its end, or what its head says of it. */
    private static byte[] spoiled(Random random, int sequence, byte[] payload) {
        byte[] body = payload.clone();
        int at = body.length == 0 ? 0 : random.nextInt(body.length);
        int kind = random.nextInt(10);
        if (body.length > 0) {
            switch (kind) {
                case 0, 1, 2 -> body[at] = (byte) random.nextInt(256);
                case 3 -> body[at] = (byte) new int[] {0, 0xfb, 0xfc, 0xfd, 0xfe, 0xff}[random.nextInt(6)];
                case 4 -> Arrays.fill(body, at, Math.min(body.length, at + 4), (byte) 0xff);
                case 5 -> body = Arrays.copyOf(body, at);
                case 6 -> body = Arrays.copyOf(body, body.length + 1 + random.nextInt(8));
                case 7 -> {
                    byte[] without = new byte[body.length - 1];
                    System.arraycopy(body, 0, without, 0, at);
                    System.arraycopy(body, at + 1, without, at, without.length - at);
                    body = without;
                }
                default -> {}
            }
        }
        int length = kind == 8 ? random.nextInt(1 << (1 + random.nextInt(24))) : body.length;
        int number = kind == 9 ? random.nextInt(256) : sequence;
        return framed(length, number, body);
    }

    private static byte[] framed(int length, int sequence, byte[] body) {
        byte[] bytes = new byte[body.length + 4];
        bytes[0] = (byte) length;
        bytes[1] = (byte) (length >> 8);
        bytes[2] = (byte) (length >> 16);
        bytes[3] = (byte) sequence;
        System.arraycopy(body, 0, bytes, 4, body.length);
        return bytes;
    }

    /** A client whose reads end. */
    private final class Client implements AutoCloseable {
        final Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
        final DataInputStream in = new DataInputStream(socket.getInputStream());

        Client() throws IOException {
            socket.setSoTimeout(WAIT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.setSoLinger(true, 0); // a million connections leave no port in TIME_WAIT
        }

        void login(byte[] answer) throws IOException {
            read();
            write(1, answer);
            read();
        }

        byte[] read() throws IOException {
            return payload(in);
        }

        /** Ends and reads what comes until then; the last bytes. Who is in the middle of a packet for the gateway says so by closing. */
        byte[] readToEnd() throws IOException {
            write(0, new byte[] {Command.QUIT.code()});
            socket.setSoTimeout(HALF_PACKET_MILLIS);
            try {
                return readAll();
            } catch (SocketTimeoutException e) {
                socket.setSoTimeout(WAIT_MILLIS);
                socket.shutdownOutput();
                return readAll();
            }
        }

        private byte[] readAll() throws IOException {
            byte[] last = {};
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                last = Arrays.copyOf(buffer, n);
            }
            return last;
        }

        void write(int sequence, byte[] body) throws IOException {
            socket.getOutputStream().write(framed(body.length, sequence, body));
        }

        void writeSpoiled(Random random, int sequence, byte[] body) throws IOException {
            socket.getOutputStream().write(spoiled(random, sequence, body));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static byte[] payload(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        in.readUnsignedByte();
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException();
        }
        return body;
    }

    // ---- the server

    private void serve() {
        while (!ended) {
            try (Socket socket = server.accept()) {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(SERVER_MILLIS);
                new Session(socket, seedOfServer).run();
            } catch (IOException e) {
                // The gateway closed its end, or the fuzzing is over.
            }
        }
    }

    /** One connection of the gateway's; one packet of its answers is spoiled if there is a seed. */
    private static final class Session {
        private final Socket socket;
        private final DataInputStream in;
        private final Random random;
        private int spoilAt;

        Session(Socket socket, long seed) throws IOException {
            this.socket = socket;
            in = new DataInputStream(socket.getInputStream());
            random = new Random(seed);
            spoilAt = seed == 0 ? -1 : random.nextInt(4) == 0 ? random.nextInt(2) : 2 + random.nextInt(16);
        }

        void run() throws IOException {
            answer(0, new Greeting("8.4.0", 7, SCRAMBLE, Capability.ALLOWED, 45, 2, "mysql_native_password").payload());
            payload(in);
            answer(2, ok());
            while (true) {
                byte[] asked = payload(in);
                Command command = asked.length == 0 ? null : Command.of(asked[0]);
                if (command == Command.QUIT) {
                    return;
                }
                if (command != Command.STMT_CLOSE && command != Command.STMT_SEND_LONG_DATA) {
                    answer(command, new String(asked, StandardCharsets.ISO_8859_1));
                }
            }
        }

        private void answer(@Nullable Command command, String text) throws IOException {
            if (command == Command.STMT_PREPARE) {
                answer(1, packet(w -> w.u8(0).i32(1).u16(1).u16(2).u8(0).u16(0)));
                answer(2, column("?"));
                answer(3, column("?"));
                answer(4, eof());
                answer(5, column("a"));
                answer(6, eof());
            } else if (text.contains("sql_mode")) {
                answer(1, packet(w -> w.lenenc(4)));
                for (int i = 0; i < 4; i++) {
                    answer(2 + i, column("q"));
                }
                answer(6, eof());
                answer(
                        7,
                        packet(w -> w.lenencBytes(new byte[0])
                                .lenencBytes(ascii("utf8mb4"))
                                .u8(0xfb)
                                .lenencBytes(ascii("root@localhost"))));
                answer(8, eof());
            } else if (command == Command.STMT_EXECUTE || text.contains("rows")) {
                boolean binary = command == Command.STMT_EXECUTE;
                answer(1, packet(w -> w.lenenc(1)));
                answer(2, column("a"));
                answer(3, eof());
                for (int i = 0; i < 3; i++) {
                    answer(
                            4 + i,
                            packet(w -> binary
                                    ? w.u8(0).u8(0).lenencBytes(ascii("a secret"))
                                    : w.lenencBytes(ascii("a secret"))));
                }
                answer(7, eof());
            } else if (command == Command.STATISTICS) {
                answer(1, ascii("Uptime: 1"));
            } else if (command == Command.FIELD_LIST || command == Command.STMT_FETCH) {
                answer(1, eof());
            } else {
                answer(1, ok());
            }
        }

        private static byte[] ok() {
            return packet(w -> w.u8(0).lenenc(1).lenenc(0).u16(2).u16(0));
        }

        private static byte[] eof() {
            return packet(w -> w.u8(0xfe).u16(0).u16(2));
        }

        private static byte[] column(String name) {
            return packet(w -> w.lenencBytes(ascii("def"))
                    .lenencBytes(ascii("db"))
                    .lenencBytes(ascii("t"))
                    .lenencBytes(ascii("t"))
                    .lenencBytes(ascii(name))
                    .lenencBytes(ascii(name))
                    .lenenc(12)
                    .u16(45)
                    .i32(100)
                    .u8(0xfd)
                    .u16(0)
                    .u8(0)
                    .u16(0));
        }

        private void answer(int sequence, byte[] body) throws IOException {
            boolean spoil = spoilAt-- == 0;
            socket.getOutputStream()
                    .write(spoil ? spoiled(random, sequence, body) : framed(body.length, sequence, body));
            if (spoil && random.nextInt(2) == 0) {
                socket.shutdownOutput(); // else the gateway may wait for the rest of a packet, as it may of a slow
                // server
            }
        }
    }

    @Override
    public void close() throws IOException {
        ended = true;
        gateway.close();
        server.close();
        host.close();
    }

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        long count = Long.parseLong(arguments[0]);
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : SEED;
        long begun = System.nanoTime();
        try (PacketFuzz fuzz = new PacketFuzz()) {
            for (long done = 0; done < count; done += 10_000) {
                fuzz.run(Math.min(count, done + 10_000), seed);
                fuzz.assertServes();
                System.out.println(
                        fuzz.packets.get() + " packets from seed " + seed + ": " + fuzz.answered + " answered, "
                                + fuzz.refused + " refused by an error, " + fuzz.closed + " closed; "
                                + (System.nanoTime() - begun) / 1_000_000_000 + " s, "
                                + ((Runtime.getRuntime().totalMemory()
                                                - Runtime.getRuntime().freeMemory())
                                        >> 20) + " MiB");
            }
        }
    }
}
