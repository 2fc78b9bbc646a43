package io.sluice.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A host for each test, and the ways of a query through a plugin of it. */
abstract class HostedPlugins {
    static final PluginConfig CONFIG = PluginConfig.of("p");

    PluginHost host;

    @BeforeEach
    void open() {
        host = PluginHost.create();
    }

    @AfterEach
    void close() {
        host.close();
        assertThat(host.memoryUsedBytes()).isZero();
    }

    Plugin load(PluginConfig config, String guest) {
        return host.load(config, Guests.source(guest));
    }

    Plugin load(String guest) {
        return load(CONFIG, guest);
    }

    static void before(SqlLease lease, String query) {
        byte[] bytes = query.getBytes(UTF_8);
        lease.before(bytes, 0, bytes.length);
    }

    /** The error that the plugin has for a query, or an empty string. */
    static String errorOf(Plugin plugin, String query) {
        try (SqlLease lease = plugin.acquireSql()) {
            before(lease, query);
            return lease.hasError() ? lease.errorText() : "";
        }
    }

    static PluginException failureOf(Plugin plugin, String query) {
        return catchThrowableOfType(PluginException.class, () -> errorOf(plugin, query));
    }

    /** The log of a plugin while something runs. */
    static List<String> logOf(String plugin, Runnable work) {
        List<String> lines = new ArrayList<>();
        GuestLogTest.capture(plugin, work).forEach(entry -> lines.add(entry.getLevel() + " " + entry.getMessage()));
        return lines;
    }
}
