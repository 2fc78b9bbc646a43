package io.sluice.test.hostile;

import io.sluice.plugin.PluginSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The built guests as a child JVM finds them, which runs in a folder of its own. */
final class Guests {
    static final String GOOD = "c/reject_without_where";

    private Guests() {}

    static Path root() {
        String given = System.getProperty("sluice.guests");
        if (given != null) {
            return Path.of(given);
        }
        Path here = Path.of("guests");
        return Files.isDirectory(here) ? here : Path.of("plugins-test", "guests");
    }

    static byte[] bytes(String guest) {
        Path folder = root().resolve(guest);
        try {
            return Files.readAllBytes(folder.resolve(folder.getFileName() + ".wasm"));
        } catch (IOException e) {
            throw new UncheckedIOException("guest " + guest + " is not built: run plugins-test/guests/build", e);
        }
    }

    static PluginSource source(String guest) {
        return PluginSource.bytes(bytes(guest));
    }

    /** The names of a folder's guests: {@code hostile/recurses}. */
    static List<String> of(String folder) {
        try (Stream<Path> guests = Files.list(root().resolve(folder))) {
            return guests.filter(Files::isDirectory)
                    .map(guest -> folder + "/" + guest.getFileName())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the guests in " + folder + " cannot be listed", e);
        }
    }
}
