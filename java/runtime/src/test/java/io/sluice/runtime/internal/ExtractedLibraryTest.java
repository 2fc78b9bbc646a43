package io.sluice.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtractedLibraryTest {
    private static final byte[] BYTES = "a library".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    @TempDir
    Path temp;

    private URL library;
    private String sha256;
    private Path folder;
    private ExtractedLibrary extracted;

    @BeforeEach
    void write() throws Exception {
        Path file = Files.write(temp.resolve("packed"), BYTES);
        library = file.toUri().toURL();
        sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(BYTES));
        folder = temp.resolve("cache").resolve("sluice");
        extracted = new ExtractedLibrary(folder, "libsluice.so");
    }

    @Test
    void theFileIsNamedByItsContent() throws Exception {
        Path file = extracted.extract(library, Optional.of(sha256));
        assertThat(file)
                .isEqualTo(folder.resolve(sha256).resolve("libsluice.so"))
                .hasBinaryContent(BYTES);
        assertThat(extracted.extract(library, Optional.empty())).isEqualTo(file);
    }

    @Test
    void theFolderIsTheUsersOwn() throws Exception {
        extracted.extract(library, Optional.of(sha256));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(sha256))))
                .isEqualTo("rwx------");
    }

    @Test
    void anIntactFileIsUsedAgain() throws Exception {
        Path file = extracted.extract(library, Optional.of(sha256));
        FileTime old = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(file, old);
        extracted.extract(library, Optional.of(sha256));
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(old);
    }

    @Test
    void aDamagedFileIsWrittenAgain() throws Exception {
        Path file = extracted.extract(library, Optional.of(sha256));
        Files.write(file, new byte[] {1, 2, 3});
        assertThat(extracted.extract(library, Optional.of(sha256))).hasBinaryContent(BYTES);
    }

    @Test
    void aFolderThatOthersCanWriteIsClosedToThemAndItsFileNotTrusted() throws Exception {
        Path file = extracted.extract(library, Optional.of(sha256));
        Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
        extracted.extract(library, Optional.of(sha256));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void aFolderOfAnotherUsersIsRefused() throws Exception {
        Path file = extracted.extract(library, Optional.of(sha256));
        try {
            Files.setAttribute(file.getParent(), "unix:uid", 12_345);
        } catch (IOException e) {
            Assumptions.abort("only root gives folders away, and only root could use them: " + e);
        }
        assertThatThrownBy(() -> extracted.extract(library, Optional.of(sha256)))
                .isInstanceOf(IOException.class)
                .hasMessage(file.getParent() + " is open to other users: it must be this user's and its mode 0700");
    }

    @Test
    void aLinkInPlaceOfTheFileIsReplaced() throws Exception {
        Path file = extracted.extract(library, Optional.of(sha256));
        Path elsewhere = Files.write(temp.resolve("elsewhere"), BYTES);
        Files.delete(file);
        Files.createSymbolicLink(file, elsewhere);
        extracted.extract(library, Optional.of(sha256));
        assertThat(Files.isSymbolicLink(file)).isFalse();
        assertThat(file).hasBinaryContent(BYTES);
    }

    @Test
    void aJarWhoseChecksumIsWrongIsRefused() throws Exception {
        String wrong = "0".repeat(64);
        assertThatThrownBy(() -> extracted.extract(library, Optional.of(wrong)))
                .isInstanceOf(IOException.class)
                .hasMessage(library + " has the SHA-256 " + sha256 + ", its .sha256 file says " + wrong
                        + ": the jar is damaged");
        try (Stream<Path> left = Files.list(folder.resolve(wrong))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aChecksumThatIsNoneIsRefused() {
        assertThatThrownBy(() -> extracted.extract(library, Optional.of("../../etc")))
                .isInstanceOf(IOException.class)
                .hasMessage("\"../../etc\" is no SHA-256 in hex");
    }
}
