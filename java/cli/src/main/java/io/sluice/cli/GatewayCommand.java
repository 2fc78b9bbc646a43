package io.sluice.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import io.sluice.mysql.FilterService;
import io.sluice.mysql.FilterStore;
import io.sluice.mysql.Gateway;
import io.sluice.mysql.GatewayConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.EngineConfig;
import io.sluice.sql.FilterCatalog;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice gateway}: serves until the process is told to end. */
@Command(
        name = "gateway",
        mixinStandardHelpOptions = true,
        description = "Puts filters between MySQL clients and a MySQL or MariaDB server.")
final class GatewayCommand implements Callable<Integer> {
    private static final System.Logger LOGGER = System.getLogger("io.sluice.cli");
    private static final int SPARE_DESCRIPTORS = 200;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML or properties: settings, and filters as filter.NAME.KEY")
    private @Nullable Path file;

    /** As they were given at the start; a reload reads the file anew and not the command line. */
    private Map<String, @Nullable String> flags = Map.of();

    @Option(names = "--show-config", description = "print the settings and end")
    private boolean showConfig;

    @Spec
    private @Nullable CommandSpec spec;

    /** The command with a flag for every setting. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new GatewayCommand());
        for (Settings.Setting setting : Settings.ALL) {
            line.getCommandSpec()
                    .addOption(OptionSpec.builder(setting.flag())
                            .paramLabel(setting.label())
                            .description(setting.description())
                            .type(String.class)
                            .build());
        }
        return line;
    }

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        flags = flags(line.getParseResult());
        Settings settings = Settings.of(file, flags, System.getenv());
        GatewayConfig config = settings.config();
        PrintWriter out = line.getOut();
        if (showConfig) {
            out.print(settings.show());
            out.flush();
            return 0;
        }
        if (settings.logsJson()) {
            JsonLog.install();
        }
        serve(settings, config, out);
        return 0;
    }

    private static Map<String, @Nullable String> flags(CommandLine.ParseResult parsed) {
        Map<String, @Nullable String> flags = new HashMap<>();
        for (Settings.Setting setting : Settings.ALL) {
            flags.put(setting.key(), parsed.matchedOptionValue(setting.flag(), null));
        }
        return flags;
    }

    private void serve(Settings settings, GatewayConfig config, PrintWriter out)
            throws InterruptedException, SQLException, IOException {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        FilterStore store = storeOf(settings, config);
        GatewayMetrics metrics = new GatewayMetrics();
        tellOfDescriptors(config, out);
        try (PluginHost host = PluginHost.create();
                FilterCatalog catalog = FilterCatalog.create(host, name -> binary(settings.plugins(), store, name))) {
            FileFilters fileFilters = new FileFilters(catalog);
            fileFilters.apply(settings);
            try (FilterService service = store == null
                            ? FilterService.of(catalog)
                            : FilterService.start(catalog, store, settings.storePoll(), settings.storeRequired());
                    Gateway gateway = Gateway.start(config.withObserver(metrics), service);
                    GatewayHttp http = GatewayHttp.start(settings.metrics(), metrics, gateway, service)) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(end, ended), "sluice-stop"));
                Hangup.handle(() -> reload(fileFilters, service, gateway));
                out.println("sluice gateway: " + config.listenHost() + ":" + gateway.port() + " in front of "
                        + config.backendHost() + ":" + config.backendPort() + ", "
                        + catalog.definitions().size() + " filters" + http.description()
                        + (service.notReady().isEmpty() ? "" : "; not ready: " + service.notReady()));
                out.flush();
                end.await();
                if (!gateway.drain(settings.drain())) {
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            "{0} clients did not end in drain_ms and are closed",
                            gateway.connections());
                }
            }
        } finally {
            ended.countDown();
            if (store != null) {
                store.close();
            }
        }
    }

    /** What a SIGHUP asks for: the filters of the file and the tables, and the certificates, as they are now. */
    private void reload(FileFilters fileFilters, FilterService service, Gateway gateway) {
        try {
            fileFilters.apply(Settings.of(file, flags, System.getenv()));
            service.reload();
            gateway.reloadCertificates();
            LOGGER.log(System.Logger.Level.INFO, "filters and certificates were read again");
        } catch (IOException | SQLException | RuntimeException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING, "filters or certificates cannot be read again: {0}", e.getMessage());
        }
    }

    /** Says so if the process may not have as many descriptors as its connections need. */
    private static void tellOfDescriptors(GatewayConfig config, PrintWriter out) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            long needed = 2L * config.maxConnections() + SPARE_DESCRIPTORS;
            if (system.getMaxFileDescriptorCount() < needed) {
                out.println("sluice gateway: max_connections is " + config.maxConnections() + ", which needs " + needed
                        + " file descriptors; the process may have " + system.getMaxFileDescriptorCount()
                        + "; raise them (ulimit -n) or lower it");
            }
        }
    }

    private static @Nullable FilterStore storeOf(Settings settings, GatewayConfig config) throws SQLException {
        if (settings.user().isEmpty()) {
            return null;
        }
        return FilterStore.of(
                Database.source(
                        config.backendHost(),
                        config.backendPort(),
                        settings.user(),
                        settings.password(System.getenv())),
                settings.storeSchema(),
                EngineConfig.defaults().maxModuleBytes());
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

    /** The binary of a file in the folder, or of the tables. */
    private static PluginSource binary(@Nullable Path folder, @Nullable FilterStore store, String name)
            throws IOException {
        if (folder != null) {
            Path file = folder.resolve(name).normalize();
            if (file.startsWith(folder.normalize()) && Files.isRegularFile(file)) {
                return PluginSource.file(file);
            }
        }
        if (store != null) {
            return store.find(name);
        }
        throw new IOException(
                "there is no file '" + name + "' in the folder of plugins '" + (folder == null ? "" : folder) + "'");
    }
}
