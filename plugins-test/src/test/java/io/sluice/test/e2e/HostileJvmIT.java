package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever guests do, the JVM lives: each rule has a JVM of its own to lose. */
class HostileJvmIT {
    private final ChildJvm jvm;

    HostileJvmIT(@TempDir Path folder) {
        jvm = new ChildJvm(folder);
    }

    private ChildJvm.Ending survives(String... arguments) throws Exception {
        ChildJvm.Ending ending = jvm.run(HostileJvm.class, arguments);
        assertThat(ending.crashReports())
                .as("crash reports; output:\n%s", ending.output())
                .isEmpty();
        assertThat(ending.exitCode())
                .as("exit code; output:\n%s", ending.output())
                .isZero();
        assertThat(ending.output()).contains("the canary answers");
        return ending;
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xmixed", "-Xint", "-Dexplicit=true"})
    void jvmSurvivesRecursionOnThreadsOfAnySize(String option) throws Exception {
        jvm.with(option, "-Xss256k");
        assertThat(survives("recursion").output())
                .contains("hostile/recurses STACK_OVERFLOW", "hostile/recurses THREAD_STACK");
    }

    @Test
    void jvmSurvivesInfiniteLoops() throws Exception {
        assertThat(survives("loops").output())
                .contains("hostile/loops_before DEADLINE_EXCEEDED: 40", "hostile/fills_memory DEADLINE_EXCEEDED: 40");
    }

    @Test
    void jvmSurvivesModulesMadeByChance() throws Exception {
        assertThat(survives("mutants", "400").output()).contains("mutant, load: ", "mutant verdict: ");
    }

    @Test
    void jvmSurvivesMemoryBombs() throws Exception {
        jvm.with("-Xmx64m");
        survives("bombs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseSerialGC", "-XX:+UseParallelGC", "-XX:+UseZGC", "-Dexplicit=true"})
    void jvmSurvivesTrapStorm(String option) throws Exception {
        jvm.with(option, "-Xmx256m");
        assertThat(survives("traps", "4000").output())
                .contains("hostile/traps_of_every_kind INTEGER_DIVISION_BY_ZERO: 2000")
                .contains("hostile/traps_of_every_kind MEMORY_OUT_OF_BOUNDS: 2000");
    }
}
