package io.sluice.cli.plugin;

import io.sluice.runtime.GuestFrame;
import java.nio.file.Path;

/** Where in its source a plugin was, as far as its toolchain left word of it. */
final class Symbols {
    private final LineTable lines;

    private Symbols(LineTable lines) {
        this.lines = lines;
    }

    static Symbols of(Path module) {
        return new Symbols(LineTable.of(WasmFile.read(module)));
    }

    /** The function, and file and line where they are known. */
    String describe(GuestFrame frame) {
        String place = lines.placeOf(frame.moduleOffset());
        return place.isEmpty() ? frame.toString() : frame.function() + " (" + place + ")";
    }
}
