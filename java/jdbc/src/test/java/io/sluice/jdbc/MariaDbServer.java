package io.sluice.jdbc;

import io.sluice.plugin.Guests;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real MariaDB for the tests of a JVM: started on a free port of 127.0.0.1 when the first test asks for it, stopped when the JVM ends.
 * Where no {@code mariadbd} is installed, test classes with this extension are skipped, and one line says so.
 */
public final class MariaDbServer implements ExecutionCondition {
    private static final String NOT_INSTALLED =
            "skipped: no mariadbd is installed, and these tests run on a real MariaDB;"
                    + " apt-get install -y --no-install-recommends mariadb-server mariadb-client";

    private static int port;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (isInstalled()) {
            return ConditionEvaluationResult.enabled("mariadbd is installed");
        }
        if (context.getTestMethod().isEmpty()) {
            System.err.println(context.getRequiredTestClass().getName() + " " + NOT_INSTALLED);
        }
        return ConditionEvaluationResult.disabled(NOT_INSTALLED);
    }

    private static boolean isInstalled() {
        return Arrays.stream((System.getenv("PATH") + ":/usr/sbin").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "mariadbd")));
    }

    /** The port of the server, where root needs no password. */
    public static synchronized int port() {
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
        Path folder = Files.createTempDirectory("sluice-mariadb");
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
        Path root = Guests.folder().resolve("../..").normalize();
        List<String> command = Stream.concat(
                        Stream.of(root.resolve("tools/mariadb").toString()), Arrays.stream(arguments))
                .toList();
        try {
            Path log = Files.createTempFile("sluice-mariadb", ".log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            int status = process.waitFor();
            String said = Files.readString(log, StandardCharsets.UTF_8);
            Files.delete(log);
            if (status != 0) {
                throw new IllegalStateException(command + " ended with status " + status + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
