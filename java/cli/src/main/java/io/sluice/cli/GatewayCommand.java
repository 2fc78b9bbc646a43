package io.sluice.cli;

import io.sluice.mysql.FilterService;
import io.sluice.mysql.FilterStore;
import io.sluice.mysql.Gateway;
import io.sluice.mysql.GatewayConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.EngineConfig;
import io.sluice.sql.FilterCatalog;
import io.sluice.sql.FilterDefinition;
import java.io.IOException;
import java.io.PrintWriter;
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
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "properties: settings, and filters as filter.NAME.KEY")
    private @Nullable Path file;

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
        Settings settings = Settings.of(file, flags(line.getParseResult()), System.getenv());
        GatewayConfig config = settings.config();
        PrintWriter out = line.getOut();
        if (showConfig) {
            out.print(settings.show());
            out.flush();
            return 0;
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

    private static void serve(Settings settings, GatewayConfig config, PrintWriter out)
            throws InterruptedException, SQLException {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        FilterStore store = storeOf(settings, config);
        try (PluginHost host = PluginHost.create();
                FilterCatalog catalog = FilterCatalog.create(host, name -> binary(settings.plugins(), store, name))) {
            for (Map.Entry<String, Map<String, String>> filter :
                    settings.filters().entrySet()) {
                FilterDefinition definition = FilterDefinition.of(filter.getKey());
                for (Map.Entry<String, String> entry : filter.getValue().entrySet()) {
                    definition = definition.with(entry.getKey(), entry.getValue());
                }
                catalog.create(definition);
            }
            try (FilterService service = store == null
                            ? FilterService.of(catalog)
                            : FilterService.start(catalog, store, settings.storePoll(), settings.storeRequired());
                    Gateway gateway = Gateway.start(config, service)) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(end, ended), "sluice-stop"));
                out.println("sluice gateway: " + config.listenHost() + ":" + gateway.port() + " in front of "
                        + config.backendHost() + ":" + config.backendPort() + ", "
                        + catalog.definitions().size() + " filters"
                        + (service.notReady().isEmpty() ? "" : "; not ready: " + service.notReady()));
                out.flush();
                end.await();
            }
        } finally {
            ended.countDown();
            if (store != null) {
                store.close();
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
