package io.sluice.plugin;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of a plugin come from; read by the {@code load} or {@code replace} that is given it, each time anew.
 *
 * <p><b>Threads.</b> Shared. <b>Ownership.</b> Holds nothing open.
 */
public final class PluginSource {
    private static final String SUFFIX = ".wasm";

    /** Opens the bytes; the caller closes. */
    private interface Opener {
        InputStream open() throws IOException;
    }

    private final String description;
    private final String defaultName;
    private final Opener opener;

    /** The bytes, where they are in memory already. */
    private final byte @Nullable [] there;

    private PluginSource(String description, String defaultName, Opener opener) {
        this(description, defaultName, opener, null);
    }

    private PluginSource(String description, String defaultName, Opener opener, byte @Nullable [] there) {
        this.description = description;
        this.defaultName = defaultName;
        this.opener = opener;
        this.there = there;
    }

    /** The bytes of an array; copied now. */
    public static PluginSource bytes(byte[] wasm) {
        byte[] copy = Objects.requireNonNull(wasm, "wasm").clone();
        return new PluginSource(copy.length + " bytes of memory", "plugin", () -> new ByteArrayInputStream(copy), copy);
    }

    /** The bytes of a file. */
    public static PluginSource file(Path path) {
        Objects.requireNonNull(path, "path");
        return new PluginSource("file " + path, nameOf(path.toString()), () -> Files.newInputStream(path));
    }

    /**
     * Every {@code *.wasm} file that lies directly in a folder, in the order of their names.
     *
     * @throws UncheckedIOException if the folder cannot be read
     */
    public static List<PluginSource> directory(Path folder) {
        Objects.requireNonNull(folder, "folder");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX) && Files.isRegularFile(file))
                    .sorted()
                    .map(PluginSource::file)
                    .collect(Collectors.toUnmodifiableList());
        } catch (IOException e) {
            throw new UncheckedIOException("folder " + folder + " cannot be read for plugins", e);
        }
    }

    /** A resource beside a class, or from the root of its class path if the name starts with a slash. */
    public static PluginSource resource(Class<?> anchor, String name) {
        Objects.requireNonNull(anchor, "anchor");
        Objects.requireNonNull(name, "name");
        return new PluginSource("resource " + name + " of " + anchor.getName(), nameOf(name), () -> {
            InputStream stream = anchor.getResourceAsStream(name);
            if (stream == null) {
                throw new IOException("there is no such resource");
            }
            return stream;
        });
    }

    /** The file's or resource's name without folder and {@code .wasm}; {@code plugin} for bytes of memory. */
    public String defaultName() {
        return defaultName;
    }

    /** Reads at most {@code maxBytes} bytes, which nobody may change; fails with a message if there are more. */
    byte[] read(long maxBytes) throws IOException {
        int most = (int) Math.min(maxBytes, Integer.MAX_VALUE - 16);
        if (there != null && there.length <= most) {
            return there;
        }
        try (InputStream stream = opener.open()) {
            byte[] bytes = stream.readNBytes(most);
            if (stream.read() >= 0) {
                throw new IOException("it has more than the " + most
                        + " bytes that the engine takes; raise EngineConfig.maxModuleBytes");
            }
            return bytes;
        }
    }

    /** Says in words where the bytes come from. */
    @Override
    public String toString() {
        return description;
    }

    private static String nameOf(String path) {
        int from = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
        String name = path.substring(from);
        return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    }
}
