package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SettingsTest {
    @TempDir
    private Path folder;

    @Test
    void flagComesBeforeEnvironmentBeforeFileBeforeDefault() throws IOException {
        Path file = file("listen=1.1.1.1:1\nbackend=2.2.2.2:2\nmax_connections=3\n");
        Settings settings = Settings.of(
                file,
                Map.of("listen", "9.9.9.9:9"),
                Map.of("SLUICE_LISTEN", "8.8.8.8:8", "SLUICE_BACKEND", "7.7.7.7:7"));
        assertThat(settings.config().listenHost()).isEqualTo("9.9.9.9");
        assertThat(settings.config().listenPort()).isEqualTo(9);
        assertThat(settings.config().backendHost()).isEqualTo("7.7.7.7");
        assertThat(settings.config().maxConnections()).isEqualTo(3);
        assertThat(settings.config().eventLoops()).isEqualTo(1);
    }

    @Test
    void unknownKeyNamesTheNearest() throws IOException {
        Path file = file("max_conections=3\n");
        assertThatThrownBy(() -> Settings.of(file, Map.of(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'max_conections' in " + file + " is no setting; the nearest is max_connections");
    }

    @Test
    void wrongValueNamesItsSetting() throws IOException {
        Settings settings = Settings.of(null, Map.of("listen", "nowhere"), Map.of());
        assertThatThrownBy(settings::config).hasMessage("listen is 'nowhere'; it must be HOST:PORT");
        Settings many = Settings.of(null, Map.of("max_connections", "many"), Map.of());
        assertThatThrownBy(many::config)
                .hasMessage("max_connections has 'many'; it must be a number from 1 to 1000000");
    }

    @Test
    void filtersAreReadByName() throws IOException {
        Settings settings = Settings.of(file("filter.a.b.action=FAIL\nfilter.a.b.plans=Delete\n"), Map.of(), Map.of());
        assertThat(settings.filters()).isEqualTo(Map.of("a.b", Map.of("action", "FAIL", "plans", "Delete")));
    }

    @Test
    void showConfigPrintsEverySetting() {
        StringWriter out = new StringWriter();
        CommandLine line = Sluice.commandLine().setOut(new PrintWriter(out));
        assertThat(line.execute("gateway", "--listen", "127.0.0.1:1", "--show-config"))
                .isZero();
        assertThat(out.toString())
                .contains("# --listen, SLUICE_LISTEN; from: flag\nlisten=127.0.0.1:1\n")
                .contains("# --max-connections, SLUICE_MAX_CONNECTIONS; from: default\nmax_connections=1000\n");
    }

    @Test
    void yamlSaysWhatPropertiesSay() throws IOException {
        Path yaml = Files.writeString(folder.resolve("gateway.yaml"), """
                max_connections: 3
                local_infile: true
                proxy_protocol_from: [10.0.0.0/8, "::1"]
                filter:
                  guard:
                    action: FAIL
                    plans: [Update, Delete]
                    priority: 7
                """);
        Settings settings = Settings.of(yaml, Map.of(), Map.of("SLUICE_LOG_FORMAT", "json"));
        assertThat(settings.config().maxConnections()).isEqualTo(3);
        assertThat(settings.config().localInfile()).isTrue();
        assertThat(settings.config().proxyProtocolFrom()).hasToString("10.0.0.0/8,::1");
        assertThat(settings.logsJson()).isTrue();
        assertThat(settings.filters())
                .isEqualTo(Map.of("guard", Map.of("action", "FAIL", "plans", "Update,Delete", "priority", "7")));
        assertThat(settings.show())
                .contains("SLUICE_LOCAL_INFILE; from: file\nlocal_infile=true\n")
                .contains("SLUICE_LOG_FORMAT; from: environment\nlog_format=json\n");
    }

    @Test
    void yamlThatIsWrongIsNamed() throws IOException {
        Path unknown = Files.writeString(folder.resolve("a.yml"), "max_conections: 3\n");
        assertThatThrownBy(() -> Settings.of(unknown, Map.of(), Map.of()))
                .hasMessage("'max_conections' in " + unknown + " is no setting; the nearest is max_connections");
        Path list = Files.writeString(folder.resolve("b.yml"), "- 1\n");
        assertThatThrownBy(() -> Settings.of(list, Map.of(), Map.of()))
                .hasMessage(list + " is no map of settings; it must have lines as max_connections: 100");
        Path broken = Files.writeString(folder.resolve("c.yml"), "a: [1\n");
        assertThatThrownBy(() -> Settings.of(broken, Map.of(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(broken + " is no YAML: ");
    }

    @Test
    void networkThatIsNoneNamesItsSetting() throws IOException {
        Settings settings = Settings.of(null, Map.of("proxy_protocol_from", "10.0.0.0/99"), Map.of());
        assertThatThrownBy(settings::config)
                .hasMessage("proxy_protocol_from: '10.0.0.0/99' is no network; it must be ADDRESS or ADDRESS/BITS, as"
                        + " 10.0.0.0/8");
    }

    @Test
    void commandThatDoesNotExistIsMisuse() {
        StringWriter err = new StringWriter();
        CommandLine line = Sluice.commandLine().setErr(new PrintWriter(err));
        assertThat(line.execute("gatway")).isEqualTo(2);
        assertThat(err.toString()).contains("gatway");
        assertThat(line.execute()).isEqualTo(2);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("gateway.properties"), text);
    }
}
