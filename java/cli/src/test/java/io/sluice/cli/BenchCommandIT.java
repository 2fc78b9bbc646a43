package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Guests;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code sluice plugin bench} as its user sees it. */
class BenchCommandIT {
    @Test
    void benchSaysWhatAPluginTakes() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Sluice.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String plugin = Guests.folder()
                .resolve("c/reject_without_where/reject_without_where.wasm")
                .toString();
        assertThat(line.execute("plugin", "bench", plugin, "--query", "delete from t", "--calls", "200"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .startsWith("reject_without_where.wasm: ")
                .contains("before and after, 200 queries: refused: ")
                .containsPattern("fuel: p50 [1-9][0-9,]*, p99 ")
                .containsPattern("time: p50 [0-9.]+ µs, p99 ")
                .containsPattern("memory: [1-9][0-9,]* KiB an instance");
        assertThat(line.execute("plugin", "bench", "nowhere.wasm", "--query", "select 1"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("there is no file nowhere.wasm");
    }
}
