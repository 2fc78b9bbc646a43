package io.sluice.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class GuestLogTest {
    @Test
    void controlCharactersCannotForgeALine() {
        assertThat(GuestLog.printable("plain é\n")).isEqualTo("plain é");
        assertThat(GuestLog.printable("a\nERROR forged\u001b[31m")).isEqualTo("a\\u000aERROR forged\\u001b[31m");
        assertThat(GuestLog.printable("")).isEmpty();
    }

    @Test
    void recordsGoToTheLoggerOfThePluginWithTheirLevel() {
        List<LogRecord> records = capture("leveled", () -> {
            GuestLog log = new GuestLog("leveled", 100);
            log.write(System.Logger.Level.INFO, "calm".getBytes(UTF_8));
            log.write(System.Logger.Level.ERROR, "grave".getBytes(UTF_8));
        });

        assertThat(records).extracting(LogRecord::getMessage).containsExactly("calm", "grave");
        assertThat(records).extracting(LogRecord::getLevel).containsExactly(Level.INFO, Level.SEVERE);
        assertThat(records).extracting(LogRecord::getLoggerName).containsOnly("io.sluice.plugin.leveled");
    }

    @Test
    void recordsAboveTheRateAreDroppedAndTheirNumberIsTold() throws InterruptedException {
        GuestLog log = new GuestLog("flooded", 10);
        List<Boolean> written = new ArrayList<>();
        List<LogRecord> records = capture("flooded", () -> {
            for (int i = 0; i < 50; i++) {
                written.add(log.write(System.Logger.Level.INFO, "x".getBytes(UTF_8)));
            }
        });

        assertThat(written.stream().filter(w -> w)).hasSizeBetween(10, 12);
        assertThat(records).hasSizeBetween(10, 12);

        Thread.sleep(250);
        List<LogRecord> later = capture("flooded", () -> log.write(System.Logger.Level.INFO, "again".getBytes(UTF_8)));

        assertThat(later).hasSize(2);
        assertThat(later.get(0).getMessage()).matches("(38|39|40) log records of this plugin were dropped");
        assertThat(later.get(1).getMessage()).isEqualTo("again");
    }

    @Test
    void oneRecordASecondIsARate() {
        GuestLog log = new GuestLog("slow", 1);

        assertThat(capture("slow", () -> {
                    assertThat(log.write(System.Logger.Level.INFO, "one".getBytes(UTF_8)))
                            .isTrue();
                    assertThat(log.write(System.Logger.Level.INFO, "two".getBytes(UTF_8)))
                            .isFalse();
                }))
                .hasSize(1);
    }

    /** What the logger of a plugin gets while something runs. */
    static List<LogRecord> capture(String plugin, Runnable work) {
        List<LogRecord> records = new ArrayList<>();
        Logger logger = Logger.getLogger("io.sluice.plugin." + plugin);
        Handler handler = new Handler() {
            @Override
            public synchronized void publish(LogRecord entry) {
                records.add(entry);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            work.run();
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
        return records;
    }
}
