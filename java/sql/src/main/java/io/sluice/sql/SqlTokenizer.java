package io.sluice.sql;

import io.sluice.sql.SqlDialect.Backend;
import java.util.Arrays;

/**
 * Reads a text once, as its server's lexer does, and writes its template: what is left when comments are dropped, literals and
 * placeholders have given way to one byte each, and blanks are the fewest that keep the tokens apart.
 *
 * <p>The template, to the letter: words and operators as they are written, one space between two words and between two operators, none
 * elsewhere; identifiers in quotes of either kind in backticks; a string {@link #STRING}, a number {@link #NUMBER}, a placeholder
 * ({@code ?}, {@code :name}, {@code ::name}) {@link #PLACEHOLDER}; a list of literals after {@code IN} is its first one; of rows of
 * literals, in {@code VALUES} or a row list, the first. What an executable comment holds is text if the server executes it.
 *
 * <p><b>Threads.</b> Confined. <b>Cost.</b> One pass; allocates when a template is longer than every one before it.
 */
final class SqlTokenizer {
    static final byte STRING = 1;
    static final byte NUMBER = 2;
    static final byte PLACEHOLDER = '?';

    /** A template that would be longer is not made. */
    static final int MAX_TEMPLATE_BYTES = 64 << 10;

    private static final int KEPT_BYTES = 16 << 10;

    /** A text of more statements is not cut. */
    static final int MAX_ENDS = 64 << 10;

    private static final int KEPT_ENDS = 1 << 10;

    /** What every server that is still met executes, whatever its version: MySQL 5.5 and MariaDB 5.5. */
    private static final int EXECUTED_BY_ALL = 50_500;

    // Of a byte that is in no class: 0.
    private static final byte WORD = 1;
    private static final byte DIGIT = 2;
    private static final byte BLANK = 3;
    private static final byte OPERATOR = 4;
    private static final byte PUNCTUATION = 5;
    private static final byte CONTROL = 6;
    private static final byte[] CLASSES = classes();

    /** What the template ends with. */
    private static final int NOTHING = 0;

    private static final int A_WORD = 1;
    private static final int AN_OPERATOR = 2;

    private byte[] text = new byte[0];
    private int at;
    private int end;
    private SqlDialect dialect = SqlDialect.mysql();
    private DoubleBytes doubleBytes = DoubleBytes.NONE;

    private byte[] template = new byte[256];
    private int length;
    private int last;
    private boolean blankBefore;
    private boolean executing;
    private boolean clear;
    private boolean tooLong;
    private int depth;
    private int maxDepth;

    private boolean anyToken;
    private boolean tokenInStatement;
    private boolean endsAreUnclear;
    private int[] endOffsets = new int[8];
    private int ends;
    private int leadingStart;
    private int leadingEnd;
    private int trailingStart;
    private int trailingEnd;

    private int groupStart;
    private boolean groupIsRow;
    private byte groupFirst;
    private int rowEnd;

    /** Reads a text; what was known of the one before is gone. */
    void scan(byte[] bytes, int from, int to, SqlDialect how, boolean inClientCharset) {
        text = bytes;
        at = from;
        end = to;
        dialect = how;
        doubleBytes = inClientCharset ? how.doubleBytes() : DoubleBytes.NONE;
        if (template.length > KEPT_BYTES) {
            template = new byte[KEPT_BYTES];
        }
        if (endOffsets.length > KEPT_ENDS) {
            endOffsets = new int[KEPT_ENDS];
        }
        length = 0;
        last = NOTHING;
        blankBefore = false;
        executing = false;
        clear = true;
        tooLong = false;
        depth = 0;
        maxDepth = 0;
        anyToken = false;
        tokenInStatement = false;
        endsAreUnclear = false;
        ends = 0;
        leadingStart = -1;
        leadingEnd = -1;
        trailingStart = -1;
        trailingEnd = -1;
        groupStart = -1;
        rowEnd = -1;
        while (at < end) {
            step();
        }
        if (executing) {
            clear = false;
        }
        if (length > 0 && template[length - 1] == ';') {
            trimSemicolons();
        }
        text = template;
    }

    private void trimSemicolons() {
        while (length > 0 && template[length - 1] == ';') {
            length--;
        }
    }

    /** Whether the text has one meaning: nothing in it is unterminated, out of place or a matter of an unknown version. */
    boolean isClear() {
        return clear && !tooLong;
    }

    /** The template's array; valid until the next scan. */
    byte[] template() {
        return template;
    }

    int templateLength() {
        return length;
    }

    /** The semicolons between statements. */
    int ends() {
        return ends;
    }

    /** Where a semicolon is in the scanned array; -1 minus that if the statement before it is empty. */
    int endAt(int index) {
        return endOffsets[index];
    }

    /** Whether there is something after the last semicolon. */
    boolean hasTokenAfterEnds() {
        return tokenInStatement;
    }

    /** Whether it is known where statements end: nothing is unterminated, no executable comment holds an end, and there are not too many. */
    boolean endsAreClear() {
        return clear && !endsAreUnclear;
    }

    /** The deepest nesting of parentheses. */
    int maxDepth() {
        return maxDepth;
    }

    /** Where the comments before the first token begin, in the scanned array; -1 if there are none. */
    int leadingStart() {
        return leadingStart;
    }

    int leadingEnd() {
        return leadingEnd;
    }

    /** Where the comments after the last token begin, in the scanned array; -1 if there are none. */
    int trailingStart() {
        return trailingStart;
    }

    int trailingEnd() {
        return trailingEnd;
    }

    private void step() {
        int c = text[at] & 0xff;
        switch (CLASSES[c]) {
            case BLANK -> {
                blankBefore = true;
                at++;
            }
            case WORD -> word();
            case DIGIT -> number();
            case PUNCTUATION -> punctuation(c);
            case OPERATOR -> operator(c);
            case CONTROL -> {
                clear = false;
                at++;
            }
            default -> other(c);
        }
    }

    private void other(int c) {
        switch (c) {
            case '\'' -> string(at);
            case '"' -> {
                if (dialect.ansiQuotes()) {
                    identifier('"');
                } else {
                    string(at);
                }
            }
            case '`' -> identifier('`');
            case '#' -> lineComment();
            default -> {
                put(A_WORD == last && blankBefore, (byte) c);
                last = NOTHING;
                at++;
                token(false);
            }
        }
    }

    // ---- comments

    private void comment(int start) {
        blankBefore = true;
        if (!anyToken) {
            if (leadingStart < 0) {
                leadingStart = start;
            }
            leadingEnd = at;
        } else {
            if (trailingStart < 0) {
                trailingStart = start;
            }
            trailingEnd = at;
        }
    }

    private void lineComment() {
        int start = at;
        while (at < end && text[at] != '\n') {
            // The server's lexer ends such a comment at a NUL and reads on.
            if (text[at] == 0) {
                clear = false;
            }
            at++;
        }
        int stop = at;
        while (stop > start && text[stop - 1] == '\r') {
            stop--;
        }
        int resume = at;
        at = stop;
        comment(start);
        at = resume;
    }

    private void blockComment() {
        int start = at;
        at += 2;
        boolean maria = at + 1 < end && text[at] == 'M' && text[at + 1] == '!';
        if (at < end && (text[at] == '!' || (maria && dialect.backend() == Backend.MARIADB))) {
            executableComment(start, maria ? 2 : 1);
            return;
        }
        skipToCommentEnd(false);
        comment(start);
    }

    private void executableComment(int start, int markLength) {
        at += markLength;
        int digits = 0;
        int version = 0;
        while (digits < 6 && at + digits < end && CLASSES[text[at + digits] & 0xff] == DIGIT) {
            version = version * 10 + (text[at + digits] - '0');
            digits++;
        }
        if (digits >= 5) {
            at += digits;
            if (!isExecuted(version, markLength == 2)) {
                skipToCommentEnd(true);
                comment(start);
                return;
            }
        }
        // They do not nest: the server forgets that it was in one already.
        executing = true;
        blankBefore = true;
    }

    private boolean isExecuted(int version, boolean maria) {
        boolean mysqlsOwn = !maria && dialect.backend() == Backend.MARIADB && version >= 50_700 && version <= 99_999;
        if (mysqlsOwn) {
            return false;
        }
        // Whether a sixth digit is the version's or the text's, MySQL decides by its own version.
        clear &= version < 100_000 || dialect.backend() == Backend.MARIADB || dialect.version() >= 80_400;
        if (dialect.version() == 0) {
            clear &= version <= EXECUTED_BY_ALL;
            return true;
        }
        return version <= dialect.version();
    }

    /** Goes behind the end of a comment; one that is not executed may hold one more. */
    private void skipToCommentEnd(boolean holdsComments) {
        boolean inner = false;
        while (at + 1 < end) {
            if (text[at] == '*' && text[at + 1] == '/') {
                at += 2;
                if (!inner) {
                    return;
                }
                inner = false;
            } else if (holdsComments && !inner && text[at] == '/' && text[at + 1] == '*') {
                inner = true;
                at += 2;
            } else {
                at++;
            }
        }
        at = end;
        clear = false;
    }

    // ---- tokens

    private void token(boolean ofRow) {
        anyToken = true;
        tokenInStatement = true;
        trailingStart = -1;
        blankBefore = false;
        if (!ofRow) {
            groupStart = -1;
        }
    }

    private void word() {
        int start = at;
        if (doubleBytes == DoubleBytes.NONE) {
            while (at < end && isWordByte(text[at])) {
                at++;
            }
        } else {
            while (at < end && isWordByte(text[at])) {
                at += doubleBytes.lengthAt(text, at, end);
            }
        }
        if (at - start == 1 && at < end && text[at] == '\'' && isLiteralMark(text[start])) {
            string(at);
            return;
        }
        putWord(start);
        token(isLiteralWord(start, at - start));
    }

    private void putWord(int start) {
        putSpaceIf(last == A_WORD);
        put(text, start, at - start);
        last = A_WORD;
    }

    private static boolean isLiteralMark(byte c) {
        int lower = c | 0x20;
        return lower == 'x' || lower == 'b' || lower == 'n';
    }

    /** Whether a word may stand in a row of literals. */
    private boolean isLiteralWord(int start, int count) {
        return groupStart >= 0
                && switch (count) {
                    case 4 -> isAt(text, start, "null") || isAt(text, start, "true");
                    case 5 -> isAt(text, start, "false");
                    case 7 -> isAt(text, start, "default");
                    default -> false;
                };
    }

    private void number() {
        int start = at;
        boolean afterDot = length > 0 && template[length - 1] == '.' && !blankBefore;
        while (at < end && isWordByte(text[at])) {
            at++;
        }
        boolean decimal = !afterDot && isDecimal(start, at);
        if (!decimal && !(!afterDot && isPrefixed(start, at))) {
            if (!afterDot && isExponent(start, at)) {
                exponent();
            } else {
                // 1a, and 1 in t.1, are identifiers.
                if (doubleBytes != DoubleBytes.NONE) {
                    while (at < end && isWordByte(text[at])) {
                        at += doubleBytes.lengthAt(text, at, end);
                    }
                }
                putWord(start);
                token(false);
                return;
            }
        } else if (decimal && at < end && text[at] == '.') {
            fraction();
        }
        literal(NUMBER);
    }

    private void fraction() {
        at++;
        int start = at;
        while (at < end && CLASSES[text[at] & 0xff] == DIGIT) {
            at++;
        }
        if (at < end && (text[at] | 0x20) == 'e') {
            int mark = at;
            at++;
            if (at < end && (text[at] == '+' || text[at] == '-')) {
                at++;
            }
            int digits = at;
            while (at < end && CLASSES[text[at] & 0xff] == DIGIT) {
                at++;
            }
            if (at == digits) {
                at = Math.max(mark, start);
            }
        }
    }

    private void exponent() {
        if (at < end && (text[at] == '+' || text[at] == '-')) {
            int mark = at;
            at++;
            int digits = at;
            while (at < end && CLASSES[text[at] & 0xff] == DIGIT) {
                at++;
            }
            if (at == digits) {
                at = mark;
            }
        }
    }

    private boolean isDecimal(int from, int to) {
        for (int i = from; i < to; i++) {
            if (CLASSES[text[i] & 0xff] != DIGIT) {
                return false;
            }
        }
        return true;
    }

    /** 0x1F or 0b01. */
    private boolean isPrefixed(int from, int to) {
        if (to - from < 3 || text[from] != '0') {
            return false;
        }
        boolean hex = text[from + 1] == 'x';
        if (!hex && text[from + 1] != 'b') {
            return false;
        }
        for (int i = from + 2; i < to; i++) {
            int lower = text[i] | 0x20;
            boolean digit = hex
                    ? CLASSES[text[i] & 0xff] == DIGIT || (lower >= 'a' && lower <= 'f')
                    : text[i] == '0' || text[i] == '1';
            if (!digit) {
                return false;
            }
        }
        return true;
    }

    /** 1e5, or 1e before a sign and a digit. */
    private boolean isExponent(int from, int to) {
        int e = from;
        while (e < to && CLASSES[text[e] & 0xff] == DIGIT) {
            e++;
        }
        if (e == from || e == to || (text[e] | 0x20) != 'e') {
            return false;
        }
        if (e + 1 < to) {
            return isDecimal(e + 1, to);
        }
        return to + 1 < end && (text[to] == '+' || text[to] == '-') && CLASSES[text[to + 1] & 0xff] == DIGIT;
    }

    private void literal(byte what) {
        // Strings one after the other are one string.
        if (!(what == STRING && last == A_WORD && length > 0 && template[length - 1] == STRING)) {
            put(last == A_WORD, what);
        }
        last = A_WORD;
        if (groupStart >= 0 && groupFirst == 0) {
            groupFirst = what;
        }
        token(true);
    }

    private void string(int openAt) {
        byte quote = text[openAt];
        boolean escapes = !dialect.noBackslashEscapes();
        int i = openAt + 1;
        while (i < end) {
            byte c = text[i];
            if (c == quote) {
                if (i + 1 < end && text[i + 1] == quote) {
                    i += 2;
                    continue;
                }
                at = i + 1;
                literal(STRING);
                return;
            }
            if (c == '\\' && escapes) {
                i += 2;
            } else if (c < 0 && doubleBytes != DoubleBytes.NONE) {
                i += doubleBytes.lengthAt(text, i, end);
            } else {
                i++;
            }
        }
        at = end;
        clear = false;
        literal(STRING);
    }

    private void identifier(char quote) {
        putSpaceIf(last == A_WORD);
        put(false, (byte) '`');
        last = A_WORD;
        int i = at + 1;
        while (i < end) {
            byte c = text[i];
            if (c == quote) {
                if (i + 1 < end && text[i + 1] == quote) {
                    putQuoted(c);
                    i += 2;
                    continue;
                }
                put(false, (byte) '`');
                at = i + 1;
                token(false);
                return;
            }
            if (c < 0 && doubleBytes != DoubleBytes.NONE) {
                int count = doubleBytes.lengthAt(text, i, end);
                put(text, i, count);
                i += count;
                continue;
            }
            clear &= c < 0 || c >= ' ';
            putQuoted(c);
            i++;
        }
        at = end;
        clear = false;
        token(false);
    }

    private void putQuoted(byte c) {
        if (c == '`') {
            put(false, c);
        }
        put(false, c);
    }

    private void punctuation(int c) {
        if (c == '.' && at + 1 < end && CLASSES[text[at + 1] & 0xff] == DIGIT && !(last == A_WORD && !blankBefore)) {
            fraction();
            literal(NUMBER);
            return;
        }
        at++;
        switch (c) {
            case '(' -> open();
            case ')' -> closeGroup();
            case ';' -> semicolon();
            default -> {
                put(false, (byte) c);
                token(c == ',');
            }
        }
        last = NOTHING;
    }

    /** Comments on either side of the last semicolon are comments after the text. */
    private void semicolon() {
        if (executing || ends == MAX_ENDS) {
            endsAreUnclear = true;
        }
        if (ends < MAX_ENDS) {
            if (ends == endOffsets.length) {
                endOffsets = Arrays.copyOf(endOffsets, 2 * ends);
            }
            // An empty statement is told by its negative offset.
            endOffsets[ends++] = tokenInStatement ? at - 1 : -at;
        }
        tokenInStatement = false;
        blankBefore = false;
        groupStart = -1;
        if (anyToken && length > 0 && template[length - 1] != ';') {
            put(false, (byte) ';');
        }
    }

    private void open() {
        put(false, (byte) '(');
        depth++;
        maxDepth = Math.max(maxDepth, depth);
        token(false);
        groupStart = length - 1;
        groupFirst = 0;
        groupIsRow = rowEnd == groupStart - 1 && groupStart > 0 && template[groupStart - 1] == ',';
    }

    private void closeGroup() {
        depth--;
        int start = groupStart;
        if (start < 0 || groupFirst == 0) {
            put(false, (byte) ')');
            token(false);
            return;
        }
        if (groupIsRow) {
            length = rowEnd;
        } else {
            boolean list = endsWithWord(start, "in");
            if (list) {
                length = start + 1;
                put(false, groupFirst);
            }
            put(false, (byte) ')');
            boolean firstRow = list
                    || endsWithWord(start, "values")
                    || endsWithWord(start, "value")
                    || (start > 0 && template[start - 1] == '(');
            rowEnd = firstRow ? length : -1;
        }
        token(false);
    }

    private boolean endsWithWord(int before, String word) {
        int from = before - word.length();
        return from >= 0 && isAt(template, from, word) && (from == 0 || !isWordByte(template[from - 1]));
    }

    private static boolean isAt(byte[] bytes, int from, String lowerCase) {
        for (int i = 0; i < lowerCase.length(); i++) {
            if ((bytes[from + i] | 0x20) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void operator(int c) {
        int next = at + 1 < end ? text[at + 1] : 0;
        if (c == '/' && next == '*') {
            blockComment();
            return;
        }
        if (c == '*' && next == '/' && executing) {
            executing = false;
            blankBefore = true;
            at += 2;
            return;
        }
        if (c == '-' && next == '-' && (at + 2 >= end || isBlankOrControl(text[at + 2]))) {
            lineComment();
            return;
        }
        if (c == '?') {
            at++;
            literal(PLACEHOLDER);
            return;
        }
        if (c == ':' && isNameAfterColons(next)) {
            literal(PLACEHOLDER);
            return;
        }
        int count = operatorLength(c, next);
        putSpaceIf(last == AN_OPERATOR);
        put(text, at, count);
        at += count;
        last = AN_OPERATOR;
        token(groupStart >= 0 && count == 1 && (c == '-' || c == '+'));
    }

    /** Goes behind {@code :name} or {@code ::name} if that is what there is. */
    private boolean isNameAfterColons(int next) {
        int from = next == ':' ? at + 2 : at + 1;
        if (from >= end || CLASSES[text[from] & 0xff] != WORD) {
            return false;
        }
        at = from;
        while (at < end && isWordByte(text[at])) {
            at++;
        }
        return true;
    }

    private int operatorLength(int c, int next) {
        boolean two = switch (c) {
            case '<' -> next == '=' || next == '>' || next == '<';
            case '>' -> next == '=' || next == '>';
            case '!', ':' -> next == '=';
            case '&', '|' -> next == c;
            case '-' -> next == '>';
            default -> false;
        };
        if (!two) {
            return 1;
        }
        int third = at + 2 < end ? text[at + 2] : 0;
        return third == '>' && ((c == '<' && next == '=') || c == '-') ? 3 : 2;
    }

    private static boolean isBlankOrControl(byte c) {
        return (c >= 0 && c <= ' ') || c == 0x7f;
    }

    private static boolean isWordByte(byte b) {
        byte c = CLASSES[b & 0xff];
        return c == WORD || c == DIGIT;
    }

    // ---- the template

    private void putSpaceIf(boolean needed) {
        if (needed) {
            put(false, (byte) ' ');
        }
    }

    private void put(boolean spaceBefore, byte b) {
        int count = spaceBefore ? 2 : 1;
        if (!hasRoomFor(count)) {
            return;
        }
        if (spaceBefore) {
            template[length++] = ' ';
        }
        template[length++] = b;
    }

    private void put(byte[] from, int start, int count) {
        if (hasRoomFor(count)) {
            // Words are a few bytes long: a loop beats arraycopy's call.
            for (int i = 0; i < count; i++) {
                template[length++] = from[start + i];
            }
        }
    }

    private boolean hasRoomFor(int count) {
        if (length + count <= template.length) {
            return true;
        }
        if (length + count > MAX_TEMPLATE_BYTES) {
            tooLong = true;
            return false;
        }
        template = Arrays.copyOf(template, Math.min(MAX_TEMPLATE_BYTES, Math.max(length + count, template.length * 2)));
        return true;
    }

    private static byte[] classes() {
        byte[] classes = new byte[256];
        Arrays.fill(classes, 0, ' ', CONTROL);
        classes[0x7f] = CONTROL;
        Arrays.fill(classes, '\t', '\r' + 1, BLANK);
        classes[' '] = BLANK;
        Arrays.fill(classes, '0', '9' + 1, DIGIT);
        Arrays.fill(classes, 'a', 'z' + 1, WORD);
        Arrays.fill(classes, 'A', 'Z' + 1, WORD);
        Arrays.fill(classes, 0x80, 0x100, WORD);
        classes['_'] = WORD;
        classes['$'] = WORD;
        for (char c : "(),;.".toCharArray()) {
            classes[c] = PUNCTUATION;
        }
        for (char c : "<>=!|&:*/+-^%~?".toCharArray()) {
            classes[c] = OPERATOR;
        }
        return classes;
    }
}
