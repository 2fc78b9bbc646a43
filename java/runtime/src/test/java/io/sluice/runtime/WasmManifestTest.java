package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class WasmManifestTest {
    @Test
    void everyGuestIsBuiltFromTheSourceBesideIt() throws Exception {
        String manifest = new String(Guests.resource("SHA256SUMS"), StandardCharsets.UTF_8);
        List<String> lines = manifest.lines().toList();
        assertThat(lines).isNotEmpty();
        for (String line : lines) {
            String[] parts = line.split(" {2}", -1);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Guests.resource(parts[1]));
            assertThat(HexFormat.of().formatHex(digest))
                    .as(parts[1] + " was changed: run build.sh")
                    .isEqualTo(parts[0]);
            String other =
                    parts[1].endsWith(".wat") ? parts[1].replace(".wat", ".wasm") : parts[1].replace(".wasm", ".wat");
            assertThat(manifest).contains("  " + other + "\n");
        }
    }
}
