package io.sluice.plugin;

import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Collects what a logger is given, as {@code LEVEL message}, until it is closed. */
final class LogLines extends Handler implements AutoCloseable {
    private final Logger logger;
    private final List<String> lines;

    private LogLines(Logger logger, List<String> lines) {
        this.logger = logger;
        this.lines = lines;
    }

    static LogLines of(String name, List<String> lines) {
        LogLines handler = new LogLines(Logger.getLogger(name), lines);
        handler.logger.addHandler(handler);
        return handler;
    }

    List<String> copy() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    @Override
    public void publish(LogRecord record) {
        synchronized (lines) {
            lines.add(record.getLevel() + " " + new SimpleFormatter().formatMessage(record));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
