package io.sluice.plugin;

import io.sluice.runtime.abi.WescaleInstance;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The way of one plugin's log records to the logger {@code io.sluice.plugin.<name>}, at most so many a second.
 *
 * <p>The rate is a token bucket that holds one second's records, kept in one number: the moment at which it would be full again.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> One compare-and-set a record, then the logger's own.
 */
final class GuestLog {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final System.Logger logger;
    private final long nanosPerRecord;
    private final AtomicLong fullAgainNanos = new AtomicLong(System.nanoTime());
    private final AtomicLong droppedSinceLast = new AtomicLong();

    GuestLog(String pluginName, int recordsPerSecond) {
        this.logger = System.getLogger("io.sluice.plugin." + pluginName);
        this.nanosPerRecord = Math.max(1, NANOS_PER_SECOND / recordsPerSecond);
    }

    /** A sink for one lease; counts in its tally. */
    WescaleInstance.LogSink sinkFor(Tally tally) {
        return (level, utf8) -> {
            if (write(level == 0 ? System.Logger.Level.INFO : System.Logger.Level.ERROR, utf8)) {
                tally.logRecords++;
            } else {
                tally.logDropped++;
            }
        };
    }

    /** Hands a record to the logger; false if the rate does not allow it. */
    boolean write(System.Logger.Level level, byte[] utf8) {
        if (!takeToken(System.nanoTime())) {
            droppedSinceLast.incrementAndGet();
            return false;
        }
        long dropped = droppedSinceLast.getAndSet(0);
        if (dropped > 0) {
            logger.log(System.Logger.Level.WARNING, dropped + " log records of this plugin were dropped");
        }
        if (logger.isLoggable(level)) {
            logger.log(level, printable(new String(utf8, StandardCharsets.UTF_8)));
        }
        return true;
    }

    private boolean takeToken(long now) {
        while (true) {
            long full = fullAgainNanos.get();
            long next = (full - now > 0 ? full : now) + nanosPerRecord;
            if (next - now > NANOS_PER_SECOND && next - now > nanosPerRecord) {
                return false;
            }
            if (fullAgainNanos.compareAndSet(full, next)) {
                return true;
            }
        }
    }

    /** Replaces control characters, so that a guest cannot forge a line of somebody else's log. */
    static String printable(String text) {
        String stripped = text.stripTrailing();
        int length = stripped.length();
        for (int i = 0; i < length; i++) {
            if (Character.isISOControl(stripped.charAt(i))) {
                StringBuilder builder = new StringBuilder(length + 8).append(stripped, 0, i);
                for (int j = i; j < length; j++) {
                    char c = stripped.charAt(j);
                    if (Character.isISOControl(c)) {
                        builder.append(String.format("\\u%04x", (int) c));
                    } else {
                        builder.append(c);
                    }
                }
                return builder.toString();
            }
        }
        return stripped;
    }
}
