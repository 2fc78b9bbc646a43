package io.sluice.sdk;

import java.util.ArrayList;
import java.util.List;

/** A part of a query: a word, a quoted text with its quotes, or a single sign. */
public final class Token {
    /** The token as it is written. */
    public final String text;

    /** Where it begins in the query. */
    public final int start;

    /** {@code 'w'} for a word, the quote itself for a quoted text, or else the sign. */
    public final char kind;

    /** How many parentheses are around it. */
    public final int depth;

    private Token(String text, int start, char kind, int depth) {
        this.text = text;
        this.start = start;
        this.kind = kind;
        this.depth = depth;
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
     * Divides a query. Spaces and comments are left out; a comment with an exclamation mark, whose content MySQL executes, is no comment.
     */
    public static List<Token> of(String query) {
        List<Token> tokens = new ArrayList<>();
        int depth = 0;
        boolean executed = false;
        int at = 0;
        while (at < query.length()) {
            char first = query.charAt(at);
            if (first <= ' ') {
                at++;
            } else if (query.startsWith("/*!", at)) {
                executed = true;
                for (at += 3; at < query.length() && isDigit(query.charAt(at)); at++) {}
            } else if (executed && query.startsWith("*/", at)) {
                executed = false;
                at += 2;
            } else if (query.startsWith("/*", at)) {
                at = behind(query, at + 2, "*/");
            } else if (first == '#'
                    || query.startsWith("--", at) && (at + 2 == query.length() || query.charAt(at + 2) <= ' ')) {
                at = behind(query, at, "\n");
            } else {
                int start = at;
                char kind = first;
                int around = depth;
                if (isWord(first)) {
                    kind = 'w';
                    while (at < query.length() && isWord(query.charAt(at))) {
                        at++;
                    }
                } else if (first == '\'' || first == '"' || first == '`') {
                    at = behindQuote(query, at);
                } else {
                    at++;
                    if (first == '(') {
                        depth++;
                    } else if (first == ')') {
                        around = --depth;
                    }
                }
                tokens.add(new Token(query.substring(start, at), start, kind, around));
            }
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
