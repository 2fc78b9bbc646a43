package io.sluice.test.e2e;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Takes what one plugin logs, as {@code LEVEL text}, instead of letting it go to the console. */
final class CapturedLog extends Handler {
    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    CapturedLog(String pluginName) {
        logger = Logger.getLogger("io.sluice.plugin." + pluginName);
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void publish(LogRecord record) {
        lines.add(name(record.getLevel()) + " " + record.getMessage());
    }

    private static String name(Level level) {
        return level.equals(Level.SEVERE) ? "ERROR" : level.getName();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
