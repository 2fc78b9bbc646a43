package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;

/** The suite runs on the JDK that was asked for. */
class JdkVersionTest {
    @Test
    void runningVersionIsTheExpectedOne() {
        String expected = System.getProperty("sluice.expected.jdk");
        assumeThat(expected).as("sluice.expected.jdk").isNotNull();
        assertThat(Runtime.version().feature()).hasToString(expected);
    }
}
