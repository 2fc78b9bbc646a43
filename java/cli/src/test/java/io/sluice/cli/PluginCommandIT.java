package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.mysql.FilterService;
import io.sluice.mysql.FilterStore;
import io.sluice.mysql.Gateway;
import io.sluice.mysql.GatewayConfig;
import io.sluice.plugin.Guests;
import io.sluice.plugin.PluginHost;
import io.sluice.sql.FilterCatalog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Plugins come into the database and out of it by the options of WeScale's deploy tool, through a gateway. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class PluginCommandIT {
    @TempDir
    private Path folder;

    private Path guest(String guest, String as) throws IOException {
        String name = guest.substring(guest.indexOf('/') + 1);
        return Files.copy(
                Guests.folder().resolve(guest).resolve(name + ".wasm"),
                folder.resolve(as),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void binaryIsInstalledUpdatedListedAndUninstalled() throws SQLException, IOException {
        DataSource server = Database.source("127.0.0.1", MariaDbServer.port(), "root", "");
        try (PluginHost host = PluginHost.create();
                FilterStore store = FilterStore.of(server, "mysql", 1 << 20);
                FilterCatalog catalog = FilterCatalog.create(host, store);
                FilterService service = FilterService.start(catalog, store, Duration.ofSeconds(1), true);
                Gateway gateway = Gateway.start(
                        GatewayConfig.defaults()
                                .withListen("127.0.0.1", 0)
                                .withBackend("127.0.0.1", MariaDbServer.port()),
                        service);
                Connection connection =
                        Database.source("127.0.0.1", gateway.port(), "root", "").getConnection();
                Statement statement = connection.createStatement()) {
            String file = guest("c/allows_all", "a.wasm").toString();
            List<String> options =
                    List.of("--mysql_host=127.0.0.1", "--mysql_port=" + gateway.port(), "--mysql_user=root");
            assertThat(run(
                            0,
                            options,
                            "plugin",
                            "--command=install",
                            "--wasm_file=" + file,
                            "--create_filter",
                            "--filter_desc=it's",
                            "--filter_plans=Select",
                            "--filter_query_regex=select \\d+"))
                    .contains("installed a.wasm: ", "created filter a_wasm_filter");
            assertThat(run(1, options, "plugin", "install", file))
                    .contains("sluice: there is a binary named 'a.wasm'; update or uninstall it");
            statement.executeQuery("select 1").close();
            guest("c/refuses", "a.wasm");
            assertThat(run(0, options, "plugin", "update", "--wasm_file", file)).contains("updated a.wasm");
            assertThatThrownBy(() -> statement.executeQuery("select 1")).hasMessageContaining("refused");
            assertThat(run(0, options, "plugin", "list"))
                    .contains("binary a.wasm runtime=wasmtime packed=bzip2")
                    .contains("filter a_wasm_filter priority=1000 ACTIVE WASM_PLUGIN wasm_binary_name=\"a.wasm\"");
            assertThat(run(0, options, "plugin", "uninstall", file))
                    .contains("uninstalled a.wasm and its filter a_wasm_filter");
            statement.executeQuery("select 1").close();
            assertThat(run(1, options, "plugin", "uninstall", file))
                    .contains("there is no binary named 'a.wasm' to uninstall");
            assertThat(run(2, options, "plugin", "--command=deploy")).contains("--command is 'deploy'");
        }
    }

    private static String run(int status, List<String> options, String... arguments) {
        StringWriter out = new StringWriter();
        CommandLine line = Sluice.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(options);
        int ended = line.execute(all.toArray(String[]::new));
        assertThat(ended).as(out.toString()).isEqualTo(status);
        return out.toString();
    }
}
