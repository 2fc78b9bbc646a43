import java.util.HashMap;
import java.util.Map;

/** A JSON object whose values are strings; values of other kinds are passed over. */
final class FlatJson {
    private final String text;
    private int at;

    private FlatJson(String text) {
        this.text = text;
    }

    static Map<String, String> parse(String text) {
        Map<String, String> strings = new HashMap<>();
        FlatJson json = new FlatJson(text);
        int depth = 0;
        String key = null;
        boolean value = false;
        while (json.at < text.length()) {
            char c = text.charAt(json.at);
            if (c == '"') {
                String string = json.string();
                if (depth == 1 && value) {
                    strings.put(key, string);
                } else if (depth == 1) {
                    key = string;
                }
                continue;
            }
            json.at++;
            switch (c) {
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                case ':' -> value |= depth == 1;
                case ',' -> value &= depth != 1;
                default -> {}
            }
        }
        return strings;
    }

    /** The string whose opening quote is next. */
    private String string() {
        StringBuilder string = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                break;
            }
            string.append(c == '\\' && at + 1 < text.length() ? escaped() : c);
        }
        return string.toString();
    }

    private char escaped() {
        char c = text.charAt(++at);
        switch (c) {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'u':
                at += 4;
                return at < text.length() ? (char) Integer.parseInt(text.substring(at - 3, at + 1), 16) : '?';
            default:
                return c;
        }
    }
}
