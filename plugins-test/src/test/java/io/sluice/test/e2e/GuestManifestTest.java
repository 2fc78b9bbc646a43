package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each guest's manifest tells what its module was built from and how. */
class GuestManifestTest {
    private static final String HINT = "; run plugins-test/guests/build %s";

    static Stream<String> guests() {
        return GuestFiles.all().stream();
    }

    @ParameterizedTest
    @MethodSource("guests")
    void manifestAgreesWithSourcesAndModule(String guest) throws Exception {
        Path folder = GuestFiles.root().resolve(guest);
        Properties manifest = manifest(folder);
        assertThat(manifest.getProperty("toolchain")).as("toolchain").isNotBlank();
        assertThat(manifest.getProperty("command")).as("command").isNotBlank();
        for (String key : manifest.stringPropertyNames()) {
            if (key.startsWith("source.") || key.startsWith("output.")) {
                Path file = folder.resolve(key.substring("source.".length()));
                assertThat(sha256(file)).as(key + " of " + guest + HINT, guest).isEqualTo(manifest.getProperty(key));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("guests")
    void manifestNamesEveryFileOfTheGuest(String guest) throws IOException {
        Path folder = GuestFiles.root().resolve(guest);
        Set<String> named = manifest(folder).stringPropertyNames().stream()
                .filter(key -> key.startsWith("source.") || key.startsWith("output."))
                .map(key -> key.substring("source.".length()))
                .filter(name -> !name.startsWith(".."))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> there;
        try (Stream<Path> files = Files.walk(folder)) {
            there = files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> !name.equals("manifest.properties"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        assertThat(named)
                .as("files that the manifest of %s names" + HINT, guest, guest)
                .isEqualTo(there);
    }

    @Test
    void thereAreGuestsInEveryLanguageAndDialect() {
        Set<String> folders = GuestFiles.all().stream()
                .map(guest -> guest.substring(0, guest.indexOf('/')))
                .collect(Collectors.toSet());
        assertThat(folders)
                .containsExactlyInAnyOrder(
                        "assemblyscript",
                        "c",
                        "c_wasi",
                        "dialect_a",
                        "dialect_b",
                        "go",
                        "hostile",
                        "java",
                        "rust",
                        "sluice",
                        "upstream",
                        "wat");
    }

    private static Properties manifest(Path folder) throws IOException {
        Properties manifest = new Properties();
        try (Reader reader = Files.newBufferedReader(folder.resolve("manifest.properties"))) {
            manifest.load(reader);
        }
        return manifest;
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
