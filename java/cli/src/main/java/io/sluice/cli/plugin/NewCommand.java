package io.sluice.cli.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the folder of a new plugin. */
@Command(
        name = "new",
        mixinStandardHelpOptions = true,
        description = "Makes a folder with a plugin that works, its cases and its build file.")
final class NewCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--lang", required = true, description = "One of ${COMPLETION-CANDIDATES}, in any case.")
    private Language language = Language.C;

    @Option(names = "--in", paramLabel = "DIR", description = "Where to make the folder; by default here.")
    private Path parent = Path.of("");

    @Parameters(paramLabel = "NAME", description = "The plugin's name: letters, digits and _, no digit first.")
    private String name = "";

    @Override
    public Integer call() throws IOException {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw new CommandException(
                    "'" + name + "' is no name for a plugin; use letters, digits and _, no digit first");
        }
        Path folder = parent.resolve(name);
        if (Files.exists(folder)) {
            refuseFull(folder);
        }
        String lang = language.name().toLowerCase(Locale.ROOT);
        for (String line : resource(lang + ".files").lines().toList()) {
            String[] pair = line.split(" ", 2);
            Path file = folder.resolve(pair[0]);
            Files.createDirectories(Folders.folderOf(file));
            String text = resource(pair[1]);
            Files.writeString(file, pair[1].startsWith("sdk/") ? text : text.replace("NAME", name));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(folder + ": a plugin in " + lang + ". Next:");
        out.println("  cd " + folder);
        out.println("  sluice plugin build");
        out.println("  sluice plugin test");
        out.flush();
        return 0;
    }

    private static void refuseFull(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new CommandException(folder + " is a file; choose another name");
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new CommandException("the folder " + folder + " is not empty; choose another name, or empty it");
            }
        }
    }

    private static String resource(String path) throws IOException {
        try (InputStream in = NewCommand.class.getResourceAsStream("/io/sluice/cli/plugin/new/" + path)) {
            if (in == null) {
                throw new CommandException("the file " + path + " is missing in the sluice command; build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
