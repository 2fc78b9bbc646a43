package io.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sluice.bench.Contestant.InstanceUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GraalWasm with the Graal compiler, which needs a JVM with options of its own, and a JDK that it fits. */
class GraalCompilerIT {

    @TempDir
    Path folder;

    @BeforeEach
    void onAJdkThatGraalWasmRunsOn() {
        assumeThat(Runtime.version().feature()).isEqualTo(25);
    }

    @Test
    void compiledContestantGivesTheExpectedAnswer() throws IOException, InterruptedException {
        Path file = folder.resolve("answers.json");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Contestants.jvmArgs(Contestants.GRAALWASM_COMPILED));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ColdProgram.class.getName()));
        command.addAll(List.of(Contestants.GRAALWASM_COMPILED, file.toString()));

        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();

        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        assertThat(file).content().contains("bytes to first answer");
    }

    @Test
    void interpreterIsNotMeasuredAsTheCompiler() {
        assertThatThrownBy(() -> Contestants.open(Contestants.GRAALWASM_COMPILED, InstanceUse.REUSED))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "GraalWasm runs on the engine \"Interpreted\", which only interprets: the Graal compiler was not"
                                + " found or does not fit this JDK");
    }
}
