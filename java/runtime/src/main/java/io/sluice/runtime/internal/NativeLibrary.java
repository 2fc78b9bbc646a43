package io.sluice.runtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds and loads the native library, once.
 *
 * <p>The system property {@code sluice.native.path} names the file to load; without it the library for this platform is taken
 * from the class path and extracted to a folder of the user's (see {@link ExtractedLibrary}). On a module path nothing requires
 * the module that carries it, so {@code --add-modules io.sluice.natives} must.
 */
public final class NativeLibrary {
    /** The file to load instead of the packed one. */
    public static final String PATH_PROPERTY = "sluice.native.path";

    /** The shape of the boundary that this side speaks. */
    static final int CONTRACT_VERSION = 2;

    private static volatile boolean loaded;
    private static @Nullable String failure;

    private NativeLibrary() {}

    /**
     * Loads the library unless it is loaded.
     *
     * @throws UnsatisfiedLinkError that says what was looked for, where, and what to do
     */
    public static void load() {
        if (!loaded) {
            loadOnce();
        }
    }

    private static synchronized void loadOnce() {
        if (loaded) {
            return;
        }
        if (failure != null) {
            throw new UnsatisfiedLinkError(failure);
        }
        // A folder that is full or closed to us may be mended while the process lives: the next call looks again.
        Path file = locate(System.getProperty(PATH_PROPERTY));
        try {
            loadFile(file);
            checkContract(contractVersion(file), file);
            loaded = true;
        } catch (UnsatisfiedLinkError e) {
            failure = e.getMessage();
            throw e;
        }
    }

    private static void loadFile(Path file) {
        try {
            System.load(file.toString());
        } catch (UnsatisfiedLinkError e) {
            String message = String.valueOf(e.getMessage());
            String cure = message.contains("another classloader")
                    ? "a JVM loads it once: put sluice-runtime where one class loader serves all that use it"
                    : "it must be built for this platform and its C library; name another by -D" + PATH_PROPERTY;
            throw new UnsatisfiedLinkError(
                    "the native library " + file + " cannot be loaded on " + platform() + ": " + message + "; " + cure);
        }
    }

    private static int contractVersion(Path file) {
        try {
            return LibraryNative.contractVersion();
        } catch (UnsatisfiedLinkError e) {
            throw new UnsatisfiedLinkError("the file " + file + " was loaded, but is not sluice's native library: "
                    + e.getMessage() + " is not in it; use the one of sluice-natives of the same version");
        }
    }

    static void checkContract(int found, Path file) {
        if (found != CONTRACT_VERSION) {
            throw new UnsatisfiedLinkError("the native library " + file + " speaks version " + found
                    + " of the boundary, this sluice-runtime speaks version " + CONTRACT_VERSION
                    + ": use sluice-runtime and sluice-natives of the same version");
        }
    }

    static Path locate(@Nullable String configured) {
        if (configured != null) {
            Path file = Path.of(configured).toAbsolutePath();
            if (!Files.isRegularFile(file)) {
                throw new UnsatisfiedLinkError("-D" + PATH_PROPERTY + "=" + configured
                        + " is not a file: name the native library, or leave the property away to use the packed one");
            }
            return file;
        }
        return locatePacked(NativeLibrary.class.getClassLoader(), platform());
    }

    static Path locatePacked(@Nullable ClassLoader loader, String platform) {
        String resource = "META-INF/sluice/native/" + platform + "/" + fileName(platform);
        URL library = resource(loader, resource);
        if (library == null) {
            throw new UnsatisfiedLinkError("no native library for " + platform + ": there is no " + resource
                    + " on the class path; add sluice-natives for this platform (and, on a module path, --add-modules io.sluice.natives),"
                    + " or build it with `make build` and name it"
                    + " by -D" + PATH_PROPERTY);
        }
        try {
            return new ExtractedLibrary(ExtractedLibrary.userFolder(), fileName(platform))
                    .extract(library, checksum(resource(loader, resource + ".sha256")));
        } catch (IOException e) {
            throw new UnsatisfiedLinkError("the native library " + resource + " cannot be extracted to "
                    + ExtractedLibrary.userFolder() + ": " + e + "; make that folder writable, set -D"
                    + ExtractedLibrary.FOLDER_PROPERTY + ", or extract it yourself and name it by -D" + PATH_PROPERTY);
        }
    }

    private static @Nullable URL resource(@Nullable ClassLoader loader, String name) {
        return loader == null ? ClassLoader.getSystemResource(name) : loader.getResource(name);
    }

    private static Optional<String> checksum(@Nullable URL resource) throws IOException {
        if (resource == null) {
            return Optional.empty();
        }
        try (InputStream in = resource.openStream()) {
            String text = new String(in.readNBytes(1024), StandardCharsets.US_ASCII).strip();
            return Optional.of(text.split("\\s", 2)[0].toLowerCase(Locale.ROOT));
        }
    }

    /** {@code linux-x86_64}, {@code linux-x86_64-musl}, {@code macos-aarch64}, and so on. */
    static String platform() {
        String platform = platform(System.getProperty("os.name", "unknown"), System.getProperty("os.arch", "unknown"));
        return platform.startsWith("linux-") && runsOnMusl(Path.of("/proc/self/maps")) ? platform + "-musl" : platform;
    }

    /** Whether the JVM itself was loaded by musl's dynamic linker; a machine may have both C libraries. */
    static boolean runsOnMusl(Path maps) {
        try (Stream<String> lines = Files.lines(maps, StandardCharsets.ISO_8859_1)) {
            return lines.anyMatch(line -> line.contains("/ld-musl-"));
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    static String platform(String osName, String osArch) {
        String name = osName.toLowerCase(Locale.ROOT);
        String arch = osArch.toLowerCase(Locale.ROOT);
        String os;
        if (name.startsWith("mac")) {
            os = "macos";
        } else if (name.startsWith("windows")) {
            os = "windows";
        } else {
            os = name.replace(' ', '_');
        }
        return switch (arch) {
            case "amd64", "x86_64", "x64" -> os + "-x86_64";
            case "aarch64", "arm64" -> os + "-aarch64";
            default -> os + "-" + arch;
        };
    }

    static String fileName(String platform) {
        if (platform.startsWith("windows")) {
            return "sluice.dll";
        }
        return platform.startsWith("macos") ? "libsluice.dylib" : "libsluice.so";
    }
}
