package io.sluice.runtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A library extracted to a file that its content names, and that later JVMs use again.
 *
 * <p>The folder is the user's own and closed to others; a file is used only if its bytes have the checksum that its folder's
 * name says. Writing goes to a temporary file first, so that nobody ever sees half a library.
 */
final class ExtractedLibrary {
    /** The folder to extract to, instead of {@code $XDG_CACHE_HOME/sluice} or {@code ~/.cache/sluice}. */
    static final String FOLDER_PROPERTY = "sluice.native.folder";

    private static final String OWNER_ONLY = "rwx------";
    /** Belongs to whoever runs the process, on Linux. */
    private static final Path OURSELVES = Path.of("/proc/self");

    private final Path folder;
    private final String fileName;

    ExtractedLibrary(Path folder, String fileName) {
        this.folder = folder;
        this.fileName = fileName;
    }

    static Path userFolder() {
        String configured = System.getProperty(FOLDER_PROPERTY);
        if (configured != null) {
            return Path.of(configured).toAbsolutePath();
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        if (cache != null && Path.of(cache).isAbsolute()) {
            return Path.of(cache, "sluice");
        }
        return Path.of(System.getProperty("user.home", "."), ".cache", "sluice").toAbsolutePath();
    }

    /**
     * The file with the library's bytes, from an earlier time or written now.
     *
     * @param expected its SHA-256 in lower-case hex, if it is known without reading the library
     */
    Path extract(URL library, Optional<String> expected) throws IOException {
        String sha256;
        if (expected.isPresent()) {
            sha256 = expected.get();
        } else {
            try (InputStream in = library.openStream()) {
                sha256 = sha256(in);
            }
        }
        Path home = folder.resolve(checkHex(sha256));
        Path file = home.resolve(fileName);
        if (isIntact(home, file, sha256)) {
            return file;
        }
        createOwnFolder(folder);
        createOwnFolder(home);
        write(library, sha256, home, file);
        return file;
    }

    private void write(URL library, String sha256, Path home, Path file) throws IOException {
        Path temporary = Files.createTempFile(home, fileName, ".tmp");
        try {
            MessageDigest digest = newDigest();
            try (InputStream in = new DigestInputStream(library.openStream(), digest)) {
                Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
            }
            String found = HexFormat.of().formatHex(digest.digest());
            if (!found.equals(sha256)) {
                throw new IOException(library + " has the SHA-256 " + found + ", its .sha256 file says " + sha256
                        + ": the jar is damaged");
            }
            try {
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static String checkHex(String sha256) throws IOException {
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new IOException("\"" + sha256 + "\" is no SHA-256 in hex");
        }
        return sha256;
    }

    private static boolean isIntact(Path home, Path file, String sha256) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !isOwn(home)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return sha256(in).equals(sha256);
        }
    }

    private static void createOwnFolder(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            if (isPosix(path)) {
                Files.createDirectory(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
            } else {
                Files.createDirectory(path);
            }
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
            if (isPosix(path)) {
                // Fails for a folder of somebody else's, which is what we want.
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(OWNER_ONLY));
            }
        }
        if (!isOwn(path)) {
            throw new IOException(path + " is open to other users: it must be this user's and its mode 0700");
        }
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Whether only its owner can use it, and that is us: root can use everybody's. */
    private static boolean isOwn(Path directory) throws IOException {
        if (!isPosix(directory)) {
            return true;
        }
        PosixFileAttributes attributes =
                Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return PosixFilePermissions.toString(attributes.permissions()).equals(OWNER_ONLY)
                && (!Files.exists(OURSELVES) || Files.getOwner(OURSELVES).equals(attributes.owner()));
    }

    private static String sha256(InputStream in) throws IOException {
        MessageDigest digest = newDigest();
        byte[] buffer = new byte[1 << 16];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256, which every JVM must have", e);
        }
    }
}
