package io.sluice.cli;

import io.sluice.mysql.Gateway;
import io.sluice.mysql.GatewayConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.sql.FilterCatalog;
import io.sluice.sql.FilterDefinition;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice gateway}: serves until the process is told to end. */
@Command(
        name = "gateway",
        mixinStandardHelpOptions = true,
        description = "Puts filters between MySQL clients and a MySQL or MariaDB server.")
final class GatewayCommand implements Callable<Integer> {
    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "where clients connect to")
    private @Nullable String listen;

    @Option(names = "--backend", paramLabel = "HOST:PORT", description = "the server")
    private @Nullable String backend;

    @Option(names = "--max-connections", paramLabel = "N", description = "clients at a time")
    private @Nullable String maxConnections;

    @Option(names = "--max-packet-bytes", paramLabel = "N", description = "bytes of a client's longest message")
    private @Nullable String maxPacketBytes;

    @Option(names = "--event-loops", paramLabel = "N", description = "threads that move bytes")
    private @Nullable String eventLoops;

    @Option(names = "--connect-ms", paramLabel = "N", description = "milliseconds to connect to the server")
    private @Nullable String connectMillis;

    @Option(
            names = "--error-texts",
            paramLabel = "compatible|kept",
            description = "errors of the server where a plugin was called")
    private @Nullable String errorTexts;

    @Option(names = "--plugins", paramLabel = "FOLDER", description = "where the plugins of the file's filters are")
    private @Nullable String plugins;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "properties: settings, and filters as filter.NAME.KEY")
    private @Nullable Path file;

    @Option(names = "--show-config", description = "print the settings and end")
    private boolean showConfig;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Settings settings = Settings.of(file, flags(), System.getenv());
        GatewayConfig config = settings.config();
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (showConfig) {
            out.print(settings.show());
            out.flush();
            return 0;
        }
        serve(settings, config, out);
        return 0;
    }

    private Map<String, @Nullable String> flags() {
        Map<String, @Nullable String> flags = new HashMap<>();
        flags.put("listen", listen);
        flags.put("backend", backend);
        flags.put("max_connections", maxConnections);
        flags.put("max_packet_bytes", maxPacketBytes);
        flags.put("event_loops", eventLoops);
        flags.put("connect_ms", connectMillis);
        flags.put("error_texts", errorTexts);
        flags.put("plugins", plugins);
        return flags;
    }

    private static void serve(Settings settings, GatewayConfig config, PrintWriter out) throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (PluginHost host = PluginHost.create();
                FilterCatalog catalog = FilterCatalog.create(host, name -> binary(settings.plugins(), name))) {
            for (Map.Entry<String, Map<String, String>> filter :
                    settings.filters().entrySet()) {
                FilterDefinition definition = FilterDefinition.of(filter.getKey());
                for (Map.Entry<String, String> entry : filter.getValue().entrySet()) {
                    definition = definition.with(entry.getKey(), entry.getValue());
                }
                catalog.create(definition);
            }
            try (Gateway gateway = Gateway.start(config, catalog.filters())) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(end, ended), "sluice-stop"));
                out.println("sluice gateway: " + config.listenHost() + ":" + gateway.port() + " in front of "
                        + config.backendHost() + ":" + config.backendPort() + ", "
                        + catalog.definitions().size() + " filters");
                out.flush();
                end.await();
            }
        } finally {
            ended.countDown();
        }
    }

    /** Lets the gateway close before the process ends. */
    private static void stop(CountDownLatch end, CountDownLatch ended) {
        end.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static PluginSource binary(Path folder, String name) throws IOException {
        Path file = folder.resolve(name).normalize();
        if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
            throw new IOException("there is no file '" + name + "' in the folder of plugins '" + folder + "'");
        }
        return PluginSource.file(file);
    }
}
