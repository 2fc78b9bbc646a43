package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A condition on the template of a text; immutable.
 *
 * <p>Two texts have the same template if what {@link SqlTokenizer} leaves of them is equal, the kind of a literal, the letter case of
 * ASCII, and backticks ignored.
 */
final class QueryTemplate {
    private static final int MAX_CHARS = 16 << 10;

    private final String text;
    private final byte[] template;

    private QueryTemplate(String text, byte[] template) {
        this.text = text;
        this.template = template;
    }

    static QueryTemplate of(String text) {
        if (text.length() > MAX_CHARS) {
            throw new IllegalArgumentException(
                    "query_template has " + text.length() + " characters; at most " + MAX_CHARS + " are taken");
        }
        SqlTokenizer tokenizer = new SqlTokenizer();
        byte[] bytes = text.getBytes(UTF_8);
        tokenizer.scan(bytes, 0, bytes.length, SqlDialect.mysql(), false);
        if (!tokenizer.isClear()) {
            throw new IllegalArgumentException("query_template '" + text
                    + "' has a string, an identifier or a comment that does not end, or depends on a version");
        }
        byte[] template = new byte[tokenizer.templateLength()];
        int length = 0;
        for (int i = 0; i < template.length; i++) {
            byte b = tokenizer.template()[i];
            if (b != '`') {
                template[length++] = normal(b);
            }
        }
        return new QueryTemplate(text, java.util.Arrays.copyOf(template, length));
    }

    String text() {
        return text;
    }

    boolean matches(SqlTokenizer tokens) {
        byte[] other = tokens.template();
        int length = tokens.templateLength();
        int at = 0;
        for (int i = 0; i < length; i++) {
            byte b = other[i];
            if (b == '`') {
                continue;
            }
            if (at == template.length || template[at] != normal(b)) {
                return false;
            }
            at++;
        }
        return at == template.length;
    }

    private static byte normal(byte b) {
        if (b >= 'A' && b <= 'Z') {
            return (byte) (b | 0x20);
        }
        return b == SqlTokenizer.STRING || b == SqlTokenizer.NUMBER ? SqlTokenizer.PLACEHOLDER : b;
    }
}
