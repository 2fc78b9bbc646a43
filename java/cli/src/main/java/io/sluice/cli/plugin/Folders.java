package io.sluice.cli.plugin;

import io.sluice.testkit.CaseFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the files of a plugin are. */
final class Folders {
    /** What {@code build} makes. */
    static final String BUILT = "plugin.wasm";

    private Folders() {}

    /** Compiled code for the next time: {@code $XDG_CACHE_HOME/sluice}, or {@code ~/.cache/sluice}. */
    static Path cache() {
        String home = System.getenv("XDG_CACHE_HOME");
        Path base = home == null || home.isEmpty()
                ? Path.of(System.getProperty("user.home", "."), ".cache")
                : Path.of(home);
        return base.resolve("sluice");
    }

    /** The case file of a plugin's file or folder. */
    static Path cases(Path target) {
        if (target.toString().endsWith(".yaml") || target.toString().endsWith(".yml")) {
            return target;
        }
        Path folder = Files.isDirectory(target) ? target : folderOf(target);
        Path cases = folder.resolve(CaseFile.DEFAULT_NAME);
        if (!Files.isRegularFile(cases)) {
            throw new CommandException(
                    "no " + CaseFile.DEFAULT_NAME + " in " + folder + "; write one, or name a case file with --cases");
        }
        return cases;
    }

    /** The module to test: the target itself, the one that the case file names, or the one in the target's folder. */
    static Path module(Path target, CaseFile cases) {
        if (target.toString().endsWith(".wasm")) {
            return existing(target);
        }
        Path folder = Files.isDirectory(target) ? target : folderOf(target);
        if (!cases.plugin().isEmpty()) {
            return existing(folderOf(cases.path()).resolve(cases.plugin()));
        }
        return module(folder);
    }

    /** The one module in a folder. */
    static Path module(Path target) {
        if (!Files.isDirectory(target)) {
            return existing(target);
        }
        List<Path> found;
        try (Stream<Path> files = Files.list(target)) {
            found = files.filter(file -> file.toString().endsWith(".wasm"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new CommandException(target + " cannot be read: " + e);
        }
        if (found.isEmpty()) {
            throw new CommandException("no .wasm in " + target + "; run: sluice plugin build " + target);
        }
        if (found.size() > 1) {
            throw new CommandException(found.size() + " .wasm files in " + target + "; name one of " + found);
        }
        return found.get(0);
    }

    private static Path existing(Path module) {
        if (!Files.isRegularFile(module)) {
            throw new CommandException("no file " + module + "; run: sluice plugin build " + folderOf(module));
        }
        return module;
    }

    static Path folderOf(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of(".") : parent;
    }
}
