package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Plugins of real size: committed, or built by {@code tools/bench-guests} into a folder of their own. */
final class BigGuests {

    /** The folder that they are built into. */
    static final String FOLDER = "sluice.bench.guests";

    /** Those that {@code tools/bench-guests} builds. */
    private static final Set<String> BUILT = Set.of("wesql-sqlparser");

    private BigGuests() {}

    static Path folder() {
        return Path.of(System.getProperty(FOLDER, "target/bench-guests"));
    }

    /** Why there is none; empty if there is. */
    static String reason(String name) {
        if (Guest.class.getResource("/guests/" + name + ".wasm") != null
                || Files.exists(folder().resolve(name + ".wasm"))) {
            return "";
        }
        Path reason = folder().resolve(name + ".reason");
        try {
            return Files.exists(reason)
                    ? Files.readString(reason).strip()
                    : BUILT.contains(name)
                            ? "plugin \"" + name + "\" is not built: run tools/bench-guests"
                            : "plugin \"" + name + "\" is not there: the suite has no build of it yet";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    static byte[] load(String name) {
        if (Guest.class.getResource("/guests/" + name + ".wasm") != null) {
            return Guest.load("/guests/" + name + ".wasm");
        }
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
