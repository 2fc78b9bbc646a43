package io.sluice.test.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native library on its way into a JVM: folders that take nothing, two JVMs at once, files that are something else. */
class LibraryFaultsIT {
    @TempDir
    Path temporary;

    private Process start(List<String> wrapper, List<String> options, String... commands) throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx64m"));
        command.addAll(options);
        command.addAll(List.of("-cp", Doomed.absoluteClassPath(), LibraryChild.class.getName()));
        command.addAll(List.of(commands));
        return new ProcessBuilder(command)
                .directory(temporary.toFile())
                .redirectErrorStream(true)
                .start();
    }

    private static List<String> outputOf(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output.lines().toList();
    }

    private static String folder(Path folder) {
        return "-Dsluice.native.folder=" + folder;
    }

    /** A mount of its own for the JVM, of which nobody else sees anything. */
    private List<String> mounted(Path folder, String options) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        String mount = "mount -t tmpfs -o mode=0700," + options + " tmpfs " + folder;
        Process probe = new ProcessBuilder("unshare", "--mount", "bash", "-c", mount)
                .redirectErrorStream(true)
                .start();
        probe.getInputStream().readAllBytes();
        assumeTrue(probe.waitFor() == 0, "a tmpfs cannot be mounted here: not tried");
        return List.of("unshare", "--mount", "bash", "-c", mount + " && exec \"$@\"", "mounted");
    }

    @Test
    void severalJvmsExtractAtOnce() throws Exception {
        Path folder = temporary.resolve("shared");
        List<Process> jvms = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            jvms.add(start(List.of(), List.of(folder(folder))));
        }
        for (Process jvm : jvms) {
            assertThat(outputOf(jvm)).containsExactly("loaded");
        }
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(1);
        }
    }

    @Test
    void aFolderThatIsReadOnlyIsNamedWithWhatToDo() throws Exception {
        Path folder = temporary.resolve("read-only");
        List<String> output = outputOf(start(mounted(folder, "ro"), List.of(folder(folder))));
        assertThat(output).singleElement().asString().startsWith("refused: the native library META-INF/sluice/native/");
        assertThat(output.get(0))
                .contains("cannot be extracted to " + folder, "Read-only file system", "make that folder writable");
    }

    @Test
    void aFolderThatIsFullIsNamedAndTriedAgainWhenItHasRoom() throws Exception {
        Path folder = temporary.resolve("full");
        String remount = "mount -o remount,size=64m " + folder;
        List<String> output =
                outputOf(start(mounted(folder, "size=1m"), List.of(folder(folder)), "true", remount, "true"));
        assertThat(output).hasSize(4);
        assertThat(output.subList(0, 2))
                .allSatisfy(line -> assertThat(line)
                        .contains("cannot be extracted to " + folder, "No space left on device", "make that folder"));
        assertThat(output.subList(2, 4)).containsExactly("loaded", "loaded");
    }

    @Test
    void aLibraryThatIsAnothersOrOfAnotherVersionIsRefused() throws Exception {
        Path home = Path.of(System.getProperty("java.home"));
        Path source = temporary.resolve("other.c");
        Files.writeString(source, """
                #include <jni.h>
                JNIEXPORT jint JNICALL VERSION(JNIEnv *env, jclass type) { return 1; }
                """);
        Path other = temporary.resolve("other.so");
        Launcher.compile(home, other, source, "-shared", "-fPIC", "-DVERSION=nothing_of_ours");
        assertThat(outputOf(start(List.of(), List.of("-Dsluice.native.path=" + other), "true")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .startsWith("refused: the file " + other + " was loaded, but is not sluice's native library:"));
        Path old = temporary.resolve("old.so");
        String symbol = "Java_io_sluice_runtime_internal_LibraryNative_contractVersion";
        Launcher.compile(home, old, source, "-shared", "-fPIC", "-DVERSION=" + symbol);
        assertThat(outputOf(start(List.of(), List.of("-Dsluice.native.path=" + old), "true")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .startsWith("refused: the native library " + old + " speaks version 1 of the boundary")
                        .endsWith("use sluice-runtime and sluice-natives of the same version"));
    }
}
