package io.sluice.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sluice.mysql.FilterService;
import io.sluice.mysql.Gateway;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A gateway's pages for machines: {@code /metrics}, {@code /healthz}, {@code /readyz}. */
final class GatewayHttp implements AutoCloseable {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    private final @Nullable HttpServer server;

    private GatewayHttp(@Nullable HttpServer server) {
        this.server = server;
    }

    /** Serves the pages at an address; nothing if there is none. */
    static GatewayHttp start(
            @Nullable InetSocketAddress address, GatewayMetrics metrics, Gateway gateway, FilterService service)
            throws IOException {
        if (address == null) {
            return new GatewayHttp(null);
        }
        metrics.bind(gateway, service);
        HttpServer http = HttpServer.create(address, 0);
        http.createContext("/", exchange -> answer(exchange, NOT_FOUND, "there are /metrics, /healthz and /readyz\n"));
        http.createContext("/metrics", exchange -> answer(exchange, OK, metrics.scrape(service)));
        http.createContext("/healthz", exchange -> answer(exchange, OK, "ok\n"));
        http.createContext("/readyz", exchange -> {
            String reason = gateway.status().draining() ? "the gateway is about to end" : service.notReady();
            answer(exchange, reason.isEmpty() ? OK : UNAVAILABLE, reason.isEmpty() ? "ready\n" : reason + "\n");
        });
        http.start();
        return new GatewayHttp(http);
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    /** The port; 0 if there is none. */
    int port() {
        HttpServer known = server;
        return known == null ? 0 : known.getAddress().getPort();
    }

    /** Where the pages are, for people. */
    String description() {
        return server == null ? "" : ", metrics at port " + port();
    }

    @Override
    public void close() {
        HttpServer known = server;
        if (known != null) {
            known.stop(0);
        }
    }
}
