package io.sluice.cli.plugin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines of source from a module with one function and DWARF 4 written by hand. */
class SymbolsTest {
    /** Nine standard opcodes with their operands, no folders, one file. */
    private static final String HEADER =
            "01 01 01 fb 0e 0d 00 01 01 01 01 00 00 00 01 00 00 01 00" + hex("plugin.c") + "00 00 00 00" + "00";

    /** Line 10 at 2, line 11 at 6, the end at 10. */
    private static final String PROGRAM =
            "00 05 02 02 00 00 00" + "03 09 01" + "02 04" + "03 01 01" + "02 04" + "00 01 01";

    @TempDir
    Path folder;

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(US_ASCII));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static String number(int value) {
        return HexFormat.of().toHexDigits(Integer.reverseBytes(value));
    }

    private WasmFile module(String lines) throws IOException {
        byte[] content = bytes("0b" + hex(".debug_line") + lines);
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        module.write(bytes("00 61 73 6d 01 00 00 00"));
        module.write(bytes("01 04 01 60 00 00" + "03 02 01 00" + "0a 04 01 02 00 0b"));
        module.write(0);
        module.write(content.length);
        module.write(content);
        return WasmFile.read(Files.write(folder.resolve("plugin.wasm"), module.toByteArray()));
    }

    private static String unit(String header, String program) {
        int headerLength = bytes(header).length;
        int length = 2 + 4 + headerLength + bytes(program).length;
        return number(length) + "04 00" + number(headerLength) + header + program;
    }

    @Test
    void anAddressHasTheLineThatBeginsAtItOrBefore() throws IOException {
        WasmFile file = module(unit(HEADER, PROGRAM));
        LineTable lines = LineTable.of(file);
        assertThat(lines.placeOf(file.codeStart() + 1)).isEmpty();
        assertThat(lines.placeOf(file.codeStart() + 2)).isEqualTo("plugin.c:10");
        assertThat(lines.placeOf(file.codeStart() + 5)).isEqualTo("plugin.c:10");
        assertThat(lines.placeOf(file.codeStart() + 6)).isEqualTo("plugin.c:11");
        assertThat(lines.placeOf(file.codeStart() + 10)).isEmpty();
    }

    @Test
    void aDamagedUnitLeavesThoseBeforeIt() throws IOException {
        WasmFile file = module(unit(HEADER, PROGRAM) + "ff ff ff 7f 04 00");
        assertThat(LineTable.of(file).placeOf(file.codeStart() + 2)).isEqualTo("plugin.c:10");
    }

    @Test
    void aModuleWithoutDebugInformationHasNoLines() {
        WasmFile file = WasmFile.read(Examples.module("reject_without_where/c"));
        assertThat(LineTable.of(file).placeOf(file.codeStart() + 2)).isEmpty();
    }
}
