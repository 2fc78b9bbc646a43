package io.sluice.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DemoIT {
    private interface Program {
        boolean run() throws Exception;
    }

    /** What a program prints, after it said that all is well. */
    private static String screenOf(Program program) throws Exception {
        PrintStream console = System.out;
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        System.setOut(new PrintStream(screen, true, StandardCharsets.UTF_8));
        boolean well;
        try {
            well = program.run();
        } finally {
            System.setOut(console);
        }
        String text = screen.toString(StandardCharsets.UTF_8);
        assertThat(well).as(text).isTrue();
        return text;
    }

    @Test
    void demoShowsWhatItPromises() throws Exception {
        String screen = screenOf(() -> new Demo().run());

        assertThat(screen)
                .contains("rejects it: \"no where clause\"")
                .contains("ERROR 1105 (HY000): error from wasm plugin at after")
                .contains("2 rows: (Ada, ****) (Grace, null)")
                .contains("rate limit exceeded: 10 queries at once")
                .contains("ERROR 1045 (28000): access denied: no token in the leading")
                .containsPattern("database executes +select owner from account where id = 1\n")
                .contains("select x from system_range(1, 1000000) LIMIT 100")
                .contains("rewrites the query, then masks what came back")
                .satisfies(text -> assertThat(text.lines()).allMatch(line -> line.length() <= 80))
                .containsPattern("unknown\\s+import\\s+env.LaunchMissilesOnHost")
                .containsPattern("failed +0\n")
                .containsPattern("out\\s+of\\s+fuel")
                .containsPattern("deadline\\s+exceeded")
                .contains("All as promised.")
                .doesNotContain("\u001b");
    }

    @Test
    void soakOfAFewCallsGrowsNothing() throws Exception {
        assertThat(screenOf(() -> new Soak().run(20_000, 2_000)))
                .contains("pooled: 20,000 calls")
                .contains("fresh: 2,000 calls")
                .endsWith("soak: nothing grew\n");
    }
}
