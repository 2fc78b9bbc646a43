package io.sluice.cli.plugin;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Builds a plugin with its language's own toolchain. */
@Command(
        name = "build",
        mixinStandardHelpOptions = true,
        description = "Builds a plugin with its language's own toolchain.")
final class BuildCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "DIR",
            arity = "0..1",
            description = "The plugin's folder; the current one if none is named.")
    private Path folder = Path.of(".");

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (!Builder.of(folder).build(out)) {
            return 1;
        }
        Path built = folder.resolve(Folders.BUILT);
        out.printf("%s: %,d bytes%n", built, Files.size(built));
        out.flush();
        return 0;
    }
}
