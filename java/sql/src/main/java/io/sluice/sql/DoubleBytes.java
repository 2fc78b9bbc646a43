package io.sluice.sql;

import java.nio.charset.Charset;
import java.util.Locale;

/** The characters of a client's character set whose second byte may look like a quote or a backslash, as the server's lexer tells them. */
enum DoubleBytes {
    /** No character has such a byte. */
    NONE,
    GBK,
    GB18030,
    BIG5,
    SHIFT_JIS;

    static DoubleBytes of(Charset charset) {
        return switch (charset.name().toLowerCase(Locale.ROOT)) {
            case "gbk", "gb2312", "x-mswin-936" -> GBK;
            case "gb18030" -> GB18030;
            case "big5", "big5-hkscs", "x-windows-950" -> BIG5;
            case "shift_jis", "windows-31j", "x-sjis" -> SHIFT_JIS;
            default -> NONE;
        };
    }

    /** The bytes of the character that begins there, 1 where the bytes are not a character of several. */
    int lengthAt(byte[] text, int at, int end) {
        int first = text[at] & 0xff;
        if (first < 0x81 || at + 1 >= end) {
            return 1;
        }
        int second = text[at + 1] & 0xff;
        return switch (this) {
            case NONE -> 1;
            case GBK -> first <= 0xfe && isTail(second, 0x80, 0xfe) ? 2 : 1;
            case BIG5 -> first >= 0xa1 && first <= 0xf9 && isTail(second, 0xa1, 0xfe) ? 2 : 1;
            case SHIFT_JIS -> (first <= 0x9f || (first >= 0xe0 && first <= 0xfc)) && isTail(second, 0x80, 0xfc) ? 2 : 1;
            case GB18030 -> gb18030(text, at, end, first, second);
        };
    }

    private static int gb18030(byte[] text, int at, int end, int first, int second) {
        if (first > 0xfe) {
            return 1;
        }
        if (isTail(second, 0x80, 0xfe)) {
            return 2;
        }
        boolean four = second >= 0x30
                && second <= 0x39
                && at + 3 < end
                && (text[at + 2] & 0xff) >= 0x81
                && text[at + 3] >= 0x30
                && text[at + 3] <= 0x39;
        return four ? 4 : 1;
    }

    private static boolean isTail(int b, int from, int to) {
        return (b >= 0x40 && b <= 0x7e) || (b >= from && b <= to);
    }
}
