package io.sluice.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.abi.SharedLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PluginConfigTest {
    private static final PluginConfig CONFIG = PluginConfig.of("p");
    private static final PluginLimits LIMITS = PluginLimits.defaults();

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(CONFIG.isolation()).isEqualTo(Isolation.perRequest());
        assertThat(CONFIG.failPolicy()).isEqualTo(FailPolicy.CLOSED);
        assertThat(CONFIG.maxInstances()).isGreaterThanOrEqualTo(32);
        assertThat(CONFIG.maxWait()).isEqualTo(Duration.ofMillis(500));
        assertThat(CONFIG.configuration()).isEmpty();
        assertThat(CONFIG.grants()).isEmpty();
        assertThat(CONFIG.sharedLimits()).isSameAs(SharedLimits.defaults());
        assertThat(CONFIG.logRecordsPerSecond()).isEqualTo(100);
        assertThat(CONFIG.arguments()).containsExactly("plugin");
        assertThat(CONFIG.environment()).isEmpty();
        assertThat(CONFIG.version()).isEmpty();
        assertThat(LIMITS.fuelPerCall()).isEqualTo(50_000_000);
        assertThat(LIMITS.deadline()).isEqualTo(Duration.ofMillis(100));
        assertThat(LIMITS.startFuel()).isEqualTo(500_000_000);
        assertThat(LIMITS.startDeadline()).isEqualTo(Duration.ofSeconds(1));
        assertThat(LIMITS.maxMemoryBytes()).isEqualTo(67_108_864);
        assertThat(LIMITS.maxLogBytes()).isEqualTo(65_536);
        assertThat(LIMITS.maxResultBytes()).isEqualTo(16_777_216);
    }

    @Test
    void copyKeepsEverythingElse() {
        PluginConfig full = CONFIG.withVersion("1.2")
                .withLimits(LIMITS.withFuelPerCall(1).withStartFuel(2).withMaxLogBytes(3))
                .withIsolation(Isolation.pooled())
                .withFailPolicy(FailPolicy.OPEN)
                .withMaxInstances(7)
                .withMaxWait(Duration.ZERO)
                .withLogRecordsPerSecond(5)
                .withArguments(List.of("a", "b"))
                .withEnvironment(Map.of("K", "V"))
                .withConfiguration("{\"a\": 1}")
                .withGrants(Set.of(QueryProperty.USER, QueryProperty.KIND))
                .withSharedLimits(SharedLimits.defaults().withMaxEntries(7));

        PluginConfig copy = full.withName("q");

        assertThat(copy.name()).isEqualTo("q");
        assertThat(copy).usingRecursiveComparison().ignoringFields("name").isEqualTo(full);
        assertThat(CONFIG.failPolicy()).isEqualTo(FailPolicy.CLOSED);
        assertThatCode(() -> copy.check(1 << 30)).doesNotThrowAnyException();
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of(CONFIG.withName(""), "plugin '': the name is empty; give it one"),
                Arguments.of(CONFIG.withMaxInstances(0), "plugin 'p': max instances is 0; it must be 1 to 65536"),
                Arguments.of(
                        CONFIG.withMaxWait(Duration.ofMillis(-1)),
                        "plugin 'p': max wait is PT-0.001S; it must not be negative"),
                Arguments.of(
                        CONFIG.withLogRecordsPerSecond(0),
                        "plugin 'p': log records per second is 0; it must be at least 1"),
                Arguments.of(
                        CONFIG.withArguments(List.of()),
                        "plugin 'p': there is no argument; give at least the program's name"),
                Arguments.of(
                        CONFIG.withConfiguration("[1]"),
                        "plugin 'p': the guest's configuration is no JSON object; it must begin with '{' and end with '}'"),
                Arguments.of(
                        CONFIG.withConfiguration("{" + " ".repeat(1 << 20) + "}"),
                        "plugin 'p': the guest's configuration has 1048578 characters; it must not have more than 1048576"),
                Arguments.of(
                        CONFIG.withLimits(LIMITS.withMaxMemoryBytes(1L << 31)),
                        "plugin 'p': memory limit is 2147483648 bytes but the host's engine allows 1073741824;"
                                + " raise EngineConfig.maxMemoryBytes"),
                Arguments.of(
                        CONFIG.withLimits(LIMITS.withMaxMemoryBytes(1)),
                        "plugin 'p': memory limit is 1 bytes; it must be at least one page of 65536 bytes"),
                Arguments.of(
                        CONFIG.withLimits(LIMITS.withFuelPerCall(0)),
                        "plugin 'p': fuel per call is 0; it must be at least 1"),
                Arguments.of(
                        CONFIG.withLimits(LIMITS.withStartFuel(0)),
                        "plugin 'p': start fuel is 0; it must be at least 1"),
                Arguments.of(
                        CONFIG.withLimits(LIMITS.withDeadline(Duration.ZERO)),
                        "plugin 'p': deadline is PT0S; it must be above zero"),
                Arguments.of(
                        CONFIG.withLimits(LIMITS.withStartDeadline(Duration.ofNanos(-1))),
                        "plugin 'p': start deadline is PT-0.000000001S; it must be above zero"),
                Arguments.of(
                        CONFIG.withLimits(LIMITS.withMaxLogBytes(-1)),
                        "plugin 'p': log limit is -1 bytes; it must not be negative"),
                Arguments.of(
                        CONFIG.withLimits(LIMITS.withMaxResultBytes(0)),
                        "plugin 'p': result limit is 0 bytes; it must be at least 1"),
                Arguments.of(
                        CONFIG.withIsolation(Isolation.pooled(0, Duration.ofSeconds(1), 1)),
                        "plugin 'p': isolation retires an instance after 0 calls; it must be at least 1"),
                Arguments.of(
                        CONFIG.withIsolation(Isolation.pooled(1, Duration.ZERO, 1)),
                        "plugin 'p': isolation retires an instance at the age of PT0S; it must be above zero"),
                Arguments.of(
                        CONFIG.withIsolation(Isolation.pooled(1, Duration.ofSeconds(1), -1)),
                        "plugin 'p': isolation's memory high-water mark is -1 bytes; it must not be negative"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void valueThatMakesNoSenseIsReportedByItsUse(PluginConfig config, String message) {
        assertThatThrownBy(() -> config.check(1 << 30))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
