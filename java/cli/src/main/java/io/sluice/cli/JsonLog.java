package io.sluice.cli;

import io.sluice.mysql.LogField;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Log records as JSON, one a line: time, level, logger, message, and the fields that the record has, such as {@code connection} and {@code
 * plugin}.
 *
 * <p><b>Threads.</b> Shared.
 */
final class JsonLog extends Formatter {
    private static final String PLUGIN_LOGGERS = "io.sluice.plugin.";

    /** Has all records written so on standard error. */
    static void install() {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler console = new ConsoleHandler();
        console.setFormatter(new JsonLog());
        root.addHandler(console);
    }

    @Override
    public String format(LogRecord entry) {
        StringBuilder line = new StringBuilder("{");
        field(line, "time", entry.getInstant().toString());
        field(line, "level", entry.getLevel().getName());
        String logger = String.valueOf(entry.getLoggerName());
        field(line, "logger", logger);
        boolean ofPlugin = logger.startsWith(PLUGIN_LOGGERS);
        if (ofPlugin) {
            field(line, "plugin", logger.substring(PLUGIN_LOGGERS.length()));
        }
        field(line, "message", formatMessage(entry));
        Object[] parameters = entry.getParameters();
        if (parameters != null && !ofPlugin) {
            for (Object parameter : parameters) {
                if (parameter instanceof LogField known) {
                    field(line, known.name(), known.value());
                }
            }
        }
        if (entry.getThrown() != null) {
            StringWriter trace = new StringWriter();
            entry.getThrown().printStackTrace(new PrintWriter(trace));
            field(line, "thrown", trace.toString());
        }
        line.setCharAt(line.length() - 1, '}');
        return line.append('\n').toString();
    }

    private static void field(StringBuilder line, String name, String value) {
        text(line, name);
        line.append(':');
        text(line, value);
        line.append(',');
    }

    private static void text(StringBuilder line, String value) {
        line.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (c < ' '
                            || c == '\u2028'
                            || c == '\u2029'
                            || (Character.isSurrogate(c) && !isPaired(value, i))) {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        line.append('"');
    }

    private static boolean isPaired(String value, int at) {
        return Character.isHighSurrogate(value.charAt(at))
                ? at + 1 < value.length() && Character.isLowSurrogate(value.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(value.charAt(at - 1));
    }
}
