package io.sluice.cli;

import io.sluice.plugin.Guests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.mariadb.jdbc.MariaDbDataSource;

/**
 * What the gateway costs beside a direct connection, HAProxy and ShardingSphere-Proxy, on one server in one run; {@code make
 * bench-gateway} starts what it needs and calls {@link #main}.
 */
final class GatewayBench {
    private static final String DATABASE = "gateway_bench";
    private static final String PASSWORD = "pw";
    private static final int ROWS = 10_000;
    private static final int[] CONNECTIONS = {1, 8, 64, 256};
    private static final int[] MASKED = {1, 100, 10_000};
    private static final long STREAMED = 1_000_000;
    private static final List<String> JVM = List.of("-Xmx256m");

    /** Something to connect to, with the process that has the cost; the server itself has none beside it. */
    record Contestant(String name, int port, long pid) {}

    private final Map<String, String> options;
    private final GatewayResults results = new GatewayResults();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final int serverPort;
    private final int rounds;
    private final Duration each;
    private final Duration warmUp;

    private GatewayBench(Map<String, String> options) {
        this.options = options;
        serverPort = Integer.parseInt(options.get("server"));
        rounds = Integer.parseInt(options.getOrDefault("rounds", "5"));
        each = seconds("seconds", "5");
        warmUp = seconds("warmup", "20");
    }

    private Duration seconds(String key, String otherwise) {
        return Duration.ofMillis((long) (1000 * Double.parseDouble(options.getOrDefault(key, otherwise))));
    }

    private void prepare() throws SQLException {
        try (Connection root = new MariaDbDataSource("jdbc:mariadb://127.0.0.1:" + serverPort + "/?user=root")
                        .getConnection();
                Statement statement = root.createStatement()) {
            statement.execute("set global max_connections = 1000");
            statement.execute("create or replace database " + DATABASE);
            statement.execute("use " + DATABASE); // where seq_1_to_… is looked for
            statement.execute("create or replace user app@'%' identified by '" + PASSWORD + "'");
            statement.execute("grant all on *.* to app@'%'");
            statement.execute("create table " + DATABASE + ".t(id int primary key, c varchar(120), s varchar(40))");
            statement.execute("insert into " + DATABASE
                    + ".t select seq, repeat('x', 120), concat('the secret of ', seq) from seq_1_to_" + ROWS);
        }
    }

    private Contestant gateway(String name, List<String> jvm, String... settings) throws IOException {
        Path file = Files.createTempFile("sluice-bench", ".properties");
        List<String> lines = new ArrayList<>(List.of(settings));
        lines.add("plugins=" + Files.createTempDirectory("sluice-bench-plugins"));
        Path folder = Path.of(lines.get(lines.size() - 1).substring("plugins=".length()));
        for (String guest : List.of("mask_result", "reject_without_where")) {
            Files.copy(Guests.folder().resolve("c/" + guest + "/" + guest + ".wasm"), folder.resolve(guest + ".wasm"));
        }
        Files.write(file, lines);
        GatewayProcess process = GatewayProcess.start(
                serverPort, jvm, "--config", file.toString(), "--max-connections", "9900", "--error-texts", "kept");
        open.add(process);
        return new Contestant(name, process.port(), process.pid());
    }

    private static String[] filtersThatDoNotMatch(int count) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add("filter.none" + i + ".action=WASM_PLUGIN");
            lines.add("filter.none" + i + ".action_args=wasm_binary_name=\"reject_without_where.wasm\"");
            lines.add("filter.none" + i + ".query_regex=(?is)delete from nothing" + i + ".*");
        }
        return lines.toArray(String[]::new);
    }

    private void run() throws Exception {
        prepare();
        Contestant direct = new Contestant("direct", serverPort, 0);
        Contestant none = gateway("gateway", JVM);
        Contestant reject = gateway(
                "gateway, reject-without-WHERE in C",
                JVM,
                "filter.r.action=WASM_PLUGIN",
                "filter.r.action_args=wasm_binary_name=\"reject_without_where.wasm\"",
                "filter.r.plans=Select,Update,Delete");
        Contestant mask = gateway(
                "gateway, masking",
                JVM,
                "filter.m.action=WASM_PLUGIN",
                "filter.m.action_args=wasm_binary_name=\"mask_result.wasm\"",
                "filter.m.plans=Select");
        List<Contestant> all = new ArrayList<>(List.of(
                direct,
                none,
                gateway("gateway, 1 filter that does not match", JVM, filtersThatDoNotMatch(1)),
                gateway("gateway, 5 filters that do not match", JVM, filtersThatDoNotMatch(5)),
                reject));
        rival("haproxy", all);
        rival("shardingsphere", all);
        IntFunction<byte[]> point = id -> BenchClient.command("select c from t where id = " + id);
        for (Contestant contestant : all) {
            measure(contestant, 8, warmUp, point, false, "point");
        }
        for (int round = 0; round < rounds; round++) {
            Collections.shuffle(all, new Random(round)); // the order differs, the same in every run
            for (Contestant contestant : all) {
                for (int connections : CONNECTIONS) {
                    measure(contestant, connections, each, point, true, "point");
                }
            }
            for (int rows : MASKED) {
                IntFunction<byte[]> range = id -> BenchClient.command("select s from t limit " + rows);
                measure(direct, 1, each, range, true, "rows " + rows);
                measure(none, 1, each, range, true, "rows " + rows);
                measure(mask, 1, each, range, true, "rows " + rows);
            }
            System.out.println("round " + (round + 1) + " of " + rounds + " is done");
        }
        stream(direct);
        idle();
        results.write(Path.of(options.get("to")), options);
    }

    /** A rival that was started before this program: options NAME (port) and NAME.pid. */
    private void rival(String name, List<Contestant> all) {
        if (options.containsKey(name)) {
            all.add(new Contestant(
                    name, Integer.parseInt(options.get(name)), Long.parseLong(options.get(name + ".pid"))));
        } else {
            System.out.println("SKIPPED: " + name + ", which was not started");
        }
    }

    private void measure(
            Contestant contestant,
            int connections,
            Duration duration,
            IntFunction<byte[]> query,
            boolean counted,
            String what)
            throws Exception {
        long[][] nanos = new long[connections][];
        AtomicInteger errors = new AtomicInteger();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        CyclicBarrier barrier = new CyclicBarrier(connections + 1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            int number = i;
            Thread thread = new Thread(() -> {
                try (BenchClient client = new BenchClient(contestant.port(), "app", PASSWORD, DATABASE)) {
                    Random random = new Random(number);
                    barrier.await();
                    nanos[number] = load(client, query, random, duration, errors);
                } catch (Throwable e) {
                    failed.compareAndSet(null, e);
                    barrier.reset();
                }
            });
            threads.add(thread);
            thread.start();
        }
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(contestant.name() + " with " + connections + " connections", failed.get());
        }
        long cpu = contestant.pid() == 0 ? 0 : GatewayProcess.cpuMillis(contestant.pid());
        long begun = System.nanoTime();
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (failed.get() != null) {
            throw new IllegalStateException(contestant.name() + " with " + connections + " connections", failed.get());
        }
        if (counted) {
            double cpuSeconds = contestant.pid() == 0 ? 0 : (GatewayProcess.cpuMillis(contestant.pid()) - cpu) / 1000.0;
            long resident = contestant.pid() == 0 ? 0 : GatewayProcess.residentKib(contestant.pid());
            results.add(
                    contestant.name(),
                    what,
                    connections,
                    Arrays.asList(nanos),
                    seconds,
                    cpuSeconds,
                    resident,
                    errors.get());
        }
    }

    /** The times of queries that were answered by rows. */
    private static long[] load(
            BenchClient client, IntFunction<byte[]> query, Random random, Duration duration, AtomicInteger errors)
            throws IOException {
        long[] nanos = new long[4096];
        int count = 0;
        long end = System.nanoTime() + duration.toNanos();
        for (long at = System.nanoTime(); at < end; ) {
            try {
                client.query(query.apply(1 + random.nextInt(ROWS)));
            } catch (BenchClient.Refused e) {
                errors.incrementAndGet(); // more clients at a time than a plugin has instances for
                at = System.nanoTime();
                continue;
            }
            long now = System.nanoTime();
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, count * 2);
            }
            nanos[count++] = now - at;
            at = now;
        }
        return Arrays.copyOf(nanos, count);
    }

    /** A gigabyte through a gateway that has little more than what it may grow by. */
    private void stream(Contestant direct) throws Exception {
        long rows = (long) (STREAMED * Double.parseDouble(options.getOrDefault("gigabytes", "1")));
        Contestant small = gateway("gateway", List.of("-Xmx64m", "-XX:MaxDirectMemorySize=64m"));
        byte[] query = BenchClient.command("select repeat('x', 1000) from seq_1_to_" + rows);
        for (int round = 0; round < Math.min(3, rounds); round++) {
            for (Contestant contestant : List.of(direct, small)) {
                try (BenchClient client = new BenchClient(contestant.port(), "app", PASSWORD, DATABASE)) {
                    long before = contestant.pid() == 0 ? 0 : GatewayProcess.residentKib(contestant.pid());
                    long begun = System.nanoTime();
                    long bytes = client.query(query);
                    double seconds = (System.nanoTime() - begun) / 1e9;
                    long after = contestant.pid() == 0 ? 0 : GatewayProcess.residentKib(contestant.pid());
                    results.stream(contestant.name(), bytes / seconds, after - before);
                }
            }
        }
    }

    /** Connections that do nothing, as many as descriptors allow, on a server of their own that can hold them. */
    private void idle() throws Exception {
        int count = Integer.parseInt(options.getOrDefault("idle", "9500"));
        if (!options.containsKey("idle.server")) {
            System.out.println("SKIPPED: idle connections, which need a server that holds them");
            return;
        }
        try (GatewayProcess process = GatewayProcess.start(
                Integer.parseInt(options.get("idle.server")), List.of("-Xmx512m"), "--max-connections", "9900")) {
            List<BenchClient> clients = new ArrayList<>();
            try {
                for (int i = 0; i < 100; i++) {
                    clients.add(new BenchClient(process.port(), "root", "", ""));
                }
                long before = process.residentKib();
                while (clients.size() < count + 100) {
                    clients.add(new BenchClient(process.port(), "root", "", ""));
                }
                results.idle(count, process.residentKib() - before);
                for (int i = 0; i < clients.size(); i += 500) {
                    clients.get(i).query(BenchClient.command("do 1"));
                }
            } finally {
                for (BenchClient client : clients) {
                    client.close();
                }
            }
        }
    }

    /** Options as KEY=VALUE: server, to; haproxy, shardingsphere, each with .pid; rounds, seconds, warmup, idle, idle.server, gigabytes. */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new LinkedHashMap<>();
        for (String argument : arguments) {
            options.put(argument.substring(0, argument.indexOf('=')), argument.substring(argument.indexOf('=') + 1));
        }
        GatewayBench bench = new GatewayBench(options);
        try {
            bench.run();
        } finally {
            for (AutoCloseable closeable : bench.open) {
                closeable.close();
            }
        }
        System.exit(0);
    }
}
