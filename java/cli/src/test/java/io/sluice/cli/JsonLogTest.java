package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.mysql.LogField;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** A log record is one line of JSON, with its fields. */
class JsonLogTest {
    private static LogRecord of(String logger, String message, Object... parameters) {
        LogRecord entry = new LogRecord(Level.WARNING, message);
        entry.setLoggerName(logger);
        entry.setInstant(Instant.EPOCH);
        entry.setParameters(parameters);
        return entry;
    }

    @Test
    void fieldsOfARecordAreFieldsOfItsLine() {
        LogRecord entry = of(
                "io.sluice.mysql",
                "connection {0}: plugin {1} is slow",
                new LogField("connection", "7"),
                new LogField("plugin", "guard"));
        assertThat(new JsonLog().format(entry))
                .isEqualTo(
                        "{\"time\":\"1970-01-01T00:00:00Z\",\"level\":\"WARNING\",\"logger\":\"io.sluice.mysql\","
                                + "\"message\":\"connection 7: plugin guard is slow\",\"connection\":\"7\",\"plugin\":\"guard\"}\n");
    }

    @Test
    void whatAPluginLogsHasItsNameAndCannotForgeALine() {
        String line = new JsonLog().format(of("io.sluice.plugin.guard", "a\"b\\\n{\"level\":\"x\"}\u0001\ud800"));
        assertThat(line)
                .contains("\"plugin\":\"guard\"")
                .contains("\"message\":\"a\\\"b\\\\\\n{\\\"level\\\":\\\"x\\\"}\\u0001\\ud800\"");
        assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    }
}
