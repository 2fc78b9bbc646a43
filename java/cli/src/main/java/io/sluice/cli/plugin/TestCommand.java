package io.sluice.cli.plugin;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginSource;
import io.sluice.testkit.CaseFile;
import io.sluice.testkit.CaseRun;
import io.sluice.testkit.CaseSuite;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a plugin's cases. */
@Command(
        name = "test",
        mixinStandardHelpOptions = true,
        description = "Runs a plugin's cases and says what differs and what each one cost.")
final class TestCommand implements Callable<Integer> {
    /** What {@code --isolation} may be. */
    enum Mode {
        PER_REQUEST,
        POOLED
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "FILE|DIR",
            description = "Plugins: .wasm files, or folders with one and a cases.yaml; the current folder if none.")
    private List<Path> targets = new ArrayList<>();

    @Option(
            names = "--cases",
            paramLabel = "FILE",
            description = "The case file; by default cases.yaml beside the plugin.")
    private @Nullable Path cases;

    @Option(names = "--isolation", description = "per_request or pooled, instead of what the case file says.")
    private @Nullable Mode isolation;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            description =
                    "Run each case N times on one plugin, in an order of chance: finds what one query leaves for the next.")
    private int repeat;

    @Option(names = "--seed", paramLabel = "N", description = "Decides on the order of --repeat; by default 1.")
    private long seed = 1;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the results as JUnit XML, too.")
    private @Nullable Path report;

    @Override
    public Integer call() {
        if (targets.isEmpty()) {
            targets.add(Path.of("."));
        }
        if (repeat < 0) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--repeat is " + repeat + "; it must be 1 or more");
        }
        PrintWriter out = spec.commandLine().getOut();
        JUnitReport xml = new JUnitReport();
        int passed = 0;
        int failed = 0;
        for (Path target : targets) {
            Path caseFile = cases == null ? Folders.cases(target) : cases;
            CaseFile file = CaseFile.read(caseFile);
            Path module = Folders.module(target, file);
            List<CaseRun> runs = run(file, module);
            new TestReport(out).print(module, runs, repeat);
            xml.add(module.toString(), runs);
            for (CaseRun run : runs) {
                if (run.passed()) {
                    passed++;
                } else {
                    failed++;
                }
            }
        }
        if (passed + failed == 0) {
            throw new CommandException(
                    repeat == 0
                            ? "no case was run; write one into cases.yaml"
                            : "no case was run: all send their statement more than once (times), which --repeat leaves out;"
                                    + " run them without --repeat");
        }
        if (report != null) {
            xml.write(report);
        }
        out.println(passed + " passed, " + failed + " failed");
        out.flush();
        return failed == 0 ? 0 : 1;
    }

    private List<CaseRun> run(CaseFile file, Path module) {
        PluginConfig config = file.config();
        if (isolation != null) {
            config = config.withIsolation(isolation == Mode.POOLED ? Isolation.pooled() : Isolation.perRequest());
        }
        try (CaseSuite suite = CaseSuite.open(PluginSource.file(module), Folders.cache())) {
            return repeat == 0 ? suite.run(config, file.cases()) : suite.repeat(config, file.cases(), repeat, seed);
        } catch (PluginException e) {
            throw Abi.explain(module, e);
        }
    }
}
