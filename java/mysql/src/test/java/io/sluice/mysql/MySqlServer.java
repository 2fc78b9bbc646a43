package io.sluice.mysql;

import io.sluice.plugin.Guests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real MySQL for the tests of a JVM: started on a free port of 127.0.0.1 when the first test asks for it, stopped when the JVM ends.
 * Where {@code tools/mysql fetch} has brought none, test classes with this extension are skipped, and one line says so.
 */
final class MySqlServer implements ExecutionCondition {
    private static final String NOT_FETCHED =
            "skipped: no MySQL is unpacked, and these tests run on a real one; tools/mysql fetch";

    private static int port;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (Files.isExecutable(root().resolve("target/mysql-server/root/usr/sbin/mysqld"))) {
            return ConditionEvaluationResult.enabled("a MySQL is unpacked");
        }
        if (context.getTestMethod().isEmpty()) {
            System.err.println(context.getRequiredTestClass().getName() + " " + NOT_FETCHED);
        }
        return ConditionEvaluationResult.disabled(NOT_FETCHED);
    }

    private static Path root() {
        return Guests.folder().resolve("../..").normalize();
    }

    /** The port of the server, where root needs no password. */
    static synchronized int port() {
        if (port == 0) {
            try {
                port = start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return port;
    }

    private static int start() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        Path folder = Files.createTempDirectory("sluice-mysql");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(folder)));
        run("up", folder.toString(), Integer.toString(free));
        return free;
    }

    private static void stop(Path folder) {
        run("down", folder.toString());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(String... arguments) {
        List<String> command =
                new java.util.ArrayList<>(List.of(root().resolve("tools/mysql").toString()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " ended with status " + process.exitValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
