package io.sluice.test.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.Module;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * The official WebAssembly testsuite through the Java API, on an engine as a plugin gets it. Every eighth script of each folder in
 * the ordinary test run, all of them with {@code -Dsluice.conformance=full}.
 */
@Tag("conformance")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SpecTestsuiteIT {
    private static final boolean FULL = "full".equals(System.getProperty("sluice.conformance"));
    private static final int THINNED = 8;

    private final Tally tally = new Tally();
    private final Engine engine = Engine.create(EngineConfig.defaults());
    private Module spectest;

    @BeforeAll
    void compileSpectest() throws IOException {
        spectest = Module.compile(engine, Files.readAllBytes(SpecArchive.root().resolve("spectest.wasm")));
    }

    @AfterAll
    void writeTally() {
        spectest.close();
        engine.close();
        tally.write(FULL ? "spec" : "spec-thinned");
        assertThat(tally.passed()).as("assertions that passed").isGreaterThanOrEqualTo(FULL ? 60_000 : 5_000);
    }

    @TestFactory
    Stream<DynamicTest> everyAssertionHolds() {
        List<DynamicTest> tests = new ArrayList<>();
        int number = 0;
        for (SpecArchive archive : SpecArchive.all()) {
            for (String name : archive.scripts()) {
                if (FULL || number % THINNED == 0) {
                    tests.add(DynamicTest.dynamicTest(archive.folder() + "/" + name, () -> run(archive, name)));
                }
                number++;
            }
        }
        return tests.stream();
    }

    private void run(SpecArchive archive, String name) {
        int before = tally.failures().size();
        try (SpecRun run = new SpecRun(engine, spectest, archive.script(name), tally)) {
            run.run();
        }
        assertThat(tally.failures().subList(before, tally.failures().size())).isEmpty();
    }

    @Test
    void theWholeSuiteIsThere() {
        List<SpecArchive> archives = SpecArchive.all();
        assertThat(archives).hasSize(23);
        assertThat(archives.stream()
                        .mapToInt(archive -> archive.scripts().size())
                        .sum())
                .isEqualTo(514);
    }
}
