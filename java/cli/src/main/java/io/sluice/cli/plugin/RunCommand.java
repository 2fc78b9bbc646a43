package io.sluice.cli.plugin;

import io.sluice.plugin.Phase;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.QueryProperty;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.GuestFrame;
import io.sluice.runtime.Module;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.WasmException;
import io.sluice.testkit.CaseFile;
import io.sluice.testkit.Desk;
import io.sluice.testkit.Outcome;
import io.sluice.testkit.Statement;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Has a plugin filter one query. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Has a plugin filter one query, and says what became of it.")
final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE|DIR", description = "A .wasm file, or a folder with one.")
    private Path target = Path.of(".");

    @Option(names = "--query", required = true, paramLabel = "TEXT", description = "The query.")
    private String query = "";

    @Option(names = "--property", paramLabel = "NAME=TEXT", description = "A property of the query, such as user=app.")
    private Map<QueryProperty, String> properties = new LinkedHashMap<>();

    @Option(
            names = "--configuration",
            paramLabel = "JSON",
            description = "The plugin's configuration; by default the case file's.")
    private @Nullable String configuration;

    @Option(
            names = "--trace",
            description = "Show each call of the host, its arguments and what it answered; slower, and without WASI.")
    private boolean trace;

    @Option(
            names = "--profile",
            arity = "0..1",
            fallbackValue = "profile.svg",
            paramLabel = "FILE",
            description = "Show where the fuel went, by function, and draw it into FILE; by default profile.svg.")
    private @Nullable Path profile;

    @Override
    public Integer call() {
        Path module = Folders.module(target);
        Statement statement = Statement.of(query);
        for (Map.Entry<QueryProperty, String> property : properties.entrySet()) {
            statement = statement.withProperty(property.getKey(), property.getValue());
        }
        PrintWriter out = spec.commandLine().getOut();
        Outcome outcome;
        boolean traced = !trace;
        // What cannot be loaded is refused as without a trace, and a start that fails is traced.
        try (Desk desk = Desk.open(config(module), PluginSource.file(module))) {
            if (!traced) {
                traced = true;
                trace(module, statement, out);
            }
            outcome = desk.query(statement);
        } catch (PluginException e) {
            if (!traced && e.phase() == Phase.START) {
                trace(module, statement, out);
            }
            throw Abi.explain(module, e);
        }
        print(outcome, module, out);
        if (profile != null) {
            Profile found = Profile.of(module, config(module), statement);
            found.print(out);
            write(found.flameGraph(), profile);
            out.println("flame graph: " + profile);
        }
        out.flush();
        return outcome.failure() == null ? 0 : 1;
    }

    private void trace(Path file, Statement statement, PrintWriter out) {
        PluginConfig config = config(file);
        try (Engine engine = Engine.create(EngineConfig.defaults().withOptimisation(false));
                Module module = Module.compile(engine, Files.readAllBytes(file));
                OpenedPlugin plugin = new OpenedPlugin(engine, module, config, statement, true)) {
            try {
                plugin.start();
                plugin.before(config.limits().fuelPerCall());
                plugin.after(config.limits().fuelPerCall());
            } catch (WasmException e) {
                plugin.end(Objects.requireNonNullElse(e.getMessage(), e.toString()));
            }
            plugin.calls().forEach(out::println);
        } catch (WasmException e) {
            out.println("ended before its start: " + e.getMessage());
        } catch (IOException e) {
            throw new CommandException(file + " cannot be read: " + e);
        }
        out.flush();
    }

    private static void write(String text, Path file) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new CommandException("the flame graph cannot be written to " + file + ": " + e);
        }
    }

    private PluginConfig config(Path module) {
        Path cases = Folders.folderOf(module).resolve(CaseFile.DEFAULT_NAME);
        PluginConfig config = Files.isRegularFile(cases)
                ? CaseFile.read(cases).config()
                : PluginConfig.of("plugin").withGrants(EnumSet.allOf(QueryProperty.class));
        return configuration == null ? config : config.withConfiguration(configuration);
    }

    private void print(Outcome outcome, Path module, PrintWriter out) {
        outcome.log().forEach(line -> out.println("log: " + line));
        if (outcome.executed() != null) {
            out.println((outcome.executed().equals(query) ? "executed: " : "executed instead: ") + outcome.executed());
        }
        if (outcome.error() != null) {
            out.println("error " + outcome.errorCode() + " (" + outcome.sqlState() + "): " + outcome.error());
            if (!outcome.error().equals(outcome.clientError())) {
                out.println("as the client sees it: " + outcome.clientError());
            }
        } else {
            out.println("result: " + outcome.result());
        }
        if (outcome.failure() != null && outcome.failure().getCause() instanceof TrapException trap) {
            Symbols symbols = Symbols.of(module);
            for (GuestFrame frame : trap.frames()) {
                out.println("  in " + symbols.describe(frame));
            }
        }
        out.printf(
                Locale.ROOT,
                "cost: %,d fuel, %.1f µs, %,d KiB of memory%n",
                outcome.fuel(),
                outcome.nanos() / 1000.0,
                outcome.memoryBytes() / 1024);
    }
}
