package io.sluice.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The module that all contestants share: {@code reject_without_where}, written in C and compiled by clang. */
final class Guest {

    private static final String RESOURCE = "/guests/reject_without_where.wasm";

    /** The entry point of the plugin. */
    static final String BEFORE = "RunBeforeExecutionOnGuest";

    /** The allocator that the host calls. */
    static final String MALLOC = "malloc";

    private Guest() {}

    static byte[] rejectWithoutWhere() {
        return load(RESOURCE);
    }

    /** The built guest of a folder such as {@code go/reject_without_where}, one of those that the module's pom names. */
    static byte[] of(String folder) {
        return load("/guests/" + folder + "/" + folder.substring(folder.indexOf('/') + 1) + ".wasm");
    }

    static byte[] load(String resource) {
        try (InputStream in = Guest.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource " + resource
                        + " not found on the class path; build the module" + " benchmarks with its resources");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + resource + " could not be read", e);
        }
    }
}
