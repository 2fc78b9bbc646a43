package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PluginPackingTest {
    @Test
    void packedBinaryComesOutAsItWas() throws IOException {
        byte[] wasm = new byte[100_000];
        Arrays.fill(wasm, 5_000, 50_000, (byte) 7);
        byte[] packed = PluginPacking.pack(wasm, "bzip2");
        assertThat(packed.length).isLessThan(1000);
        assertThat(PluginPacking.unpack(packed, "bzip2", wasm.length)).isEqualTo(wasm);
        assertThat(PluginPacking.unpack(wasm, "", wasm.length)).isEqualTo(wasm);
    }

    @Test
    void unpackingStopsAtTheLimit() throws IOException {
        byte[] bomb = PluginPacking.pack(new byte[64 << 20], "bzip2");
        assertThat(bomb.length).isLessThan(1000);
        assertThatThrownBy(() -> PluginPacking.unpack(bomb, "bzip2", 1 << 20))
                .isInstanceOf(IOException.class)
                .hasMessage("it has more than the 1048576 bytes that a module may have");
    }

    @Test
    void garbageAndOtherAlgorithmsAreRefused() {
        assertThatThrownBy(() -> PluginPacking.unpack(new byte[] {1, 2, 3}, "bzip2", 100))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> PluginPacking.unpack(new byte[] {1, 2, 3}, "gzip", 100))
                .hasMessage("compress_algorithm is 'gzip'; it must be bzip2 or empty");
    }
}
