package io.sluice.sql;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/** Compiles the regular expressions of filters, which are RE2's and of bounded size. */
final class FilterRegex {
    private static final int MAX_CHARS = 8192;
    private static final int MAX_SIZE = 100_000;

    private FilterRegex() {}

    static Pattern compile(String condition, String regex) {
        if (regex.length() > MAX_CHARS) {
            throw new IllegalArgumentException(
                    condition + " has " + regex.length() + " characters; at most " + MAX_CHARS + " are taken");
        }
        if (RegexSize.of(regex) > MAX_SIZE) {
            throw new IllegalArgumentException(condition + " '" + regex + "' has more than " + MAX_SIZE
                    + " places with its repetitions written out; use smaller counts");
        }
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    condition + " '" + regex + "' is not a regular expression of RE2: " + e.getMessage(), e);
        }
    }
}
