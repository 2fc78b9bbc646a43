package io.sluice.cli.plugin;

import io.sluice.runtime.GuestFrame;
import io.sluice.runtime.TrapException;
import io.sluice.testkit.CaseRun;
import io.sluice.testkit.Outcome;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code plugin test} prints about one plugin. */
final class TestReport {
    private static final int WIDEST = 60;
    private final PrintWriter out;

    TestReport(PrintWriter out) {
        this.out = out;
    }

    void print(Path module, List<CaseRun> runs, int repeat) {
        out.println(module + (repeat == 0 ? "" : ", each case " + repeat + " times"));
        @Nullable Symbols symbols = null;
        for (CaseRun run : runs) {
            Outcome outcome = run.outcome();
            out.printf(
                    "  %-4s  %-44s %,12d fuel %,9.1f µs %,7d KiB%n",
                    run.passed() ? "ok" : "FAIL",
                    cut(run.pluginCase().name()),
                    outcome.fuel(),
                    outcome.nanos() / 1000.0,
                    outcome.memoryBytes() / 1024);
            for (CaseRun.Difference difference : run.differences()) {
                print(difference);
            }
            if (!run.passed()
                    && outcome.failure() != null
                    && outcome.failure().getCause() instanceof TrapException trap) {
                symbols = symbols == null ? Symbols.of(module) : symbols;
                for (GuestFrame frame : trap.frames()) {
                    out.println("          in " + symbols.describe(frame));
                }
            }
        }
    }

    private void print(CaseRun.Difference difference) {
        List<String> expected = difference.expected();
        List<String> found = difference.found();
        int width = 8;
        for (String line : expected) {
            width = Math.max(width, Math.min(WIDEST, line.length()));
        }
        out.println("        " + difference.what() + ":");
        out.printf("          %-" + width + "s | %s%n", "expected", "found");
        for (int i = 0; i < Math.max(expected.size(), found.size()); i++) {
            String left = i < expected.size() ? expected.get(i) : "";
            String right = i < found.size() ? found.get(i) : "";
            out.printf("        %s %-" + width + "s | %s%n", left.equals(right) ? " " : "!", left, right);
        }
    }

    private static String cut(String name) {
        String line = name.replace('\n', ' ');
        return line.length() <= 44 ? line : line.substring(0, 43) + "…";
    }
}
