package io.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import org.junit.jupiter.api.Test;

class CrossingGuestTest {

    @Test
    void bytesAreAModuleWithFourExports() {
        WasmModule module = Parser.parse(CrossingGuest.bytes());

        assertThat(module.importSection().importCount()).isEqualTo(2);
        assertThat(module.exportSection().exportCount()).isEqualTo(4);
    }
}
