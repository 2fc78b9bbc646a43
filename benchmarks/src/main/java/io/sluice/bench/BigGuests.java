package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Plugins that are too large to be committed: {@code tools/bench-guests} builds them into a folder of their own. */
final class BigGuests {

    /** The folder that they are built into. */
    static final String FOLDER = "sluice.bench.guests";

    private BigGuests() {}

    static Path folder() {
        return Path.of(System.getProperty(FOLDER, "target/bench-guests"));
    }

    /** Why there is none; empty if there is. */
    static String reason(String name) {
        if (Files.exists(folder().resolve(name + ".wasm"))) {
            return "";
        }
        Path reason = folder().resolve(name + ".reason");
        try {
            return Files.exists(reason)
                    ? Files.readString(reason).strip()
                    : "plugin \"" + name + "\" is not built: run tools/bench-guests";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    static byte[] load(String name) {
        String reason = reason(name);
        if (!reason.isEmpty()) {
            throw new IllegalStateException(reason);
        }
        Path file = folder().resolve(name + ".wasm");
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalStateException("plugin " + file + " cannot be read", e);
        }
    }
}
