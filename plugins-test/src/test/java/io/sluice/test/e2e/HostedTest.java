package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.plugin.Phase;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.WasmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A host with one well-behaved plugin beside the guests of the test. However these end, that plugin must go on answering, and in the
 * end no memory may be held.
 */
abstract class HostedTest {
    protected final PluginHost host = PluginHost.create();
    private final List<CapturedLog> logs = new ArrayList<>();
    private @Nullable Plugin canary;

    @BeforeEach
    void loadCanary() {
        canary = host.load(PluginConfig.of("canary"), GuestFiles.source(GuestFiles.REJECT));
    }

    @AfterEach
    void everyOtherPluginGoesOn() {
        Plugin other = Objects.requireNonNull(canary);
        assertThat(errorBefore(other, "DELETE FROM t")).isEqualTo("no where clause");
        assertThat(errorBefore(other, "DELETE FROM t WHERE id = 1")).isEmpty();
        host.close();
        logs.forEach(CapturedLog::close);
        assertThat(host.memoryUsedBytes()).as("memory held by closed plugins").isZero();
    }

    /** Loads a guest under its behaviour's name. */
    protected Plugin load(String guest) {
        return host.load(PluginConfig.of(nameOf(guest)), GuestFiles.source(guest));
    }

    protected Plugin load(String guest, PluginConfig config) {
        return host.load(config, GuestFiles.source(guest));
    }

    protected static String nameOf(String guest) {
        return guest.substring(guest.indexOf('/') + 1);
    }

    protected CapturedLog logOf(String guest) {
        CapturedLog log = new CapturedLog(nameOf(guest));
        logs.add(log);
        return log;
    }

    /** The guest's error message for a query; empty for none. */
    protected static String errorBefore(Plugin plugin, String query) {
        return errorBefore(plugin, query.getBytes(UTF_8));
    }

    protected static String errorBefore(Plugin plugin, byte[] query) {
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(query, 0, query.length);
            return lease.hasError() ? lease.errorText() : "";
        }
    }

    /** What a guest answers to an ordinary query, its error message being its report. */
    protected String report(String guest) {
        return errorBefore(load(guest), "select 1");
    }

    /** The error of loading a guest, which must name the plugin and the phase. */
    protected PluginException loadFailure(String guest, Phase phase) {
        return failure(nameOf(guest), phase, () -> load(guest));
    }

    /** The error of a call of a guest. */
    protected PluginException failureBefore(Plugin plugin, String query) {
        return failure(plugin.name(), Phase.BEFORE, () -> errorBefore(plugin, query));
    }

    protected static PluginException failure(String name, Phase phase, ThrowingCallable call) {
        PluginException failure = catchThrowableOfType(PluginException.class, call);
        assertThat(failure).as("a failure in phase %s", phase).isNotNull();
        assertThat(failure).hasMessageStartingWith("plugin '" + name + "', " + phase + ": ");
        assertThat(failure.pluginName()).isEqualTo(name);
        assertThat(failure.phase()).isEqualTo(phase);
        return failure;
    }

    /** The runtime's own error behind a failure. */
    protected static <T extends WasmException> T causeOf(PluginException failure, Class<T> type) {
        assertThat(failure).hasCauseInstanceOf(type);
        return type.cast(Objects.requireNonNull(failure.getCause()));
    }

    protected static void assertTrap(PluginException failure, TrapKind kind) {
        assertThat(causeOf(failure, TrapException.class).kind()).isEqualTo(kind);
    }
}
