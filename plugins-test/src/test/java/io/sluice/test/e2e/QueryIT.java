package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.SqlLease;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A query is bytes: any length, any value, and what the guest sees and sets is what comes out. */
@Tag("conformance")
class QueryIT extends HostedTest {
    private static final PluginLimits ROOMY =
            PluginLimits.defaults().withFuelPerCall(10_000_000_000L).withDeadline(Duration.ofSeconds(30));

    private static void assertEchoed(Plugin plugin, byte[] query) {
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(query, 0, query.length);
            assertThat(lease.errorText()).isEqualTo("status 0; " + query.length + " bytes");
            assertThat(lease.queryChanged()).isTrue();
            assertThat(lease.queryLength()).isEqualTo(query.length);
            assertThat(lease.query()).isEqualTo(query);
        }
    }

    private Plugin echo() {
        return load("c/echo_query", PluginConfig.of("echo_query").withLimits(ROOMY));
    }

    @Test
    void queryOfNoBytesIsStatus2() {
        assertThat(errorBefore(echo(), "")).isEqualTo("status 2; 0 bytes");
        assertThat(errorBefore(load(GuestFiles.REJECT), "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4_096, 65_535, 65_536, 1 << 20, 16 << 20})
    void queryOfAnyLengthComesThrough(int length) {
        byte[] query = new byte[length];
        new Random(length).nextBytes(query);
        assertEchoed(echo(), query);
    }

    @Test
    void invalidUtf8ComesThrough() {
        assertEchoed(
                echo(), new byte[] {(byte) 0xff, (byte) 0xfe, (byte) 0xc0, 'a', (byte) 0x80, (byte) 0xed, (byte) 0xa0});
    }

    @Test
    void nulComesThrough() {
        assertEchoed(echo(), new byte[] {0, 'a', 0, 0});
        assertThat(errorBefore(load(GuestFiles.REJECT), "DELETE FROM t\0 WHERE"))
                .isEmpty();
        assertThat(errorBefore(load(GuestFiles.REJECT, PluginConfig.of("again")), "DELETE\0FROM t"))
                .isEqualTo("no where clause");
    }

    @Test
    void everyByteOf16MebibytesIsJudged() {
        Plugin plugin = load(GuestFiles.REJECT, PluginConfig.of("large").withLimits(ROOMY));
        byte[] query = new byte[16 << 20];
        java.util.Arrays.fill(query, (byte) ' ');
        byte[] update = "UPDATE t SET a = 1".getBytes(UTF_8);
        System.arraycopy(update, 0, query, 0, update.length);
        assertThat(errorBefore(plugin, query)).isEqualTo("no where clause");
        byte[] where = "WHERE 1".getBytes(UTF_8);
        System.arraycopy(where, 0, query, query.length - where.length, where.length);
        assertThat(errorBefore(plugin, query)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bufferIsReadFromItsPositionToItsLimit(boolean direct) {
        byte[] bytes = "xxDELETE FROM t; where".getBytes(UTF_8);
        ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(bytes.length) : ByteBuffer.allocate(bytes.length);
        buffer.put(bytes).position(2).limit(15);
        try (SqlLease lease = load(GuestFiles.REJECT).acquireSql()) {
            lease.before(buffer);
            assertThat(lease.errorText()).isEqualTo("no where clause");
            assertThat(buffer.position()).isEqualTo(2);
        }
    }

    @Test
    void guestRewritesQuery() {
        try (SqlLease lease = load("c/rewrite_query").acquireSql()) {
            lease.before("select a from t".getBytes(UTF_8), 0, 15);
            assertThat(new String(lease.query(), UTF_8)).isEqualTo("select a from t limit 10");
            lease.before(new byte[0], 0, 0);
            assertThat(new String(lease.query(), UTF_8)).isEqualTo("select 1");
        }
    }
}
