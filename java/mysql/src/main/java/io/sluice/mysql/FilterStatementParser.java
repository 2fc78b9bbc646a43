package io.sluice.mysql;

import io.sluice.sql.FilterDefinition;
import io.sluice.sql.Nearest;
import io.sluice.sql.SqlDialect;
import io.sluice.sql.SqlError;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the statements that make, change and show filters, as WeScale's clients write them: words in any case, values in quotes of either
 * kind, comments and a semicolon at the end allowed.
 *
 * <p><b>Threads.</b> Confined.
 */
final class FilterStatementParser {
    private static final int SYNTAX_ERROR = 1064;
    private static final List<String> PROPERTY_KEYS = List.of("desc", "priority", "status");
    private static final List<String> EXECUTE_KEYS = List.of("action", "action_args");
    private static final Set<String> FIRST_WORDS = Set.of("create", "alter", "drop", "show", "reload");
    private static final Set<String> SECOND_WORDS = Set.of("filter", "filters", "plugins", "plugin", "create");
    private static final int LONGEST_WORD = 8;
    private static final String EXPLAIN = "explain filter";

    /** The text is no such statement. */
    static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1L;

        SyntaxException(String message) {
            super(message);
        }

        SqlError error() {
            return new SqlError(SYNTAX_ERROR, "42000", String.valueOf(getMessage()));
        }
    }

    private enum Kind {
        WORD,
        STRING,
        QUOTED_NAME,
        SIGN,
        END
    }

    private final String text;
    private final boolean escapes;
    private int at;
    private Kind kind = Kind.END;
    private String value = "";
    private int start;

    private FilterStatementParser(String text, boolean escapes) {
        this.text = text;
        this.escapes = escapes;
    }

    /** Whether a text begins as such a statement does: nothing that a server executes begins so. Looks at the first words only. */
    static boolean mayBe(byte[] bytes, int from, int to) {
        int[] next = {from};
        if (skipBlank(bytes, next, to)) {
            return true;
        }
        String first = wordAt(bytes, next, to);
        if (!FIRST_WORDS.contains(first)) {
            return false;
        }
        skipBlank(bytes, next, to);
        String second = wordAt(bytes, next, to);
        if (!SECOND_WORDS.contains(second)) {
            return false;
        }
        return switch (second) {
            case "create" -> {
                skipBlank(bytes, next, to);
                yield first.equals("show") && wordAt(bytes, next, to).equals("filter");
            }
            case "plugins" -> {
                skipBlank(bytes, next, to);
                yield first.equals("show") && (next[0] == to || bytes[next[0]] == ';');
            }
            case "plugin" -> {
                skipBlank(bytes, next, to);
                yield first.equals("show") && wordAt(bytes, next, to).equals("status");
            }
            case "filters" -> first.equals("show") || first.equals("reload");
            default -> !first.equals("reload");
        };
    }

    /** Goes behind blanks and comments; true if one of those asks for an explanation. */
    private static boolean skipBlank(byte[] bytes, int[] next, int to) {
        int at = next[0];
        while (at < to) {
            byte c = bytes[at];
            if (c == ' ' || (c >= '\t' && c <= '\r')) {
                at++;
            } else if (c == '/' && at + 3 < to && bytes[at + 1] == '*' && !isExecuted(bytes, at + 2)) {
                int body = at + 2;
                int end = body;
                while (end + 1 < to && !(bytes[end] == '*' && bytes[end + 1] == '/')) {
                    end++;
                }
                if (end + 1 >= to) {
                    break;
                }
                if (end - body < 64 && isExplain(new String(bytes, body, end - body, StandardCharsets.ISO_8859_1))) {
                    return true;
                }
                at = end + 2;
            } else {
                break;
            }
        }
        next[0] = at;
        return false;
    }

    private static boolean isExecuted(byte[] bytes, int at) {
        return bytes[at] == '!' || (bytes[at] == 'M' && bytes[at + 1] == '!');
    }

    private static boolean isExplain(String comment) {
        return comment.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ").equals(EXPLAIN);
    }

    private static String wordAt(byte[] bytes, int[] next, int to) {
        int at = next[0];
        StringBuilder word = new StringBuilder(LONGEST_WORD);
        while (at < to && word.length() <= LONGEST_WORD) {
            int c = bytes[at] | 0x20;
            if (c < 'a' || c > 'z') {
                break;
            }
            word.append((char) c);
            at++;
        }
        boolean ends = at == to
                || !(bytes[at] == '_' || bytes[at] == '$' || bytes[at] < 0 || (bytes[at] >= '0' && bytes[at] <= '9'));
        next[0] = at;
        return ends ? word.toString() : "";
    }

    /**
     * Reads a text that {@link #mayBe} such a statement.
     *
     * @throws SyntaxException if it is not one; the message says where and what was expected
     */
    static FilterStatement parse(byte[] bytes, int from, int to, SqlDialect dialect) throws SyntaxException {
        String text = new String(bytes, from, to - from, dialect.charset());
        FilterStatementParser parser = new FilterStatementParser(text, !dialect.noBackslashEscapes());
        FilterStatement explain = parser.explain();
        if (explain != null) {
            return explain;
        }
        parser.next();
        FilterStatement statement = parser.statement();
        parser.end();
        return statement;
    }

    private @Nullable FilterStatement explain() {
        int from = 0;
        while (true) {
            while (from < text.length() && Character.isWhitespace(text.charAt(from))) {
                from++;
            }
            int close = text.startsWith("/*", from) ? text.indexOf("*/", from + 2) : -1;
            if (close < 0) {
                return null;
            }
            if (isExplain(text.substring(from + 2, close))) {
                return new FilterStatement.Explain((text.substring(0, from) + text.substring(close + 2)).strip());
            }
            from = close + 2;
        }
    }

    private FilterStatement statement() throws SyntaxException {
        String first = word("CREATE, ALTER, DROP, SHOW or RELOAD");
        switch (first) {
            case "create" -> {
                expectWord("filter");
                boolean ifNotExists = false;
                if (isWord("if")) {
                    next();
                    expectWord("not");
                    expectWord("exists");
                    ifNotExists = true;
                }
                String name = name();
                Map<String, String> values = groups();
                if (!values.containsKey("action")) {
                    throw expected("execute(action='…')");
                }
                return new FilterStatement.Create(name, ifNotExists, values);
            }
            case "alter" -> {
                expectWord("filter");
                String name = name();
                Map<String, String> values = groups();
                if (values.isEmpty()) {
                    throw expected("(…), with_pattern(…) or execute(…)");
                }
                return new FilterStatement.Alter(name, values);
            }
            case "drop" -> {
                expectWord("filter");
                return new FilterStatement.Drop(name());
            }
            case "reload" -> {
                expectWord("filters");
                return new FilterStatement.Reload();
            }
            case "show" -> {
                return show();
            }
            default -> throw expected("CREATE, ALTER, DROP, SHOW or RELOAD");
        }
    }

    private FilterStatement show() throws SyntaxException {
        String what = word("FILTERS, FILTER, CREATE FILTER, PLUGINS or PLUGIN STATUS");
        switch (what) {
            case "filters" -> {
                return new FilterStatement.Show("");
            }
            case "filter" -> {
                return new FilterStatement.Show(name());
            }
            case "create" -> {
                expectWord("filter");
                return new FilterStatement.ShowCreate(name());
            }
            case "plugins" -> {
                return new FilterStatement.ShowPlugins();
            }
            case "plugin" -> {
                expectWord("status");
                return new FilterStatement.ShowPluginStatus();
            }
            default -> throw expected("FILTERS, FILTER, CREATE FILTER, PLUGINS or PLUGIN STATUS");
        }
    }

    private Map<String, String> groups() throws SyntaxException {
        Map<String, String> values = new LinkedHashMap<>();
        if (isSign("(")) {
            group(PROPERTY_KEYS, values);
        }
        if (isWord("with_pattern")) {
            next();
            group(patternKeys(), values);
        }
        if (isWord("execute")) {
            next();
            group(EXECUTE_KEYS, values);
        }
        return values;
    }

    private static List<String> patternKeys() {
        return FilterDefinition.keys().stream()
                .filter(key -> !PROPERTY_KEYS.contains(key) && !EXECUTE_KEYS.contains(key))
                .toList();
    }

    private void group(List<String> keys, Map<String, String> values) throws SyntaxException {
        expectSign("(");
        while (!isSign(")")) {
            if (kind != Kind.WORD) {
                throw expected("one of " + String.join(", ", keys));
            }
            String key = value.toLowerCase(Locale.ROOT);
            if (!keys.contains(key)) {
                throw expected("one of " + String.join(", ", keys) + ", of which " + Nearest.of(key, keys)
                        + " is the nearest");
            }
            next();
            expectSign("=");
            if (kind != Kind.STRING) {
                throw expected("a value in quotes");
            }
            if (values.put(key, value) != null) {
                throw expected("another key than " + key + ", which is there already,");
            }
            next();
            if (isSign(",")) {
                next();
                if (isSign(")")) {
                    throw expected("one of " + String.join(", ", keys));
                }
            } else if (!isSign(")")) {
                throw expected("',' or ')'");
            }
        }
        next();
    }

    private String name() throws SyntaxException {
        if (kind != Kind.WORD && kind != Kind.QUOTED_NAME) {
            throw expected("the name of a filter");
        }
        String name = value;
        next();
        return name;
    }

    private void end() throws SyntaxException {
        while (isSign(";")) {
            next();
        }
        if (kind != Kind.END) {
            throw expected("the end");
        }
    }

    private String word(String what) throws SyntaxException {
        if (kind != Kind.WORD) {
            throw expected(what);
        }
        String word = value.toLowerCase(Locale.ROOT);
        next();
        return word;
    }

    private boolean isWord(String word) {
        return kind == Kind.WORD && value.equalsIgnoreCase(word);
    }

    private void expectWord(String word) throws SyntaxException {
        if (!isWord(word)) {
            throw expected(word.toUpperCase(Locale.ROOT));
        }
        next();
    }

    private boolean isSign(String sign) {
        return kind == Kind.SIGN && value.equals(sign);
    }

    private void expectSign(String sign) throws SyntaxException {
        if (!isSign(sign)) {
            throw expected("'" + sign + "'");
        }
        next();
    }

    private SyntaxException expected(String what) {
        String near = text.substring(Math.min(start, text.length()), Math.min(text.length(), start + 40));
        return new SyntaxException("syntax error at position " + (start + 1) + " near '" + near + "': " + what
                + " is expected in a statement about filters");
    }

    private void next() throws SyntaxException {
        skip();
        start = at;
        if (at >= text.length()) {
            kind = Kind.END;
            value = "";
            return;
        }
        char c = text.charAt(at);
        if (c == '\'' || c == '"') {
            kind = Kind.STRING;
            value = quoted(c, escapes);
        } else if (c == '`') {
            kind = Kind.QUOTED_NAME;
            value = quoted(c, false);
        } else if (isNameCharacter(c)) {
            int from = at;
            while (at < text.length() && isNameCharacter(text.charAt(at))) {
                at++;
            }
            kind = Kind.WORD;
            value = text.substring(from, at);
        } else {
            kind = Kind.SIGN;
            value = String.valueOf(c);
            at++;
        }
    }

    private static boolean isNameCharacter(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '-' || Character.isSurrogate(c);
    }

    private void skip() throws SyntaxException {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("/*", at)) {
                int close = text.indexOf("*/", at + 2);
                if (close < 0) {
                    start = at;
                    throw expected("the end of a comment");
                }
                at = close + 2;
            } else if (text.charAt(at) == '#' || text.startsWith("-- ", at)) {
                int line = text.indexOf('\n', at);
                at = line < 0 ? text.length() : line;
            } else {
                return;
            }
        }
    }

    private String quoted(char quote, boolean withEscapes) throws SyntaxException {
        StringBuilder out = new StringBuilder();
        int i = at + 1;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == quote) {
                if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
                    out.append(quote);
                    i += 2;
                    continue;
                }
                at = i + 1;
                return out.toString();
            }
            if (c == '\\' && withEscapes && i + 1 < text.length()) {
                escape(text.charAt(i + 1), out);
                i += 2;
            } else {
                out.append(c);
                i++;
            }
        }
        throw expected("a closing " + quote);
    }

    private static void escape(char c, StringBuilder out) {
        switch (c) {
            case 'n' -> out.append('\n');
            case 't' -> out.append('\t');
            case 'r' -> out.append('\r');
            case 'b' -> out.append('\b');
            case '0' -> out.append('\0');
            case 'Z' -> out.append('\032');
            case '%', '_' -> out.append('\\').append(c);
            default -> out.append(c);
        }
    }
}
