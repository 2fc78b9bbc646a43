package io.sluice.cli;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.mysql.PluginPacking;
import io.sluice.plugin.Guests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.mariadb.jdbc.MariaDbDataSource;

/**
 * A gateway at full load whose plugin is replaced every five seconds: no row may be wrong, nothing may fail, and its memory must stay.
 *
 * <p>{@code make soak-gateway} runs {@link #main} for 30 minutes, or {@code MINUTES=…}.
 */
final class GatewaySoak {
    private static final int CLIENTS = 8;
    private static final int ROWS = 1000;
    private static final Duration REPLACED_EVERY = Duration.ofSeconds(5);

    /** What memory may grow by between the first third and the end: the JVM's own caches and the sizes of its young generation. */
    private static final long MOST_GROWTH_KIB = 48 << 10;

    private static final List<String> JVM =
            List.of("-Xmx256m", "-Xms256m", "-XX:+AlwaysPreTouch", "-XX:ReservedCodeCacheSize=64m");

    private final AtomicLong statements = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final List<Long> memory = new ArrayList<>();
    private volatile boolean ended;
    private int replaced;

    private GatewaySoak() {}

    /** What a run saw. */
    record Seen(long statements, int replaced, List<String> wrong, long residentKibEarly, long residentKibLate) {
        boolean isMemoryFlat() {
            return residentKibLate - residentKibEarly < MOST_GROWTH_KIB;
        }
    }

    static Seen run(Duration duration) throws Exception {
        return new GatewaySoak().soak(duration);
    }

    private Seen soak(Duration duration) throws Exception {
        int serverPort = MariaDbServer.port();
        prepare(serverPort);
        try (GatewayProcess gateway = GatewayProcess.start(
                serverPort, JVM, "--user", "root", "--store-schema", "gateway_soak", "--store-poll-ms", "500")) {
            install(gateway.port());
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int client = i;
                threads.add(new Thread(() -> client(gateway.port(), client), "client-" + i));
            }
            threads.forEach(Thread::start);
            long end = System.nanoTime() + duration.toNanos();
            while (System.nanoTime() < end && wrong.size() < 100) {
                long rest = end - System.nanoTime();
                Thread.sleep(Math.max(1, Math.min(REPLACED_EVERY.toMillis(), rest / 1_000_000)));
                replace(serverPort);
                memory.add(gateway.residentKib());
                if (replaced % 12 == 0) {
                    System.out.println(replaced * REPLACED_EVERY.toSeconds() + " s: " + statements
                            + " statements, plugin replaced "
                            + replaced + " times, " + wrong.size() + " wrong or failed, "
                            + memory.get(memory.size() - 1) / 1024 + " MiB resident");
                }
            }
            ended = true;
            for (Thread thread : threads) {
                thread.join();
            }
            int third = memory.size() / 3;
            return new Seen(
                    statements.get(),
                    replaced,
                    List.copyOf(wrong),
                    most(memory.subList(0, third + 1)),
                    most(memory.subList(memory.size() - 1 - third, memory.size())));
        }
    }

    private static long most(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).max().orElseThrow();
    }

    private static Connection connect(int port, String more) throws SQLException {
        return new MariaDbDataSource(
                        "jdbc:mariadb://127.0.0.1:" + port + "/gateway_soak?user=root&socketTimeout=30000" + more)
                .getConnection();
    }

    private static void prepare(int serverPort) throws SQLException {
        try (Connection connection = new MariaDbDataSource("jdbc:mariadb://127.0.0.1:" + serverPort + "/?user=root")
                        .getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("drop database if exists gateway_soak");
            statement.execute("create database gateway_soak character set utf8mb4");
            statement.execute("use gateway_soak"); // where seq_1_to_… is looked for
            statement.execute(
                    "create table gateway_soak.people(id int primary key, word varchar(100), n int) engine=innodb");
            statement.execute(
                    "insert into gateway_soak.people select seq, concat('the secret of ', seq), 0 from seq_1_to_"
                            + ROWS);
        }
    }

    private static void install(int port) throws SQLException, IOException {
        byte[] wasm = version(0);
        try (Connection connection = connect(port, "");
                PreparedStatement insert = connection.prepareStatement(
                        "insert into wasm_binary(name,runtime,data,compress_algorithm,hash_before_compress) values (?,?,?,?,?)");
                Statement statement = connection.createStatement()) {
            insert.setString(1, "mask");
            insert.setString(2, "wasmtime");
            insert.setBytes(3, PluginPacking.pack(wasm, "bzip2"));
            insert.setString(4, "bzip2");
            insert.setString(5, PluginPacking.md5(wasm));
            insert.executeUpdate();
            statement.execute("create filter mask with_pattern(query_regex='(?is)select word.*')"
                    + " execute(action='WASM_PLUGIN', action_args='wasm_binary_name=\"mask\"')");
            statement.execute(
                    "create filter none with_pattern(query_regex='nothing that is sent') execute(action='FAIL')");
        }
    }

    /** The plugin, with a number of its own behind it, so that it is another binary. */
    private static byte[] version(int number) throws IOException {
        byte[] note = ("v" + number).getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Files.readAllBytes(Guests.folder().resolve("c/mask_result/mask_result.wasm")));
        out.write(0);
        out.write(1 + note.length);
        out.write(note.length);
        out.write(note);
        return out.toByteArray();
    }

    private void replace(int serverPort) throws SQLException, IOException {
        byte[] wasm = version(++replaced);
        try (Connection connection = connect(serverPort, "");
                PreparedStatement update = connection.prepareStatement(
                        "update wasm_binary set data = ?, hash_before_compress = ? where name = 'mask'")) {
            update.setBytes(1, PluginPacking.pack(wasm, "bzip2"));
            update.setString(2, PluginPacking.md5(wasm));
            update.executeUpdate();
        }
    }

    private void client(int port, int number) {
        String prepared = number % 2 == 0 ? "&useServerPrepStmts=true" : "";
        for (int round = 0; !ended; round++) {
            try (Connection connection = connect(port, prepared);
                    PreparedStatement point = connection.prepareStatement("select word, id from people where id = ?");
                    PreparedStatement plain = connection.prepareStatement("select id, n from people where id = ?");
                    PreparedStatement write = connection.prepareStatement("update people set n = n + 1 where id = ?");
                    Statement statement = connection.createStatement()) {
                for (int i = 0; i < 500 && !ended; i++) {
                    int id = 1 + (round * 7919 + i * 31 + number * 131) % ROWS;
                    one(point, id, 1, "the ****** of " + id);
                    one(plain, id, 1, String.valueOf(id));
                    if (i % 50 == 0) {
                        connection.setAutoCommit(false);
                        write.setInt(1, 1 + number); // a row of the client's own: no deadlock
                        expect(write.executeUpdate() == 1, "update");
                        connection.commit();
                        connection.setAutoCommit(true);
                        all(statement);
                        statements.addAndGet(3);
                    }
                    statements.addAndGet(2);
                }
            } catch (SQLException e) {
                wrong.add(e.toString());
            }
        }
    }

    private void one(PreparedStatement statement, int id, int column, String expected) throws SQLException {
        statement.setInt(1, id);
        try (ResultSet rows = statement.executeQuery()) {
            boolean found = rows.next();
            String seen = found ? rows.getString(column) : "no row";
            expect(found && seen.equals(expected), seen + " for " + expected);
            expect(!rows.next(), "a row too many for " + id);
        }
    }

    private void all(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("select word, id from people order by id")) {
            int count = 0;
            while (rows.next()) {
                count++;
                String expected = "the ****** of " + count;
                expect(rows.getString(1).equals(expected), rows.getString(1) + " for " + expected);
            }
            expect(count == ROWS, count + " rows");
        }
    }

    private void expect(boolean right, String seen) {
        if (!right) {
            wrong.add("wrong: " + seen);
        }
    }

    /** Soaks for that many minutes. */
    public static void main(String[] arguments) throws Exception {
        Seen seen = run(Duration.ofSeconds(Math.round(60 * Double.parseDouble(arguments[0]))));
        System.out.println(seen.statements() + " statements, plugin replaced " + seen.replaced() + " times, "
                + seen.wrong().size() + " wrong or failed, " + seen.residentKibEarly() / 1024
                + " MiB in the first third, "
                + seen.residentKibLate() / 1024 + " MiB in the last" + (seen.isMemoryFlat() ? "" : ": memory grows"));
        seen.wrong().forEach(System.out::println);
        System.exit(seen.wrong().isEmpty() && seen.isMemoryFlat() ? 0 : 1);
    }
}
