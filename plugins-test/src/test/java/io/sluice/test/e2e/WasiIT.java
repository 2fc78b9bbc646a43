package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a module built on wasi-libc finds: arguments, clocks, randomness and a log; no files. */
@Tag("conformance")
class WasiIT extends HostedTest {
    private static final String GUEST = "c_wasi/wasi_report";

    private Plugin plugin() {
        return load(GUEST);
    }

    @Test
    @Shows("WASI has one argument")
    void oneArgumentByDefault() {
        assertThat(errorBefore(plugin(), "args")).isEqualTo("1: plugin");
    }

    @Test
    void argumentsAndEnvironmentComeFromTheConfiguration() {
        PluginConfig config = PluginConfig.of("wasi_report")
                .withArguments(List.of("mask", "--strict", "é"))
                .withEnvironment(Map.of("GREETING", "hello"));
        Plugin plugin = load(GUEST, config);
        assertThat(errorBefore(plugin, "args")).isEqualTo("3: mask --strict é");
        assertThat(errorBefore(plugin, "env")).isEqualTo("hello");
    }

    @Test
    void hostsEnvironmentIsNotSeen() {
        assertThat(errorBefore(plugin(), "env")).isEqualTo("nothing");
    }

    @Test
    void clocksAreCoarse() {
        String[] seen = errorBefore(plugin(), "clock").split(" ", -1);
        assertThat(seen).hasSize(3);
        long resolution = Long.parseLong(seen[0]);
        assertThat(resolution).isEqualTo(1_000_000);
        assertThat(Long.parseLong(seen[1]) % resolution).isZero();
        assertThat(Long.parseLong(seen[2]) / 1_000_000)
                .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
    }

    @Test
    void everyInstanceDrawsItsOwnNumbers() {
        Plugin plugin = plugin();
        assertThat(List.of(errorBefore(plugin, "random"), errorBefore(plugin, "random")))
                .doesNotHaveDuplicates()
                .allMatch(number -> number.matches("[0-9a-f]{16}"));
    }

    @Test
    void standardStreamsAreTheLog() {
        CapturedLog log = logOf(GUEST);
        assertThat(errorBefore(plugin(), "stdio")).isEqualTo("written");
        assertThat(log.lines()).containsExactly("INFO to stdout", "ERROR to stderr");
    }

    @Test
    @Shows("file functions of WASI refuse")
    void filesAreRefused() {
        assertThat(errorBefore(plugin(), "file")).startsWith("-1 -1 ");
        assertThat(Files.exists(Path.of("escaped.txt"))).isFalse();
    }

    @Test
    void yieldAndSleepReturn() {
        assertThat(errorBefore(plugin(), "yield")).isEqualTo("0");
        String[] slept = errorBefore(plugin("napping"), "sleep").split(" ", -1);
        assertThat(slept[0]).isEqualTo("0");
        assertThat(Long.parseLong(slept[1])).isGreaterThanOrEqualTo(4_000_000);
    }

    @Test
    void exitEndsTheCallWithItsCode() {
        PluginException failure = failureBefore(plugin(), "exit");
        assertThat(failure).hasMessageContaining("5");
    }

    private Plugin plugin(String name) {
        return load(GUEST, PluginConfig.of(name));
    }
}
