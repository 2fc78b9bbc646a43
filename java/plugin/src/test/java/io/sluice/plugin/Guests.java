package io.sluice.plugin;

import java.nio.file.Files;
import java.nio.file.Path;

/** The guests of {@code plugins-test/guests}, found from whatever module's folder a test runs in. */
public final class Guests {
    private Guests() {}

    /** The folder of all guests. */
    public static Path folder() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path guests = at.resolve("plugins-test/guests");
            if (Files.isDirectory(guests)) {
                return guests;
            }
        }
        throw new IllegalStateException(
                "there is no plugins-test/guests above " + Path.of("").toAbsolutePath());
    }

    /** The built guest of a folder such as {@code c/allows_all}. */
    public static PluginSource source(String guest) {
        String name = guest.substring(guest.lastIndexOf('/') + 1);
        return PluginSource.file(folder().resolve(guest).resolve(name + ".wasm"));
    }
}
