package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The suite runs on the JDK that was asked for. */
class JdkVersionTest {
    @Test
    @EnabledIfSystemProperty(named = "sluice.expected.jdk", matches = ".+")
    void runningVersionIsTheExpectedOne() {
        assertThat(Runtime.version().feature()).hasToString(System.getProperty("sluice.expected.jdk"));
    }
}
