package io.sluice.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
    @TempDir
    Path folder;

    @Test
    void platformsHaveOneName() {
        assertThat(NativeLibrary.platform("Linux", "amd64")).isEqualTo("linux-x86_64");
        assertThat(NativeLibrary.platform("Linux", "aarch64")).isEqualTo("linux-aarch64");
        assertThat(NativeLibrary.platform("Mac OS X", "aarch64")).isEqualTo("macos-aarch64");
        assertThat(NativeLibrary.platform("Windows 11", "amd64")).isEqualTo("windows-x86_64");
        assertThat(NativeLibrary.platform("Linux", "riscv64")).isEqualTo("linux-riscv64");
        assertThat(NativeLibrary.fileName("linux-x86_64")).isEqualTo("libsluice.so");
        assertThat(NativeLibrary.fileName("macos-aarch64")).isEqualTo("libsluice.dylib");
        assertThat(NativeLibrary.fileName("windows-x86_64")).isEqualTo("sluice.dll");
    }

    @Test
    void aPlatformWithoutLibraryIsNamedWithWhatToDo() throws Exception {
        try (URLClassLoader empty = new URLClassLoader(new URL[0], null)) {
            assertThatThrownBy(() -> NativeLibrary.locatePacked(empty, "linux-riscv64"))
                    .isInstanceOf(UnsatisfiedLinkError.class)
                    .hasMessage(
                            "no native library for linux-riscv64: there is no "
                                    + "META-INF/sluice/native/linux-riscv64/libsluice.so on the class path; add sluice-natives "
                                    + "for this platform (and, on a module path, --add-modules io.sluice.natives), or build it with `make build` and name it by -Dsluice.native.path");
        }
    }

    @Test
    void aConfiguredPathMustBeAFile() {
        Path missing = folder.resolve("missing.so");
        assertThatThrownBy(() -> NativeLibrary.locate(missing.toString()))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessage("-Dsluice.native.path=" + missing + " is not a file: name the native library, or leave the "
                        + "property away to use the packed one");
    }

    @Test
    void aLibraryOfAnotherContractIsRefused() {
        assertThatThrownBy(() -> NativeLibrary.checkContract(7, Path.of("libsluice.so")))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessage(
                        "the native library libsluice.so speaks version 7 of the boundary, this sluice-runtime speaks "
                                + "version 2: use sluice-runtime and sluice-natives of the same version");
    }

    @Test
    void muslIsToldByTheLinkerThatLoadedTheJvm() throws IOException {
        Path musl = Files.writeString(
                folder.resolve("musl"), "7f00-7f01 r-xp 00000000 08:01 17 /lib/ld-musl-x86_64.so.1\n");
        Path glibc = Files.writeString(
                folder.resolve("glibc"),
                "7f00-7f01 r-xp 00000000 08:01 17 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n");
        assertThat(NativeLibrary.runsOnMusl(musl)).isTrue();
        assertThat(NativeLibrary.runsOnMusl(glibc)).isFalse();
        assertThat(NativeLibrary.runsOnMusl(folder.resolve("missing"))).isFalse();
    }
}
