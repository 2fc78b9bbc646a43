package io.sluice.sql;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The conditions under which a filter applies to a query: all that are given must be met; immutable.
 *
 * <p>Regular expressions are RE2's, matched in linear time against the whole text, comments included.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> A pattern without conditions costs nothing; a regular expression allocates a matcher and, once
 * for a query that came as bytes, its text.
 */
public final class FilterPattern {
    private static final int MAX_REGEX_CHARS = 8192;
    private static final int MAX_REGEX_SIZE = 100_000;
    private static final FilterPattern ANY = new FilterPattern(null);

    private final @Nullable Pattern queryRegex;

    private FilterPattern(@Nullable Pattern queryRegex) {
        this.queryRegex = queryRegex;
    }

    /** The pattern without conditions: it matches every query. */
    public static FilterPattern any() {
        return ANY;
    }

    /**
     * A copy that wants the whole text of the query to match a regular expression; an empty one is no condition.
     *
     * @throws IllegalArgumentException if it is not RE2's syntax, longer than 8192 characters, or has more than 100,000 places
     *     with its repetitions written out
     */
    public FilterPattern withQueryRegex(String regex) {
        Objects.requireNonNull(regex, "regex");
        return new FilterPattern(regex.isEmpty() ? null : compile("query_regex", regex));
    }

    /** The regular expression for the whole text; empty if there is none. */
    public String queryRegex() {
        return queryRegex == null ? "" : queryRegex.pattern();
    }

    /** Whether every condition is met. */
    public boolean matches(SqlRequest request) {
        Pattern regex = queryRegex;
        return regex == null || regex.matches(request.text());
    }

    private static Pattern compile(String condition, String regex) {
        if (regex.length() > MAX_REGEX_CHARS) {
            throw new IllegalArgumentException(
                    condition + " has " + regex.length() + " characters; at most " + MAX_REGEX_CHARS + " are taken");
        }
        if (RegexSize.of(regex) > MAX_REGEX_SIZE) {
            throw new IllegalArgumentException(condition + " '" + regex + "' has more than " + MAX_REGEX_SIZE
                    + " places with its repetitions written out; use smaller counts");
        }
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    condition + " '" + regex + "' is not a regular expression of RE2: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FilterPattern pattern && pattern.queryRegex().equals(queryRegex());
    }

    @Override
    public int hashCode() {
        return queryRegex().hashCode();
    }

    @Override
    public String toString() {
        return queryRegex == null ? "FilterPattern[any]" : "FilterPattern[query_regex=" + queryRegex() + "]";
    }
}
