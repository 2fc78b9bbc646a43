package io.sluice.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A case that was run: what came of it, and what differs from what was expected.
 *
 * @param pluginCase the case
 * @param outcome what came of it
 * @param differences what differs; empty if the case passed
 */
public record CaseRun(PluginCase pluginCase, Outcome outcome, List<Difference> differences) {
    /**
     * One thing that differs.
     *
     * @param what what it is of
     * @param expected its lines as expected
     * @param found its lines as found
     */
    public record Difference(String what, List<String> expected, List<String> found) {
        /** Copies the lists. */
        public Difference {
            Objects.requireNonNull(what, "what");
            expected = List.copyOf(expected);
            found = List.copyOf(found);
        }

        static Difference of(String what, String expected, String found) {
            return new Difference(what, expected.lines().toList(), found.lines().toList());
        }
    }

    private static final String NONE = "(none)";

    /** Copies the list. */
    public CaseRun {
        Objects.requireNonNull(pluginCase, "pluginCase");
        Objects.requireNonNull(outcome, "outcome");
        differences = List.copyOf(differences);
    }

    /** Runs a case. */
    public static CaseRun of(Desk desk, PluginCase pluginCase) {
        Outcome outcome = desk.query(pluginCase.statement());
        for (int i = 1; i < pluginCase.times(); i++) {
            outcome = desk.query(pluginCase.statement());
        }
        return new CaseRun(pluginCase, outcome, compare(pluginCase, outcome));
    }

    /** Whether everything was as expected. */
    public boolean passed() {
        return differences.isEmpty();
    }

    private static List<Difference> compare(PluginCase pluginCase, Outcome outcome) {
        PluginCase.Expected expected = pluginCase.expected();
        Statement statement = pluginCase.statement();
        List<Difference> found = new ArrayList<>();
        boolean ends = expected.error() != null || expected.trap() != null;
        String error = expected.error() == null && !ends ? statement.databaseError() : expected.error();
        if (expected.trap() != null) {
            String failure =
                    outcome.failure() == null ? NONE : outcome.failure().getMessage();
            if (failure == null || !failure.contains(expected.trap())) {
                found.add(Difference.of("trap", "contains: " + expected.trap(), String.valueOf(failure)));
            }
        } else if (!Objects.equals(error, outcome.error())) {
            found.add(Difference.of("error", orNone(error), orNone(outcome.error())));
        }
        if (expected.code() != 0 && expected.code() != outcome.errorCode()) {
            found.add(Difference.of("code", "" + expected.code(), "" + outcome.errorCode()));
        }
        if (!expected.state().isEmpty() && !expected.state().equals(outcome.sqlState())) {
            found.add(Difference.of("state", expected.state(), orNone(outcome.sqlState())));
        }
        if (expected.query() != null || !ends) {
            String query = expected.query() == null ? statement.text() : expected.query();
            if (!query.equals(outcome.executed()) && !(expected.query() == null && outcome.error() != null)) {
                found.add(Difference.of("query", query, orNone(outcome.executed())));
            }
        }
        if (!ends && error == null && outcome.error() == null) {
            compareResults(pluginCase, outcome, found);
        }
        if (expected.log() != null && !expected.log().equals(outcome.log())) {
            found.add(new Difference("log", orNone(expected.log()), orNone(outcome.log())));
        }
        below("fuel", expected.fuelBelow(), outcome.fuel(), found);
        below("memory", expected.memoryBelow(), outcome.memoryBytes(), found);
        below("milliseconds", expected.millisBelow(), outcome.nanos() / 1_000_000, found);
        return found;
    }

    private static void compareResults(PluginCase pluginCase, Outcome outcome, List<Difference> found) {
        PluginCase.Expected expected = pluginCase.expected();
        Rows wanted = expected.result() == null ? pluginCase.statement().result() : expected.result();
        Rows got = outcome.result() == null ? Rows.none() : outcome.result();
        boolean types = expected.result() == null || expected.resultTypes();
        if (!wanted.rows().equals(got.rows()) || !lines(wanted, types).equals(lines(got, types))) {
            found.add(new Difference("result", lines(wanted, types), lines(got, types)));
        }
    }

    private static List<String> lines(Rows rows, boolean types) {
        List<String> lines = new ArrayList<>(rows.lines());
        if (!types && !rows.columns().isEmpty()) {
            lines.set(
                    0,
                    String.join(
                            " | ",
                            rows.columns().stream().map(Rows.Column::name).toList()));
        }
        return lines;
    }

    private static void below(String what, long limit, long value, List<Difference> found) {
        if (value >= limit) {
            found.add(Difference.of(what, String.format("below %,d", limit), String.format("%,d", value)));
        }
    }

    private static String orNone(@Nullable String text) {
        return text == null || text.isEmpty() ? NONE : text;
    }

    private static List<String> orNone(List<String> lines) {
        return lines.isEmpty() ? List.of(NONE) : lines;
    }
}
