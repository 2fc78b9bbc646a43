package io.sluice.mysql;

import io.sluice.plugin.Guests;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Clients that are no Java: each does the same operations and prints what it sees. {@code tools/gateway-clients} brings all but the first. */
enum ClientProgram {
    MARIADB_COMMAND_LINE,
    GO_SQL_DRIVER,
    PYMYSQL,
    MYSQL2;

    /** What the operations are. */
    enum Mode {
        SUITE,
        LARGE,
        EVASION
    }

    static final String DATABASE = "gateway_clients";

    /** PyMySQL sends passwords as Latin-1 whatever the character set is, so the account has one that is the same in all. */
    static final String USER = "client";

    static final String PASSWORD = "pass word";

    /** {@code -Dsluice.gateway.clients=all} or names: these, and a missing one is an error; else what Debian's packages bring. */
    static List<ClientProgram> chosen() {
        String names = System.getProperty("sluice.gateway.clients", "MARIADB_COMMAND_LINE");
        return names.equals("all")
                ? List.of(values())
                : Stream.of(names.split(",", -1)).map(ClientProgram::valueOf).toList();
    }

    static boolean isAll() {
        return System.getProperty("sluice.gateway.clients", "").equals("all");
    }

    /** The folder with the programs and the lists of operations. */
    static Path folder() {
        return Guests.folder().resolve("../gateway-clients").normalize();
    }

    /** The lists of operations, parted as the programs part them. */
    static List<String> blocks(String text) {
        List<String> blocks = new ArrayList<>(List.of(text.stripTrailing().split("\n## ", -1)));
        return blocks.subList(1, blocks.size());
    }

    static String text(Mode mode) throws IOException {
        return Files.readString(
                folder().resolve(mode == Mode.EVASION ? "evasion.txt" : "suite.txt"), StandardCharsets.UTF_8);
    }

    /** What the client sees; the lines of a run that ended badly say why. */
    String run(int port, Mode mode) throws IOException, InterruptedException {
        if (this == MARIADB_COMMAND_LINE) {
            return commandLine(port, mode);
        }
        Path fetched = folder().resolve("../../target/gateway-clients").normalize();
        List<String> command = new ArrayList<>(
                switch (this) {
                    case GO_SQL_DRIVER -> List.of(fetched.resolve("go").toString());
                    case PYMYSQL ->
                        List.of(
                                fetched.resolve("python/bin/python").toString(),
                                folder().resolve("python/client.py").toString());
                    default -> List.of("node", fetched.resolve("node/client.js").toString());
                });
        if (!Files.exists(Path.of(command.get(command.size() - 1)))) {
            throw new IOException(command + " is not there; run: tools/gateway-clients");
        }
        command.addAll(List.of(
                Integer.toString(port),
                USER,
                PASSWORD,
                DATABASE,
                mode.name().toLowerCase(Locale.ROOT),
                folder().resolve(mode == Mode.EVASION ? "evasion.txt" : "suite.txt")
                        .toString()));
        return run(command, new byte[0]);
    }

    private static String commandLine(int port, Mode mode) throws IOException, InterruptedException {
        if (mode == Mode.LARGE) {
            String text = "select repeat('x', 33554432), 1;\nselect length('" + "y".repeat(17 << 20) + "');\n";
            return run(
                    client("mariadb", port, "utf8mb4", "--max-allowed-packet=64M", "--batch"),
                    text.getBytes(StandardCharsets.UTF_8));
        }
        if (mode == Mode.EVASION) {
            StringBuilder seen = new StringBuilder();
            for (String block : blocks(text(mode))) {
                String[] head = block.substring(0, block.indexOf('\n')).split(" charset=", -1);
                String charset = head.length > 1 ? head[1] : "utf8mb4";
                seen.append("## ").append(head[0]).append('\n');
                seen.append(run(
                        client("mariadb", port, charset, "--force", "--comments", "--batch"),
                        delimited(block.substring(block.indexOf('\n') + 1)).getBytes(charset(charset))));
            }
            return seen.toString();
        }
        String seen = run(
                client("mariadb", port, "utf8mb4", "--force", "--comments", "-vv", "--column-type-info"),
                delimited(text(mode)).getBytes(StandardCharsets.UTF_8));
        String dump = run(
                client("mariadb-dump", port, "utf8mb4", "--skip-dump-date", "--routines", "--triggers", "--hex-blob"),
                new byte[0]);
        String fields = run(client("mariadb", port, "utf8mb4", "--auto-rehash"), new byte[0]);
        String show = run(client("mariadb-show", port, "utf8mb4"), new byte[0]);
        String ping = run(
                List.of(
                        "mariadb-admin",
                        "--no-defaults",
                        "-h127.0.0.1",
                        "-P" + port,
                        "-u" + USER,
                        "-p" + PASSWORD,
                        "--skip-ssl",
                        "ping"),
                new byte[0]);
        return (seen + dump + fields + show + ping).replaceAll("\\(\\d+\\.\\d+ sec\\)", "(time)");
    }

    /** With another delimiter the client sends what is between two as it is. */
    private static String delimited(String text) {
        return "delimiter ~~~~\n" + text.stripTrailing().replace("\n----\n", "\n~~~~\n") + "\n~~~~\n";
    }

    private static Charset charset(String name) {
        return Charset.forName(name.equals("sjis") ? "Shift_JIS" : name.equals("utf8mb4") ? "UTF-8" : name);
    }

    private static List<String> client(String program, int port, String charset, String... more) {
        List<String> command = new ArrayList<>(List.of(
                program,
                "--no-defaults",
                "--protocol=tcp",
                "-h127.0.0.1",
                "-P" + port,
                "-u" + USER,
                "-p" + PASSWORD,
                "--skip-ssl",
                "--default-character-set=" + charset));
        command.addAll(List.of(more));
        command.add(DATABASE);
        return command;
    }

    private static String run(List<String> command, byte[] input) throws IOException, InterruptedException {
        Path in = Files.createTempFile("sluice-client", ".in");
        Path out = Files.createTempFile("sluice-client", ".out");
        try {
            Files.write(in, input);
            Process process = new ProcessBuilder(command)
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectErrorStream(true)
                    .start();
            if (!process.waitFor(300, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                return new String(Files.readAllBytes(out), StandardCharsets.UTF_8) + "\nended after 300 s";
            }
            return new String(Files.readAllBytes(out), StandardCharsets.UTF_8) + "\nstatus " + process.exitValue()
                    + "\n";
        } finally {
            Files.delete(in);
            Files.delete(out);
        }
    }
}
