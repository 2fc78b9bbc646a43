package io.sluice.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The guests under {@code src/test/resources/wasm}. */
public final class Guests {
    private Guests() {}

    /** The bytes of a guest. */
    public static byte[] wasm(String name) {
        return resource(name + ".wasm");
    }

    static byte[] resource(String file) {
        try (InputStream in = Guests.class.getResourceAsStream("/wasm/" + file)) {
            return Objects.requireNonNull(in, file).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
