package io.sluice.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginSourceTest {
    @Test
    void bytesAreCopiedWhenTheyAreGiven() throws IOException {
        byte[] bytes = {1, 2, 3};
        PluginSource source = PluginSource.bytes(bytes);
        bytes[0] = 9;

        assertThat(source.read(3)).containsExactly(1, 2, 3);
        assertThat(source.read(3)).containsExactly(1, 2, 3);
        assertThat(source.defaultName()).isEqualTo("plugin");
        assertThat(source).hasToString("3 bytes of memory");
    }

    @Test
    void fileIsReadEachTimeAnew(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("my.plugin.wasm");
        Files.write(file, new byte[] {1});
        PluginSource source = PluginSource.file(file);
        assertThat(source.read(8)).containsExactly(1);

        Files.write(file, new byte[] {2, 2});

        assertThat(source.read(8)).containsExactly(2, 2);
        assertThat(source.defaultName()).isEqualTo("my.plugin");
        assertThat(source).hasToString("file " + file);
    }

    @Test
    void folderGivesItsWasmFilesInOrder(@TempDir Path folder) throws IOException {
        for (String name : new String[] {"b.wasm", "a.wasm", "c.txt"}) {
            Files.write(folder.resolve(name), new byte[1]);
        }
        Files.createDirectory(folder.resolve("d.wasm"));

        assertThat(PluginSource.directory(folder))
                .extracting(PluginSource::defaultName)
                .containsExactly("a", "b");
    }

    @Test
    void folderThatIsNotThereIsNamed(@TempDir Path folder) {
        Path missing = folder.resolve("missing");

        assertThatThrownBy(() -> PluginSource.directory(missing))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("folder " + missing + " cannot be read for plugins");
    }

    @Test
    void resourceIsReadFromTheClassPath() throws IOException {
        PluginSource source = PluginSource.resource(PluginSourceTest.class, "PluginSourceTest.class");

        assertThat(source.read(1 << 20)).startsWith(0xca, 0xfe, 0xba, 0xbe);
        assertThat(source).hasToString("resource PluginSourceTest.class of io.sluice.plugin.PluginSourceTest");
    }

    @Test
    void moreBytesThanAllowedAreRefused() {
        assertThatThrownBy(() -> PluginSource.bytes(new byte[5]).read(4))
                .isInstanceOf(IOException.class)
                .hasMessage("it has more than the 4 bytes that the engine takes; raise EngineConfig.maxModuleBytes");
    }
}
