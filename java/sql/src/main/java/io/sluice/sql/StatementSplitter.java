package io.sluice.sql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the statements in a text of several.
 *
 * <p>Whoever sends them one by one to a server that takes one at a time cannot be deceived by a wrong cut: a piece that holds two is
 * refused by that server, and a piece of one is seen as what it is.
 */
final class StatementSplitter {
    private static final Pattern ROUTINE =
            Pattern.compile("(?is)\\s*(?:create|alter)\\s.*?\\b(?:procedure|function|trigger|event|package)\\b.*");
    private static final Pattern BLOCK =
            Pattern.compile("(?is).*\\b(?:begin|loop|repeat|while|if|case|for|as|is)\\b.*");
    private static final Pattern COMPOUND =
            Pattern.compile("(?is)\\s*(?:begin\\s+not|if|case|loop|repeat|while|for|declare|[a-z0-9_]+\\s*:)\\b.*");
    /** One without an end reaches to the text's: else it would be tried again from every byte of it. */
    private static final Pattern COMMENT =
            Pattern.compile("(?s)/\\*.*?(?:\\*/|\\z)|--\\s[^\\n]*+(?:\\n|\\z)|#[^\\n]*+(?:\\n|\\z)");

    private static final int LONGEST_BEGIN = 64 << 10;

    private StatementSplitter() {}

    static List<int[]> split(SqlTokenizer tokens, byte[] bytes, int from, int to) {
        List<int[]> statements = new ArrayList<>();
        int start = from;
        if (tokens.endsAreClear()) {
            for (int i = 0; i < tokens.ends(); i++) {
                int end = tokens.endAt(i);
                if (end < 0) {
                    start = -end;
                    continue;
                }
                if (holdsStatements(bytes, start, end)) {
                    break;
                }
                statements.add(new int[] {start - from, end - from});
                start = end + 1;
            }
            if (!tokens.hasTokenAfterEnds() && isAtEnd(tokens, start)) {
                return statements;
            }
        }
        statements.add(new int[] {start - from, to - from});
        return statements;
    }

    private static boolean isAtEnd(SqlTokenizer tokens, int start) {
        int ends = tokens.ends();
        if (ends == 0) {
            return false;
        }
        int last = tokens.endAt(ends - 1);
        return start == (last < 0 ? -last : last + 1);
    }

    private static boolean holdsStatements(byte[] bytes, int from, int to) {
        String text = new String(bytes, from, Math.min(to - from, LONGEST_BEGIN), StandardCharsets.ISO_8859_1);
        String begin = COMMENT.matcher(text)
                .replaceAll(comment -> isEnded(comment.group()) ? " " : Matcher.quoteReplacement(comment.group()));
        return COMPOUND.matcher(begin).matches()
                || (ROUTINE.matcher(begin).matches() && BLOCK.matcher(begin).matches());
    }

    /** What looks like a comment without an end may be in a string: it stays. */
    private static boolean isEnded(String comment) {
        return comment.startsWith("/*") ? comment.length() > 3 && comment.endsWith("*/") : comment.endsWith("\n");
    }
}
