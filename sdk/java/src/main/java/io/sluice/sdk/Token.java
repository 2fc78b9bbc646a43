package io.sluice.sdk;

import java.util.ArrayList;
import java.util.List;

/** A part of a query: a word, a quoted text with its quotes, or a single sign. */
public final class Token {
    private static final int NOT_CONDITIONAL = 0;
    private static final int IN_COMMENT = 1;
    private static final int TO_THE_END = 2;

    /** The token as it is written. */
    public final String text;

    /** Where it begins in the query. */
    public final int start;

    /** {@code 'w'} for a word, the quote itself for a quoted text, or else the sign. */
    public final char kind;

    /** How many parentheses are around it. */
    public final int depth;

    /** Whether the server may leave it out. */
    public final boolean conditional;

    private Token(String text, int start, char kind, int depth, boolean conditional) {
        this.text = text;
        this.start = start;
        this.kind = kind;
        this.depth = depth;
        this.conditional = conditional;
    }

    /** Where it ends in the query. */
    public int end() {
        return start + text.length();
    }

    /** Whether it is a keyword, which is given in lower case; the token may be in any. */
    public boolean is(String keyword) {
        if (kind != 'w' || text.length() != keyword.length()) {
            return false;
        }
        for (int i = 0; i < keyword.length(); i++) {
            char c = text.charAt(i);
            if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != keyword.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Divides a query. Spaces and comments are left out.
     *
     * <p>Of a comment that begins with an exclamation mark, or with M and one, the server executes what its version and kind allow. The
     * tokens in one are conditional. Where even the end of such a comment depends on whether it is executed, all that follows is
     * conditional, and words and signs are told apart no further: quotes and marks of comments are signs, and no parentheses are counted.
     */
    public static List<Token> of(String query) {
        List<Token> tokens = new ArrayList<>();
        int depth = 0;
        int outerDepth = 0;
        int conditional = NOT_CONDITIONAL;
        int at = 0;
        while (at < query.length()) {
            char first = query.charAt(at);
            if (first <= ' ') {
                at++;
                continue;
            }
            int start = at;
            char kind = first;
            int around = depth;
            if (isWord(first)) {
                kind = 'w';
                while (at < query.length() && isWord(query.charAt(at))) {
                    at++;
                }
            } else if (conditional == TO_THE_END) {
                at++;
            } else if (conditional == IN_COMMENT && query.startsWith("/*", at)) {
                conditional = TO_THE_END;
                continue;
            } else if (query.startsWith("/*!", at) || query.startsWith("/*M!", at)) {
                conditional = IN_COMMENT;
                outerDepth = depth;
                for (at = behind(query, at, "!"); at < query.length() && isDigit(query.charAt(at)); at++) {}
                continue;
            } else if (conditional == IN_COMMENT && query.startsWith("*/", at)) {
                conditional = depth == outerDepth ? NOT_CONDITIONAL : TO_THE_END;
                at += 2;
                continue;
            } else if (query.startsWith("/*", at)) {
                at = behind(query, at + 2, "*/");
                continue;
            } else if (first == '#'
                    || query.startsWith("--", at) && (at + 2 == query.length() || query.charAt(at + 2) <= ' ')) {
                int end = behind(query, at, "\n");
                if (conditional == IN_COMMENT && query.substring(at, end).contains("*/")) {
                    conditional = TO_THE_END;
                } else {
                    at = end;
                }
                continue;
            } else if (first == '\'' || first == '"' || first == '`') {
                int end = behindQuote(query, at);
                if (conditional == IN_COMMENT && query.substring(at, end).contains("*/")) {
                    conditional = TO_THE_END;
                    at++;
                } else {
                    at = end;
                }
            } else {
                at++;
                if (first == '(') {
                    depth++;
                } else if (first == ')') {
                    around = --depth;
                }
            }
            if (conditional == TO_THE_END) {
                around = 0;
            }
            tokens.add(new Token(query.substring(start, at), start, kind, around, conditional != NOT_CONDITIONAL));
        }
        return tokens;
    }

    private static int behind(String query, int at, String end) {
        int found = query.indexOf(end, at);
        return found < 0 ? query.length() : found + end.length();
    }

    private static int behindQuote(String query, int start) {
        char quote = query.charAt(start);
        int at = start + 1;
        while (at < query.length() && query.charAt(at) != quote) {
            at += query.charAt(at) == '\\' && quote != '`' ? 2 : 1;
        }
        return Math.min(at + 1, query.length());
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWord(char c) {
        return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c == '@' || c >= 0x80;
    }
}
