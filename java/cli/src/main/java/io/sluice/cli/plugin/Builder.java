package io.sluice.cli.plugin;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Calls a language's own toolchain. */
final class Builder {
    private final Path folder;
    private final String path;

    /** @param path where programs are looked for, as the variable PATH has it */
    Builder(Path folder, String path) {
        this.folder = folder;
        this.path = path;
    }

    static Builder of(Path folder) {
        String path = System.getenv("PATH");
        return new Builder(folder, path == null ? "" : path);
    }

    /** Builds; false if the compiler refused, whose own words went to {@code out}. */
    boolean build(PrintWriter out) {
        Language language = Language.of(folder);
        if (!isThere(language.tool())) {
            throw new CommandException(
                    "no " + language.tool() + " on the PATH; install it with: " + language.installation());
        }
        for (String command : language.commands()) {
            if (!run(command, out)) {
                return false;
            }
        }
        return true;
    }

    private boolean isThere(String tool) {
        for (String each : path.split(File.pathSeparator, -1)) {
            if (!each.isEmpty() && Files.isExecutable(Path.of(each).resolve(tool))) {
                return true;
            }
        }
        return false;
    }

    private boolean run(String command, PrintWriter out) {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().put("PATH", path);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean done = process.waitFor() == 0;
            if (!done) {
                out.print(said);
                out.flush();
            }
            return done;
        } catch (IOException e) {
            throw new CommandException("the build cannot be run: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("the build was interrupted");
        }
    }
}
