package io.sluice.test.e2e;

import io.sluice.plugin.PluginSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The built guests, by their folder: {@code c/reject_without_where}. */
public final class GuestFiles {
    public static final String REJECT = "c/reject_without_where";

    private GuestFiles() {}

    /** The folder {@code guests}, from this module's folder or from the repository's. */
    static Path root() {
        Path here = Path.of("guests");
        return Files.isDirectory(here) ? here : Path.of("plugins-test", "guests");
    }

    static Path wasm(String guest) {
        Path folder = root().resolve(guest);
        return folder.resolve(folder.getFileName() + ".wasm");
    }

    public static byte[] bytes(String guest) {
        try {
            return Files.readAllBytes(wasm(guest));
        } catch (IOException e) {
            throw new UncheckedIOException("guest " + guest + " is not built: run plugins-test/guests/build", e);
        }
    }

    static PluginSource source(String guest) {
        return PluginSource.bytes(bytes(guest));
    }

    /** Every guest's folder, as two names. */
    public static List<String> all() {
        try (Stream<Path> folders = Files.find(root(), 2, (path, what) -> what.isDirectory())) {
            return folders.map(root()::relativize)
                    .filter(path -> path.getNameCount() == 2)
                    .map(path -> path.getName(0) + "/" + path.getName(1))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the guests cannot be listed", e);
        }
    }
}
