package io.sluice.sql;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Finds statements that execute a text which no filter sees: {@code PREPARE}, {@code EXECUTE}, {@code EXECUTE IMMEDIATE}, on their own or
 * in a block or a routine's body.
 *
 * <p>The words count where they can be such a statement: not in strings, comments that are not executed and quoted identifiers, and not
 * in the everyday statements, where they are but names.
 */
final class HiddenStatements {
    /** First words of statements that hold no other statement but queries. */
    private static final Set<String> HOLD_NONE = Set.of(
            "select",
            "insert",
            "update",
            "delete",
            "replace",
            "with",
            "values",
            "table",
            "show",
            "explain",
            "describe",
            "desc",
            "grant",
            "revoke",
            "drop",
            "use",
            "xa",
            "commit",
            "rollback",
            "savepoint",
            "release",
            "kill",
            "deallocate");

    private HiddenStatements() {}

    static boolean isIn(SqlTokenizer tokens, byte[] text, int from, int to) {
        if (!tokens.isClear()) {
            // What is a token is not known: the bytes have to do.
            String all = new String(text, from, to - from, StandardCharsets.ISO_8859_1);
            return hasWord(all);
        }
        String template = new String(tokens.template(), 0, tokens.templateLength(), StandardCharsets.ISO_8859_1);
        int start = 0;
        boolean quoted = false;
        for (int i = 0; i <= template.length(); i++) {
            if (i < template.length() && template.charAt(i) == '`') {
                quoted = !quoted;
            }
            if (i == template.length() || (template.charAt(i) == ';' && !quoted)) {
                String statement = template.substring(start, i);
                start = i + 1;
                if (!HOLD_NONE.contains(firstWord(statement)) && hasWord(statement)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String firstWord(String statement) {
        int from = 0;
        while (from < statement.length() && (statement.charAt(from) == ' ' || statement.charAt(from) == '(')) {
            from++;
        }
        int to = from;
        while (to < statement.length() && isWordCharacter(statement.charAt(to))) {
            to++;
        }
        return statement.substring(from, to).toLowerCase(Locale.ROOT);
    }

    /** Whether one of the two words stands there outside of backticks. */
    private static boolean hasWord(String statement) {
        boolean quoted = false;
        for (int i = 0; i < statement.length(); i++) {
            char c = statement.charAt(i);
            if (c == '`') {
                quoted = !quoted;
            } else if (!quoted && (isWord(statement, i, "prepare") || isWord(statement, i, "execute"))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWord(String statement, int at, String word) {
        int end = at + word.length();
        return statement.regionMatches(true, at, word, 0, word.length())
                && (at == 0 || !isWordCharacter(statement.charAt(at - 1)))
                && (end >= statement.length() || !isWordCharacter(statement.charAt(end)));
    }

    private static boolean isWordCharacter(char c) {
        return c == '_'
                || c == '$'
                || (c >= '0' && c <= '9')
                || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c > 127;
    }
}
