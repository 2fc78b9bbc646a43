package io.sluice.cli.plugin;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Loads a plugin as a host would. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = "Loads a plugin with the default limits, starts it once, and says whether a host would take it.")
final class ValidateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE|DIR", description = "A .wasm file, or a folder with one.")
    private Path target = Path.of(".");

    @Override
    public Integer call() {
        Path module = Folders.module(target);
        WasmFile.read(module);
        PrintWriter out = spec.commandLine().getOut();
        try (PluginHost host = PluginHost.builder()
                        .optimiserThreads(0)
                        .cacheFolder(Folders.cache())
                        .build();
                Plugin plugin = host.load(PluginConfig.of("plugin"), PluginSource.file(module))) {
            out.println(module + ": valid, " + plugin.abi());
            out.println("new instances: " + plugin.status().startDetail());
        } catch (PluginException e) {
            throw Abi.explain(module, e);
        }
        out.flush();
        return 0;
    }
}
