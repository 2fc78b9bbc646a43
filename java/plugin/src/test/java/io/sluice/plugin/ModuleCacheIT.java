package io.sluice.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.runtime.EngineConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleCacheIT {
    private static final String GUEST = "c/reject_without_where";
    private static final String OTHER = "c/allows_all";
    private static final Logger LOGGER = Logger.getLogger("io.sluice.plugin");

    @TempDir
    Path temporary;

    private Path folder;
    private final List<String> log = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            synchronized (log) {
                log.add(new SimpleFormatter().formatMessage(record));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        folder = temporary.resolve("below/cache");
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.removeHandler(handler);
    }

    private PluginHost host() {
        return PluginHost.builder().cacheFolder(folder).optimiserThreads(0).build();
    }

    private static void load(PluginHost host, String guest) {
        try (Plugin plugin = host.load(PluginConfig.of("cached"), Guests.source(guest));
                SqlLease lease = plugin.acquireSql()) {
            lease.before("delete from t".getBytes(StandardCharsets.UTF_8), 0, 13);
            assertThat(lease.hasError()).isEqualTo(guest.endsWith("reject_without_where"));
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted(Comparator.comparing(Path::toString)).toList();
        }
    }

    /** The one file of a folder in which one plugin was kept. */
    private Path keep(String guest) throws IOException {
        List<Path> before = Files.isDirectory(folder) ? files() : List.of();
        try (PluginHost host = host()) {
            load(host, guest);
            assertThat(host.moduleCache().hits.sum()).isZero();
        }
        List<Path> added = new ArrayList<>(files());
        added.removeAll(before);
        assertThat(added).hasSize(1);
        return added.get(0);
    }

    private void assertRefusedAndRebuilt(String reason) throws IOException {
        log.clear();
        try (PluginHost host = host()) {
            load(host, GUEST);
            assertThat(host.moduleCache().hits.sum()).isZero();
            assertThat(host.moduleCache().refused.sum()).isEqualTo(1);
        }
        assertThat(log)
                .singleElement()
                .asString()
                .startsWith("plugin 'cached': the code kept in " + folder)
                .contains(".code is not used, the plugin is compiled again: ")
                .endsWith(reason);
        log.clear();
        try (PluginHost host = host()) {
            load(host, GUEST);
            assertThat(host.moduleCache().hits.sum()).as("rebuilt").isEqualTo(1);
        }
        assertThat(log).isEmpty();
    }

    @Test
    void pluginIsCompiledOnceAndLoadedFromTheFileAfterwards() throws IOException {
        Path file = keep(GUEST);
        assertThat(Files.getPosixFilePermissions(folder)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (PluginHost host = host()) {
            load(host, GUEST);
            load(host, GUEST);
            assertThat(host.moduleCache().hits.sum()).isEqualTo(2);
        }
        assertThat(files()).containsExactly(file);
        assertThat(log).isEmpty();
    }

    @Test
    void withoutAFolderNothingIsKept() {
        try (PluginHost host = PluginHost.create()) {
            load(host, GUEST);
            assertThat(host.moduleCache().misses.sum()).isZero();
        }
        assertThat(folder).doesNotExist();
    }

    @Test
    void modulesAndConfigurationsHaveFilesOfTheirOwn() throws IOException {
        keep(GUEST);
        keep(OTHER);
        try (PluginHost host = PluginHost.builder()
                .cacheFolder(folder)
                .engineConfig(EngineConfig.defaults().withMaxFunctionBytes(1 << 20))
                .build()) {
            load(host, GUEST);
            assertThat(host.moduleCache().hits.sum()).isZero();
        }
        assertThat(files()).hasSize(3);
    }

    @Test
    void truncatedFileIsRefusedAndRebuilt() throws IOException {
        Path file = keep(GUEST);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
        assertRefusedAndRebuilt("it is cut short or damaged");
        Files.write(file, new byte[0]);
        assertRefusedAndRebuilt("it is too short to be serialized code");
    }

    @Test
    void changedFileIsRefusedAndRebuilt() throws IOException {
        Path file = keep(GUEST);
        byte[] whole = Files.readAllBytes(file);
        whole[whole.length / 2] ^= 1;
        Files.write(file, whole);
        assertRefusedAndRebuilt("it is cut short or damaged");
        whole[0] ^= 1;
        Files.write(file, whole);
        assertRefusedAndRebuilt("it was not made by Module.serialize()");
    }

    @Test
    void fileOfAnotherVersionOrProcessorIsRefusedAndRebuilt() throws IOException {
        Path file = keep(GUEST);
        byte[] whole = Files.readAllBytes(file);
        whole[8] ^= 1;
        Files.write(file, whole);
        assertRefusedAndRebuilt(
                "it was made by another version of Sluice, for another processor or another EngineConfig: "
                        + "compile it again");
    }

    @Test
    void fileOfAnotherModuleIsRefusedAndRebuilt() throws IOException {
        Path file = keep(GUEST);
        Path other = keep(OTHER);
        Files.copy(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertRefusedAndRebuilt("it is cut short or damaged");
    }

    @Test
    void fileThatOthersCanWriteIsRefusedAndRebuilt() throws IOException {
        Path file = keep(GUEST);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertRefusedAndRebuilt("other users can write to it: its mode is 666, it must be 600");
    }

    @Test
    void fileOfAnotherUserIsRefusedAndRebuilt() throws IOException {
        assumeTrue(Files.isWritable(Path.of("/")), "only root can give a file away");
        Path file = keep(GUEST);
        Files.setAttribute(file, "unix:uid", 65_534);
        assertRefusedAndRebuilt("it belongs to user 65534, this process runs as 0");
    }

    @Test
    void linkAndPipeInTheFilesPlaceAreRefusedAndReplaced() throws IOException, InterruptedException {
        Path file = keep(GUEST);
        Path moved = Files.move(file, temporary.resolve("elsewhere"));
        Files.createSymbolicLink(file, moved);
        log.clear();
        assertRefusedAndRebuilt("it cannot be opened: Too many levels of symbolic links (os error 40)");
        assertThat(Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS))
                .isTrue();

        Files.delete(file);
        assertThat(new ProcessBuilder("mkfifo", "-m", "600", file.toString())
                        .start()
                        .waitFor())
                .isZero();
        assertRefusedAndRebuilt("it is not a regular file");

        Files.delete(file);
        Files.createDirectory(file);
        assertRefusedAndRebuilt("it is not a regular file");
    }

    @Test
    void folderThatOthersCanUseIsNeitherReadNorWritten() throws IOException {
        Path file = keep(GUEST);
        byte[] kept = Files.readAllBytes(file);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (PluginHost host = host()) {
            load(host, GUEST);
            assertThat(host.moduleCache().hits.sum()).isZero();
        }
        assertThat(log).hasSize(2);
        assertThat(log.get(0)).endsWith("its folder is open to other users: its mode is 755, it must be 700");
        assertThat(log.get(1))
                .startsWith(
                        "plugin 'cached': its code is not kept for the next time: the code cannot be kept in " + folder)
                .endsWith("its folder is open to other users: its mode is 755, it must be 700");
        assertThat(Files.readAllBytes(file)).isEqualTo(kept);
    }

    @Test
    void folderThatCannotBeMadeCostsNothingButTime() throws IOException {
        Files.createDirectories(folder.getParent());
        Files.writeString(folder, "a file");
        try (PluginHost host = host()) {
            load(host, GUEST);
        }
        assertThat(log).isNotEmpty().last().asString().contains("its code is not kept for the next time");
        assertThat(folder).hasContent("a file");
    }

    @Test
    void fileSwappedWhileItIsReadIsEitherWholeOrRefused() throws Exception {
        Path file = keep("go/reject_without_where");
        byte[] whole = Files.readAllBytes(file);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread swapper = new Thread(() -> {
            try {
                for (int i = 0; !stop.get(); i++) {
                    byte[] next = whole.clone();
                    if (i % 2 == 0) {
                        java.util.Arrays.fill(next, next.length / 2, next.length, (byte) 0xCC);
                    }
                    // In place, so that a reader sees halves of both.
                    Files.write(file, next);
                }
            } catch (IOException e) {
                failure.set(e);
            }
        });
        swapper.start();
        try (PluginHost host = host()) {
            io.sluice.runtime.Engine engine = host.optimised().engine();
            ModuleCache cache = host.moduleCache();
            for (int i = 0; i < 60; i++) {
                cache.load(engine, file, "swapped").ifPresent(module -> {
                    try (module;
                            io.sluice.runtime.InstancePre pre =
                                    host.optimised().linker().instantiatePre(module)) {
                        assertThat(module.exports()).isNotEmpty();
                        assertThat(pre.isClosed()).isFalse();
                    }
                });
            }
            assertThat(cache.hits.sum() + cache.refused.sum() + cache.misses.sum())
                    .isEqualTo(60);
        } finally {
            stop.set(true);
            swapper.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(log).allSatisfy(line -> assertThat(line).containsAnyOf("cut short or damaged", "too short"));
    }

    @Test
    void manyLoadersOfOneFolderDoNotDisturbEachOther() throws Exception {
        List<Thread> threads = new ArrayList<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (PluginHost host = host()) {
            for (int t = 0; t < 4; t++) {
                String name = "cached" + t;
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < 5; i++) {
                        try (Plugin plugin = host.load(PluginConfig.of(name), Guests.source(GUEST))) {
                            assertThat(plugin.state()).isEqualTo(PluginState.SERVING);
                        }
                    }
                });
                thread.setUncaughtExceptionHandler((ignored, e) -> failure.set(e));
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(failure.get()).isNull();
        assertThat(log).isEmpty();
        assertThat(files()).hasSize(1);
    }

    @Test
    void leastRecentlyUsedFilesGoWhenTheFolderIsFull() throws IOException {
        Path old = keep(GUEST);
        Path used = keep(OTHER);
        Path third = keep("c/rewrite_query");
        long room = Files.size(old) + Files.size(used) + Files.size(third) - 1;
        Files.delete(third);
        Files.setLastModifiedTime(old, FileTime.fromMillis(1_000_000));
        Files.setLastModifiedTime(used, FileTime.fromMillis(2_000_000));
        Path stale = Files.writeString(folder.resolve("1-0.tmp"), "half");
        Files.setLastModifiedTime(stale, FileTime.fromMillis(1_000_000));
        try (PluginHost host =
                PluginHost.builder().cacheFolder(folder).cacheMaxBytes(room).build()) {
            // Using it makes it the younger one.
            load(host, GUEST);
            load(host, "c/rewrite_query");
        }
        assertThat(old).exists();
        assertThat(third).exists();
        assertThat(used).doesNotExist();
        assertThat(stale).doesNotExist();
        assertThat(files()).hasSize(2);
    }

    @Test
    void cacheOfNoBytesKeepsNothing() throws IOException {
        try (PluginHost host =
                PluginHost.builder().cacheFolder(folder).cacheMaxBytes(0).build()) {
            load(host, GUEST);
        }
        assertThat(files()).isEmpty();
        assertThatThrownBy(() -> PluginHost.builder().cacheMaxBytes(-1).build())
                .hasMessage("cache max bytes is -1; it must not be negative, 0 keeps nothing");
    }
}
