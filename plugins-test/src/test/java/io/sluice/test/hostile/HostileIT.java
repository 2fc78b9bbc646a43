package io.sluice.test.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The attacks that each run of the tests can afford, and that the harness sees what it is there to see. */
class HostileIT {
    private static Hostile.Outcome run(Doomed... jvms) throws Exception {
        return Hostile.run(List.of(jvms), false);
    }

    @Test
    void harnessSeesCrash() throws Exception {
        Hostile.Outcome outcome = run(Doomed.of("crash", 60, "crash"));
        assertThat(outcome.crashes()).isEqualTo(1);
        assertThat(outcome.isGood()).isFalse();
        // An error file and, where cores may be written, a core of hundreds of megabytes.
        assertThat(outcome.kept()).hasSize(1);
        Doomed.delete(outcome.kept().get(0));
    }

    @Test
    void harnessSeesHang() throws Exception {
        Hostile.Outcome outcome = run(Doomed.of("hang", 6, "hang"));
        assertThat(outcome.hangs()).isEqualTo(1);
        assertThat(outcome.crashes()).isZero();
        assertThat(outcome.isGood()).isFalse();
    }

    @Test
    void harnessSeesLeaksAndWrongAnswers() throws Exception {
        Hostile.Outcome outcome = run(Doomed.of("leak", 60, "leak", "surprise"));
        assertThat(outcome.leaks()).isEqualTo(1);
        assertThat(outcome.wrong()).containsExactly("leak: this is a test of the harness");
        assertThat(outcome.isGood()).isFalse();
    }

    @Test
    void nothingBringsTheJvmDown() throws Exception {
        Hostile.Outcome outcome = Hostile.run(Plan.of("quick"), true);
        assertThat(outcome.wrong()).isEmpty();
        assertThat(outcome.toString()).endsWith("0 crashes, 0 hangs, 0 leaks, 0 secrets");
        assertThat(outcome.guests()).isGreaterThan(20);
        assertThat(outcome.modules()).isGreaterThan(1_000);
        assertThat(outcome.misuse()).isGreaterThan(10_000);
    }
}
