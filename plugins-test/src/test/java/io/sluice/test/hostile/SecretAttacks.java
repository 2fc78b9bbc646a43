package io.sluice.test.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What request A hid everywhere, request B looks for everywhere. */
final class SecretAttacks {
    private SecretAttacks() {}

    /** {@code secrets:ROUNDS}. */
    static void run(Stage stage, String[] arguments) {
        int rounds = Integer.parseInt(arguments[0]);
        Overheard log = new Overheard();
        Logger logger = Logger.getLogger("io.sluice.plugin");
        logger.addHandler(log);
        try {
            everywhere(stage, rounds, log);
        } finally {
            logger.removeHandler(log);
        }
    }

    private static void everywhere(Stage stage, int rounds, Overheard log) {
        for (boolean prepares : List.of(true, false)) {
            try (PluginHost host =
                    PluginHost.builder().prepareInstances(prepares).build()) {
                proveThatItSeeks(stage, host);
                betweenRequests(stage, host, rounds);
                for (Isolation isolation : List.of(Isolation.perRequest(), Isolation.pooled())) {
                    betweenPlugins(stage, host, isolation, rounds / 4, log);
                }
            }
        }
    }

    private static Plugin load(Stage stage, PluginHost host, String name, Isolation isolation) {
        stage.report.guest();
        PluginLimits limits =
                PluginLimits.defaults().withFuelPerCall(Long.MAX_VALUE).withDeadline(Duration.ofSeconds(20));
        PluginConfig config = PluginConfig.of(name)
                .withIsolation(isolation)
                .withLimits(limits)
                .withLogRecordsPerSecond(100_000)
                .withMaxInstances(1);
        return host.load(config, Guests.source("hostile/keeps_secrets"));
    }

    /** A pooled instance shows a plugin its own past: if the guest does not find it there, it finds it nowhere. */
    private static void proveThatItSeeks(Stage stage, PluginHost host) {
        try (Plugin plugin = load(stage, host, "own", Isolation.pooled())) {
            Stage.ending(plugin, "hsecret!!");
            String seen = Stage.ending(plugin, seek("secret!!"));
            // What it says was written over by what it hid.
            if (!seen.startsWith("says ")) {
                stage.report.wrong("the guest does not find what its own instance has: " + seen);
            }
        }
    }

    private static void betweenRequests(Stage stage, PluginHost host, int rounds) {
        try (Plugin plugin = load(stage, host, "fresh", Isolation.perRequest())) {
            Random random = new Random(8);
            for (int i = 0; i < rounds; i++) {
                String secret = secret(random);
                Stage.ending(plugin, "h" + secret);
                look(stage, plugin, secret, "of its plugin's earlier request");
            }
        }
    }

    /** Both plugins' instances come from one pool of memory; the second plugin gets the place that the first has left. */
    private static void betweenPlugins(Stage stage, PluginHost host, Isolation isolation, int rounds, Overheard log) {
        Random random = new Random(9);
        int heard = 0;
        try (Plugin seeks = load(stage, host, "seeks", isolation)) {
            for (int i = 0; i < rounds; i++) {
                String secret = secret(random);
                try (Plugin hides = load(stage, host, "hides", isolation)) {
                    Stage.ending(hides, "H" + secret);
                    look(stage, seeks, secret, "of another plugin");
                }
                try (Plugin later = load(stage, host, "later", isolation)) {
                    look(stage, later, secret, "of a plugin that was closed");
                }
                for (String line : log.drain()) {
                    if (line.contains(secret) && line.startsWith("hides")) {
                        heard++;
                    } else if (line.contains(secret)) {
                        stage.report.secret("in the log of another plugin: " + line);
                    }
                }
            }
        }
        if (heard != rounds) {
            stage.report.wrong(heard + " of " + rounds + " logged secrets were overheard: the log proves nothing");
        }
    }

    private static void look(Stage stage, Plugin plugin, String secret, String whose) {
        String seen = Stage.ending(plugin, seek(secret));
        if (seen.startsWith("says ")) {
            stage.report.secret("the secret " + whose + ", " + plugin.config().isolation());
        } else if (!seen.equals("fine")) {
            stage.report.wrong("looking for a secret ended in " + seen);
        }
    }

    /** What plugins logged, each line after its plugin's name. */
    private static final class Overheard extends Handler {
        private final List<String> lines = new ArrayList<>();

        @Override
        public synchronized void publish(LogRecord record) {
            String logger = record.getLoggerName();
            lines.add(logger.substring(logger.lastIndexOf('.') + 1) + ": " + record.getMessage());
        }

        synchronized List<String> drain() {
            List<String> all = List.copyOf(lines);
            lines.clear();
            return all;
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private static String seek(String secret) {
        return "?" + turned(secret);
    }

    private static String turned(String secret) {
        byte[] bytes = secret.getBytes(ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ~bytes[i];
        }
        return new String(bytes, ISO_8859_1);
    }

    private static String secret(Random random) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            letters.append((char) ('a' + random.nextInt(26)));
        }
        return letters.toString();
    }
}
