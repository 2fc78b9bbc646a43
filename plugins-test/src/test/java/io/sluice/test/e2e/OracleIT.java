package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Plugin;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An independent binding must see the same guest do the same. */
class OracleIT extends HostedTest {
    @Test
    void sluiceAgreesWithAnotherBinding(@TempDir Path folder) throws Exception {
        ChildJvm.Ending ending = new ChildJvm(folder).run(Oracle.class);
        assertThat(ending.exitCode()).as(ending.output()).isZero();
        List<String> theirs = ending.output()
                .lines()
                .filter(line -> line.startsWith("verdict: "))
                .map(line -> line.substring("verdict: ".length()))
                .toList();
        Plugin plugin = load(GuestFiles.REJECT);
        List<String> ours = Verdicts.table().keySet().stream()
                .map(query -> errorBefore(plugin, query))
                .toList();
        assertThat(theirs).hasSizeGreaterThanOrEqualTo(20).isEqualTo(ours);
    }
}
