package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.mysql.FilterService;
import io.sluice.mysql.Gateway;
import io.sluice.mysql.GatewayConfig;
import io.sluice.plugin.Guests;
import io.sluice.plugin.PluginHost;
import io.sluice.sql.FilterCatalog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@ExtendWith(MariaDbServer.class)
class GatewayHttpIT {
    @TempDir
    private Path folder;

    @Test
    void pagesTellWhatTheGatewayDoesAndWhetherItIsReady() throws Exception {
        GatewayMetrics metrics = new GatewayMetrics();
        try (PluginHost host = PluginHost.create();
                FilterCatalog catalog = FilterCatalog.create(host, name -> Guests.source("c/" + name));
                FilterService service = FilterService.of(catalog);
                Gateway gateway = Gateway.start(
                        GatewayConfig.defaults()
                                .withListen("127.0.0.1", 0)
                                .withBackend("127.0.0.1", MariaDbServer.port())
                                .withObserver(metrics),
                        service);
                GatewayHttp http = GatewayHttp.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), metrics, gateway, service)) {
            FileFilters filters = new FileFilters(catalog);
            filters.apply(settings("""
                            filter.a.action=WASM_PLUGIN
                            filter.a.query_regex=select 1
                            filter.a.action_args=wasm_binary_name="allows_all"
                            """));
            try (Connection connection = Database.source("127.0.0.1", gateway.port(), "root", "")
                            .getConnection();
                    Statement statement = connection.createStatement()) {
                statement.executeQuery("select 1").close();
                assertThat(get(http, "/metrics", 200))
                        .contains("sluice_gateway_connections 1.0")
                        .contains("sluice_gateway_filters_seconds_count{outcome=\"passed\"} 1")
                        .contains("sluice_filter_queries{filter=\"a\",outcome=\"passed\"} 1.0")
                        .contains("sluice_plugin_seconds{plugin=\"allows_all\",quantile=\"0.99\"} ")
                        .contains("sluice_plugin_query_fuel{plugin=\"allows_all\",quantile=\"0.5\"} ")
                        .contains("sluice_plugin_calls_before{plugin=\"allows_all\"} 1.0");
            }
            assertThat(get(http, "/healthz", 200)).isEqualTo("ok\n");
            assertThat(get(http, "/readyz", 200)).isEqualTo("ready\n");
            assertThat(get(http, "/nothing", 404)).contains("/metrics");
            filters.apply(settings("filter.b.action=FAIL\n"));
            assertThat(catalog.find("a")).isEmpty();
            assertThat(catalog.find("b")).isPresent();
            gateway.drain(Duration.ofSeconds(5));
            assertThat(get(http, "/readyz", 503)).contains("about to end");
        }
    }

    private Settings settings(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("gateway.properties"), text);
        return Settings.of(file, Map.of(), Map.of());
    }

    private static String get(GatewayHttp http, String path, int status) throws IOException, InterruptedException {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(status);
        return response.body();
    }
}
