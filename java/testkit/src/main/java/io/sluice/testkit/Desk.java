package io.sluice.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import io.sluice.sql.MalformedResultException;
import io.sluice.sql.SqlError;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A plugin on the desk: the plugin host itself with nothing around it, called for one query at a time.
 *
 * <p>What the plugin logs is taken from the logger {@code io.sluice.plugin.NAME} of {@code java.util.logging}, which has to be what
 * {@link System.Logger} logs to, as it is by default.
 *
 * <p><b>Threads.</b> Confined. <b>Ownership.</b> Whoever opens it closes it. <b>Cost.</b> Opening compiles the plugin.
 */
public final class Desk implements AutoCloseable {
    private static final String BEFORE = "error from wasm plugin at before execution stage: ";
    private static final String AFTER = "error from wasm plugin at after execution stage: ";

    private final @Nullable PluginHost ownHost;
    private final Plugin plugin;
    private final Recorder recorder;

    private Desk(@Nullable PluginHost ownHost, Plugin plugin, Recorder recorder) {
        this.ownHost = ownHost;
        this.plugin = plugin;
        this.recorder = recorder;
    }

    /**
     * Loads a plugin.
     *
     * @throws PluginException if the plugin cannot be loaded; its text says what was expected and found
     */
    public static Desk open(PluginConfig config, PluginSource source) {
        // No second engine and no second version of the code: a test is over before either pays.
        PluginHost host = PluginHost.builder().optimiserThreads(0).build();
        try {
            return open(host, host, config, source);
        } catch (RuntimeException e) {
            host.close();
            throw e;
        }
    }

    /** As {@link #open(PluginConfig, PluginSource)}, on a host that stays when the desk is closed. */
    public static Desk open(PluginHost host, PluginConfig config, PluginSource source) {
        return open(null, host, config, source);
    }

    private static Desk open(@Nullable PluginHost ownHost, PluginHost host, PluginConfig config, PluginSource source) {
        Objects.requireNonNull(config, "config");
        Recorder recorder = new Recorder(config.name());
        try {
            return new Desk(ownHost, host.load(config.withLogRecordsPerSecond(1_000_000), source), recorder);
        } catch (RuntimeException e) {
            recorder.close();
            throw e;
        }
    }

    /** The plugin. */
    public Plugin plugin() {
        return plugin;
    }

    /** As {@link #query(Statement)}, of which nothing but the text is known. */
    public Outcome query(String text) {
        return query(Statement.of(text));
    }

    /** Has the plugin filter a query, before and after its execution. */
    public Outcome query(Statement statement) {
        recorder.lines.clear();
        long droppedBefore = plugin.counters().logDropped();
        Run run = new Run(statement);
        try (SqlLease lease = plugin.acquireSql()) {
            run.on(lease);
        } catch (PluginException e) {
            run.fail(e, "");
        }
        return run.outcome(
                recorder.lines,
                plugin.counters().logDropped() - droppedBefore,
                plugin.counters().memoryHighWaterBytes());
    }

    @Override
    public void close() {
        plugin.close();
        if (ownHost != null) {
            ownHost.close();
        }
        recorder.close();
    }

    /** One query on its way through both calls. */
    private static final class Run {
        private final Statement statement;
        private @Nullable String executed;
        private @Nullable String error;
        private int code = SqlError.UNKNOWN_ERROR;
        private String state = SqlError.GENERAL_ERROR;
        private boolean coded;
        private @Nullable String clientError;
        private byte @Nullable [] result;
        private long fuel;
        private long nanos;
        private @Nullable PluginException failure;

        Run(Statement statement) {
            this.statement = statement;
        }

        void on(SqlLease lease) {
            statement.properties().forEach((property, value) -> lease.property(property, value.getBytes(UTF_8)));
            byte[] text = statement.text().getBytes(UTF_8);
            if (!timed(lease, BEFORE, () -> lease.before(text, 0, text.length))) {
                return;
            }
            if (lease.hasError()) {
                take(lease, BEFORE);
            } else {
                executed = lease.queryChanged() ? new String(lease.query(), UTF_8) : statement.text();
                error = statement.databaseError();
                clientError = error;
                if (error == null) {
                    result = statement.result().serialize();
                }
            }
            String given = clientError;
            byte[] givenResult = result;
            if (!timed(lease, AFTER, () -> lease.after(given == null ? null : given.getBytes(UTF_8), givenResult))) {
                return;
            }
            if (!lease.hasError()) {
                error = null;
                clientError = null;
                result = lease.hasResult() ? lease.result() : null;
                if (result == null) {
                    error = "unknown error in wasm plugin";
                    clientError = error;
                }
            } else {
                if (lease.errorChanged() || !coded) {
                    String before = error;
                    take(lease, AFTER);
                    // WeScale's own SDK sets the error that it was given again.
                    if (lease.errorText().equals(given)) {
                        error = before;
                    }
                }
                result = null;
            }
        }

        private void take(SqlLease lease, String stage) {
            String text = lease.errorText();
            error = text;
            coded = lease.hasErrorCode();
            code = coded ? lease.errorCode() : SqlError.UNKNOWN_ERROR;
            state = coded ? lease.sqlState() : SqlError.GENERAL_ERROR;
            clientError = coded ? text : stage + text;
        }

        private boolean timed(SqlLease lease, String stage, Runnable call) {
            long begin = System.nanoTime();
            try {
                call.run();
                return true;
            } catch (PluginException e) {
                fail(e, stage);
                return false;
            } finally {
                nanos += System.nanoTime() - begin;
                fuel = lease.fuelUsed();
            }
        }

        void fail(PluginException e, String stage) {
            failure = e;
            error = Objects.requireNonNullElse(e.getMessage(), e.toString());
            clientError = stage + error;
            result = null;
        }

        Outcome outcome(List<String> log, long logDropped, long memoryBytes) {
            Rows rows = null;
            if (result != null && error == null) {
                try {
                    rows = Rows.read(result);
                } catch (MalformedResultException e) {
                    error = "the plugin's result is malformed: " + e.getMessage();
                    clientError = error;
                }
            }
            return new Outcome(
                    executed,
                    error,
                    error == null ? 0 : code,
                    error == null ? "" : state,
                    clientError,
                    rows,
                    log,
                    logDropped,
                    fuel,
                    nanos,
                    memoryBytes,
                    failure);
        }
    }

    /** Takes what the plugin logs, instead of letting it go to the console. */
    private static final class Recorder extends Handler {
        private final Logger logger;
        private final boolean useParentHandlers;
        private final List<String> lines = new ArrayList<>();

        Recorder(String pluginName) {
            logger = Logger.getLogger("io.sluice.plugin." + pluginName);
            useParentHandlers = logger.getUseParentHandlers();
            logger.setUseParentHandlers(false);
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord record) {
            String level = record.getLevel().equals(Level.SEVERE)
                    ? "ERROR"
                    : record.getLevel().getName();
            lines.add(level + " " + record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(useParentHandlers);
        }
    }
}
