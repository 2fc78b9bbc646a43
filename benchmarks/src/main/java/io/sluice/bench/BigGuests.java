package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Plugins of real size: committed where they are small enough, else built by {@code tools/bench-guests} into a folder of their own. */
final class BigGuests {

    /** The folder that they are built into. */
    static final String FOLDER = "sluice.bench.guests";

    private BigGuests() {}

    static byte[] load(String name) {
        if (Guest.class.getResource("/guests/" + name + ".wasm") != null) {
            return Guest.load("/guests/" + name + ".wasm");
        }
        Path folder = Path.of(System.getProperty(FOLDER, "target/bench-guests"));
        Path file = folder.resolve(name + ".wasm");
        Path reason = folder.resolve(name + ".reason");
        try {
            if (Files.exists(file)) {
                return Files.readAllBytes(file);
            }
            throw new IllegalStateException(
                    Files.exists(reason)
                            ? Files.readString(reason).strip()
                            : "plugin \"" + name + "\" is not built: run tools/bench-guests");
        } catch (IOException e) {
            throw new IllegalStateException("plugin " + file + " cannot be read", e);
        }
    }
}
