package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.Pattern;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Conditions on the values of a text's placeholders, in a syntax of Sluice's own; immutable.
 *
 * <pre>
 * conditions = condition { "and" condition }
 * condition  = value ( "=" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=" ) literal
 *            | value [ "not" ] "in" "(" literal { "," literal } ")"
 *            | value [ "not" ] "matches" string        a regular expression of RE2 for the whole value
 *            | value "is" [ "not" ] "null"
 * value      = "v" number | ":v" number | "?" number   1 is the first placeholder
 * literal    = string | number                         a string in quotes of either kind, doubled inside
 * </pre>
 *
 * <p>Compared with a number a value is a number, and no condition but {@code !=} and {@code not in} is met if it is none; compared with a
 * string it is its text. NULL meets {@code is null} alone, a value that is not there meets nothing, and one that is {@linkplain
 * SqlRequest#UNKNOWN_VALUE not known} meets all but {@code is null}. Literals in the text are no values.
 */
final class BindConditions {
    static final String NAME = "bind_var_conds";

    private static final int MAX_CHARS = 4096;
    private static final int MAX_CONDITIONS = 32;
    private static final int MAX_NUMBER_CHARS = 64;

    private enum Operator {
        EQUAL,
        NOT_EQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL,
        IN,
        NOT_IN,
        MATCHES,
        NOT_MATCHES,
        IS_NULL,
        IS_NOT_NULL
    }

    /** What a value is compared with: its text, and the number if it is one. */
    private record Literal(String text, @Nullable BigDecimal number) {}

    private record Condition(
            int index,
            Operator operator,
            List<Literal> literals,
            @Nullable Pattern regex) {
        boolean isMet(List<@Nullable Object> values) {
            if (index >= values.size()) {
                return false;
            }
            Object value = values.get(index);
            if (value == null || operator == Operator.IS_NULL || operator == Operator.IS_NOT_NULL) {
                return (value == null) == (operator == Operator.IS_NULL);
            }
            if (value == SqlRequest.UNKNOWN_VALUE) {
                return true; // a stream must be no way round a filter
            }
            Pattern pattern = regex;
            if (pattern != null) {
                return pattern.matches(textOf(value)) == (operator == Operator.MATCHES);
            }
            boolean any = literals.stream().anyMatch(literal -> compares(value, literal));
            return any != (operator == Operator.NOT_IN || operator == Operator.NOT_EQUAL);
        }

        private boolean compares(Object value, Literal literal) {
            BigDecimal number = literal.number();
            int order;
            if (number == null) {
                order = textOf(value).compareTo(literal.text());
            } else {
                BigDecimal own = numberOf(value);
                if (own == null) {
                    return false;
                }
                order = own.compareTo(number);
            }
            return switch (operator) {
                case LESS -> order < 0;
                case LESS_OR_EQUAL -> order <= 0;
                case GREATER -> order > 0;
                case GREATER_OR_EQUAL -> order >= 0;
                default -> order == 0;
            };
        }
    }

    private final String text;
    private final List<Condition> conditions;

    private BindConditions(String text, List<Condition> conditions) {
        this.text = text;
        this.conditions = conditions;
    }

    static BindConditions of(String text) {
        if (text.length() > MAX_CHARS) {
            throw new IllegalArgumentException(
                    NAME + " has " + text.length() + " characters; at most " + MAX_CHARS + " are taken");
        }
        return new BindConditions(text, new Reader(text).conditions());
    }

    String text() {
        return text;
    }

    boolean areMet(List<@Nullable Object> values) {
        for (Condition condition : conditions) {
            if (!condition.isMet(values)) {
                return false;
            }
        }
        return true;
    }

    private static String textOf(Object value) {
        return value instanceof byte[] bytes ? new String(bytes, UTF_8) : value.toString();
    }

    private static @Nullable BigDecimal numberOf(Object value) {
        if (value instanceof Boolean truth) {
            return truth ? BigDecimal.ONE : BigDecimal.ZERO;
        }
        return value instanceof BigDecimal number ? number : parseNumber(textOf(value));
    }

    private static @Nullable BigDecimal parseNumber(String text) {
        // An exponent of nine digits is a number whose comparison takes the memory of a small planet.
        if (text.isEmpty() || text.length() > MAX_NUMBER_CHARS) {
            return null;
        }
        try {
            BigDecimal number = new BigDecimal(text);
            return Math.abs((long) number.scale()) > 400 ? null : number;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Reads the syntax. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        List<Condition> conditions() {
            List<Condition> all = new ArrayList<>();
            do {
                if (all.size() == MAX_CONDITIONS) {
                    throw refused("has more than " + MAX_CONDITIONS + " conditions");
                }
                all.add(condition());
            } while (takeWord("and"));
            skipBlanks();
            if (at < text.length()) {
                throw expected("'and' or the end");
            }
            return List.copyOf(all);
        }

        private Condition condition() {
            int index = value();
            if (takeWord("is")) {
                boolean not = takeWord("not");
                if (!takeWord("null")) {
                    throw expected("null");
                }
                return new Condition(index, not ? Operator.IS_NOT_NULL : Operator.IS_NULL, List.of(), null);
            }
            boolean not = takeWord("not");
            if (takeWord("in")) {
                return new Condition(index, not ? Operator.NOT_IN : Operator.IN, list(), null);
            }
            if (takeWord("matches")) {
                Pattern regex = FilterRegex.compile(NAME, string());
                return new Condition(index, not ? Operator.NOT_MATCHES : Operator.MATCHES, List.of(), regex);
            }
            if (not) {
                throw expected("in or matches");
            }
            return new Condition(index, operator(), List.of(literal()), null);
        }

        private int value() {
            skipBlanks();
            int start = at;
            boolean named = take("?");
            if (!named) {
                at += text.startsWith(":", at) ? 1 : 0;
                named = take("v") || take("V");
            }
            int digits = at;
            while (at < text.length() && Character.digit(text.charAt(at), 10) >= 0) {
                at++;
            }
            if (!named || at == digits || at - digits > 5) {
                at = start;
                throw expected("a value such as v1");
            }
            int number = Integer.parseInt(text.substring(digits, at));
            if (number < 1) {
                at = start;
                throw expected("a value such as v1, the first");
            }
            return number - 1;
        }

        private Operator operator() {
            skipBlanks();
            if (take("<=")) {
                return Operator.LESS_OR_EQUAL;
            }
            if (take(">=")) {
                return Operator.GREATER_OR_EQUAL;
            }
            if (take("!=") || take("<>")) {
                return Operator.NOT_EQUAL;
            }
            if (take("=")) {
                return Operator.EQUAL;
            }
            if (take("<")) {
                return Operator.LESS;
            }
            if (take(">")) {
                return Operator.GREATER;
            }
            throw expected("an operator (=, !=, <, <=, >, >=, in, not in, matches, not matches, is null, is not null)");
        }

        private List<Literal> list() {
            skipBlanks();
            if (!take("(")) {
                throw expected("(");
            }
            List<Literal> literals = new ArrayList<>();
            do {
                literals.add(literal());
                skipBlanks();
            } while (take(","));
            if (!take(")")) {
                throw expected(", or )");
            }
            return List.copyOf(literals);
        }

        private Literal literal() {
            skipBlanks();
            if (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"')) {
                return new Literal(string(), null);
            }
            int start = at;
            while (at < text.length() && "0123456789.eE+-".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            String digits = text.substring(start, at);
            BigDecimal number = parseNumber(digits);
            if (number == null) {
                at = start;
                throw expected("a string in quotes or a number");
            }
            return new Literal(digits, number);
        }

        private String string() {
            skipBlanks();
            char quote = at < text.length() ? text.charAt(at) : 0;
            if (quote != '\'' && quote != '"') {
                throw expected("a string in quotes");
            }
            StringBuilder content = new StringBuilder();
            for (int i = at + 1; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c != quote) {
                    content.append(c);
                } else if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
                    content.append(c);
                    i++;
                } else {
                    at = i + 1;
                    return content.toString();
                }
            }
            throw refused("has a string that does not end");
        }

        private boolean takeWord(String word) {
            skipBlanks();
            int end = at + word.length();
            boolean there = text.regionMatches(true, at, word, 0, word.length())
                    && (end == text.length() || !Character.isLetterOrDigit(text.charAt(end)));
            at = there ? end : at;
            return there;
        }

        private boolean take(String token) {
            boolean there = text.startsWith(token, at);
            at = there ? at + token.length() : at;
            return there;
        }

        private void skipBlanks() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private IllegalArgumentException expected(String what) {
            String found =
                    at >= text.length() ? "the end" : "'" + text.substring(at, Math.min(text.length(), at + 20)) + "'";
            return refused("expected " + what + " at character " + (at + 1) + " and found " + found);
        }

        private IllegalArgumentException refused(String why) {
            String start = why.startsWith("expected") ? " is not understood: " : " ";
            return new IllegalArgumentException(NAME + start + why + "; write for example: v1 = 'x' and v2 in (1, 2)");
        }
    }
}
