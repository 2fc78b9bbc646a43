package io.sluice.cli.plugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The SDKs' examples as they are committed. */
final class Examples {
    private Examples() {}

    static Path sdk() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(at.resolve("sdk/examples"))) {
            at = Objects.requireNonNull(at.getParent(), "the repository");
        }
        return at.resolve("sdk");
    }

    /** Each as {@code example/language}. */
    static List<String> all() {
        Path root = sdk().resolve("examples");
        try (Stream<Path> files = Files.walk(root, 3)) {
            return files.filter(file -> file.toString().endsWith(".wasm"))
                    .filter(file -> Files.exists(file.resolveSibling("manifest.properties")))
                    .map(file -> root.relativize(Folders.folderOf(file)).toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path folder(String example) {
        return sdk().resolve("examples").resolve(example);
    }

    static Path module(String example) {
        return folder(example).resolve(example.substring(0, example.indexOf('/')) + ".wasm");
    }

    static Path cases(String example) {
        return Folders.folderOf(folder(example)).resolve("cases.yaml");
    }
}
