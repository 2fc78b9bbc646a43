package io.sluice.mysql;

import io.sluice.sql.FilterSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A gateway without filters in a process of its own, with little memory; it ends with its standard input. */
final class GatewayProcess implements AutoCloseable {
    private final Process process;
    private final int port;

    private GatewayProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static GatewayProcess inMegabytes(int megabytes, int serverPort) throws IOException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + megabytes + "m",
                        "-XX:MaxDirectMemorySize=" + megabytes + "m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        GatewayProcess.class.getName(),
                        Integer.toString(serverPort)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // Not closed: the process ends with it.
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        return new GatewayProcess(process, Integer.parseInt(String.valueOf(out.readLine())));
    }

    int port() {
        return port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
    }

    public static void main(String[] arguments) throws IOException {
        GatewayConfig config = GatewayConfig.defaults()
                .withListen("127.0.0.1", 0)
                .withBackend("127.0.0.1", Integer.parseInt(arguments[0]));
        try (Gateway gateway = Gateway.start(config, FilterSet.of())) {
            System.out.println(gateway.port());
            while (System.in.read() >= 0) {
                // Until it ends.
            }
        }
    }
}
