package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.mysql.ClientFixture.Filters;
import io.sluice.mysql.ClientFixture.Server;
import io.sluice.mysql.ClientProgram.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Real clients, unchanged, see through the gateway what they see without it; the classes below it name the server. */
abstract class ClientSuiteCases {
    private final Server server;

    ClientSuiteCases(Server server) {
        this.server = server;
    }

    static List<Arguments> clientsAndFilters() {
        List<Arguments> all = new ArrayList<>();
        for (ClientProgram client : ClientProgram.chosen()) {
            for (Filters filters : Filters.values()) {
                all.add(Arguments.of(client, filters));
            }
        }
        return all;
    }

    static List<ClientProgram> clients() {
        return ClientProgram.chosen();
    }

    /** Minutes on a busy machine; Java's clients do it always. */
    static boolean largeIsAsked() {
        return ClientProgram.isAll();
    }

    @ParameterizedTest
    @MethodSource("clientsAndFilters")
    void clientSeesWhatItSeesDirectly(ClientProgram client, Filters filters) throws Exception {
        assertSame(client, filters, Mode.SUITE);
    }

    @ParameterizedTest
    @MethodSource("clients")
    @EnabledIf("largeIsAsked")
    void clientGetsLargeValuesAsItGetsThemDirectly(ClientProgram client) throws Exception {
        assertSame(client, Filters.NOT_MATCHING, Mode.LARGE);
    }

    private void assertSame(ClientProgram client, Filters filters, Mode mode)
            throws IOException, InterruptedException, SQLException {
        try (ClientFixture fixture = new ClientFixture(server)) {
            fixture.reset();
            String direct = asOffered(client, client.run(fixture.serverPort, mode));
            assertThat(direct).endsWith("status 0\n");
            fixture.reset();
            fixture.filters(filters);
            String through = client.run(fixture.gateway.port(), mode);
            if (!through.equals(direct)) {
                keep(client, filters, mode, direct, through);
            }
            String[] expected = direct.split("\n", -1);
            String[] seen = through.split("\n", -1);
            for (int i = 0; i < Math.min(expected.length, seen.length); i++) {
                if (!seen[i].equals(expected[i])) {
                    assertThat(context(seen, i)).as("line " + i).isEqualTo(context(expected, i));
                }
            }
            assertThat(seen).hasSameSizeAs(expected);
        }
    }

    /** That a text is JSON, MariaDB tells in its extended metadata alone, which the gateway does not offer. */
    private String asOffered(ClientProgram client, String direct) {
        return server == Server.MARIADB && client == ClientProgram.MYSQL2
                ? direct.replaceAll("(?m)^(  column .* )245( \\d+ \\d+)$", "$1252$2")
                : direct;
    }

    /** Two outputs that differ, for who looks for the reason. */
    private void keep(ClientProgram client, Filters filters, Mode mode, String direct, String through)
            throws IOException {
        Path folder = Files.createDirectories(Path.of("target", "clients"));
        String name = (server + "-" + client + "-" + filters + "-" + mode).toLowerCase(Locale.ROOT);
        Files.writeString(folder.resolve(name + ".direct"), direct);
        Files.writeString(folder.resolve(name + ".through"), through);
    }

    private static String context(String[] lines, int at) {
        return String.join("\n", List.of(lines).subList(Math.max(0, at - 3), at + 1));
    }
}
