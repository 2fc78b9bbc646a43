package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.SqlLease;
import io.sluice.sql.QueryResult;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that guests make are believed in nothing: what cannot be cut into rows is status 10, what is too long is refused. */
class GuestResultIT extends HostedTest {
    private static final PluginLimits ROOMY =
            PluginLimits.defaults().withFuelPerCall(10_000_000_000L).withDeadline(Duration.ofSeconds(30));

    @Test
    @Shows({
        "a result that is no protobuf is status 10",
        "lengths that do not fit the values are status 10",
        "negative lengths are status 10",
        "lengths that overflow are status 10",
        "fewer lengths than fields are status 10",
        "more lengths than fields are status 10",
        "better: rows that guests make are validated"
    })
    void rowsThatCannotBeCutAreStatus10() {
        CapturedLog log = logOf("hostile/bad_rows");
        try (SqlLease lease = load("hostile/bad_rows").acquireSql()) {
            lease.before("select 1".getBytes(UTF_8), 0, 8);
            lease.after(null, null);
            assertThat(lease.result()).as("the last good one").containsExactly(0x10, 7);
        }
        assertThat(log.lines())
                .containsExactly("INFO good 0; two nulls 0; no rows 0; lengths too short 10; lengths too long 10; "
                        + "negative 10; overflow 10; overflow to the sum 10; fewer than fields 10; more than fields 10; "
                        + "cut off 10; good 0;");
    }

    private static QueryResult rows(Plugin plugin, String query) {
        byte[] bytes = query.getBytes(UTF_8);
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(bytes, 0, bytes.length);
            lease.after(null, null);
            assertThat(lease.hasError()).isFalse();
            return QueryResult.parse(lease.result());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000_000})
    @Shows({"a result of 0 rows", "a result of 1 row", "a result of 1,000,000 rows"})
    void resultHasAsManyRowsAsTheGuestMakes(int count) {
        Plugin plugin = load("c/makes_rows", PluginConfig.of("makes_rows").withLimits(ROOMY));
        QueryResult result = rows(plugin, "select " + count);
        assertThat(result.rowCount()).isEqualTo(count);
        assertThat(result.fields()).singleElement().extracting("name").isEqualTo("c");
        if (count > 0) {
            assertThat(result.row(count - 1).text(0)).isEqualTo("x");
        }
    }

    @Test
    @Shows("a result above the limit is refused with the limit")
    void resultAboveTheLimitIsRefusedWithTheLimit() {
        PluginLimits small = ROOMY.withMaxResultBytes(1 << 20);
        Plugin plugin = load("c/makes_rows", PluginConfig.of("makes_rows").withLimits(small));
        CapturedLog log = logOf("c/makes_rows");
        byte[] query = "select 1000000".getBytes(UTF_8);
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(query, 0, query.length);
            lease.after(null, null);
            assertThat(lease.errorText()).isEqualTo("the host refuses the rows");
            assertThat(lease.hasResult()).isFalse();
        }
        assertThat(log.lines()).anyMatch(line -> line.startsWith("ERROR ") && line.contains("1048576"));
    }
}
