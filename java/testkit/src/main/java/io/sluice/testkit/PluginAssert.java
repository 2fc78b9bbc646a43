package io.sluice.testkit;

import java.util.List;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;

/** What a test says about the outcome of a query: {@code assertThat(plugin.query("delete from t")).isRejectedWith("no where clause")}. */
public final class PluginAssert extends AbstractAssert<PluginAssert, Outcome> {
    private PluginAssert(Outcome actual) {
        super(actual, PluginAssert.class);
    }

    /** Begins. */
    public static PluginAssert assertThat(Outcome actual) {
        return new PluginAssert(Objects.requireNonNull(actual, "actual"));
    }

    /** The plugin refused the query with that text. */
    public PluginAssert isRejectedWith(String message) {
        if (actual.executed() != null || !message.equals(actual.error())) {
            failWithMessage("expected a rejection with \"%s\", but %s", message, found());
        }
        return this;
    }

    /** The error has that code and SQLSTATE. */
    public PluginAssert hasCode(int code, String sqlState) {
        if (actual.errorCode() != code || !actual.sqlState().equals(sqlState)) {
            failWithMessage(
                    "expected error %d (%s), but it is %d (%s)", code, sqlState, actual.errorCode(), actual.sqlState());
        }
        return this;
    }

    /** The database got that text, and the client an answer. */
    public PluginAssert executes(String query) {
        if (actual.error() != null || !query.equals(actual.executed())) {
            failWithMessage("expected \"%s\" to be executed, but %s", query, found());
        }
        return this;
    }

    /** The client got that result. */
    public PluginAssert answers(Rows rows) {
        if (!rows.equals(actual.result())) {
            failWithMessage("expected the result%n%s%nbut %s", rows, found());
        }
        return this;
    }

    /** The plugin logged those lines, {@code INFO} or {@code ERROR} before each. */
    public PluginAssert logs(String... lines) {
        if (!actual.log().equals(List.of(lines))) {
            failWithMessage("expected the log %s, but it is %s", List.of(lines), actual.log());
        }
        return this;
    }

    /** The plugin failed, with a text that contains that. */
    public PluginAssert failsWith(String part) {
        String message =
                actual.failure() == null ? "" : String.valueOf(actual.failure().getMessage());
        if (!message.contains(part) || message.isEmpty()) {
            failWithMessage("expected the plugin to fail with \"%s\", but %s", part, found());
        }
        return this;
    }

    /** Both calls together used less fuel than that. */
    public PluginAssert usesLessFuelThan(long fuel) {
        if (actual.fuel() >= fuel) {
            failWithMessage("expected less than %,d fuel, but it used %,d", fuel, actual.fuel());
        }
        return this;
    }

    private String found() {
        if (actual.error() != null) {
            return "the error is \"" + actual.error() + "\"";
        }
        return "\"" + actual.executed() + "\" was executed, with the result\n" + actual.result();
    }
}
