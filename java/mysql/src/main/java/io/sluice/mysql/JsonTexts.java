package io.sluice.mysql;

import java.util.ArrayList;
import java.util.List;

/** Lists of texts as JSON, as the table of filters has plans and table names. */
final class JsonTexts {
    private JsonTexts() {}

    /** A list of comma-separated items as a JSON array. */
    static String ofCommas(String commas) {
        StringBuilder json = new StringBuilder("[");
        for (String item : commas.split(",", -1)) {
            if (item.isEmpty()) {
                continue;
            }
            json.append(json.length() > 1 ? "," : "").append('"');
            for (int i = 0; i < item.length(); i++) {
                char c = item.charAt(i);
                if (c == '"' || c == '\\') {
                    json.append('\\').append(c);
                } else if (c < ' ') {
                    json.append(String.format("\\u%04x", (int) c));
                } else {
                    json.append(c);
                }
            }
            json.append('"');
        }
        return json.append(']').toString();
    }

    /**
     * A JSON array as comma-separated items; a text that is none comes out as it is, {@code null} as nothing.
     *
     * @throws IllegalArgumentException if it begins as an array and is none of texts
     */
    static String toCommas(String json) {
        String text = json.strip();
        if (text.isEmpty() || text.equals("null")) {
            return "";
        }
        if (!text.startsWith("[")) {
            return text;
        }
        List<String> items = new ArrayList<>();
        int at = 1;
        boolean due = true;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (c == '"' && due) {
                StringBuilder item = new StringBuilder();
                at = item(text, at + 1, item);
                items.add(item.toString());
                due = false;
            } else if (c == ',' && !due) {
                due = true;
                at++;
            } else if (c == ']' && at == text.length() - 1) {
                return String.join(",", items);
            } else {
                break;
            }
        }
        throw new IllegalArgumentException("'" + json + "' is no JSON array of texts");
    }

    private static int item(String text, int from, StringBuilder item) {
        int at = from;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return at;
            }
            if (c != '\\' || at == text.length()) {
                item.append(c);
                continue;
            }
            char escaped = text.charAt(at++);
            switch (escaped) {
                case 'n' -> item.append('\n');
                case 't' -> item.append('\t');
                case 'r' -> item.append('\r');
                case 'b' -> item.append('\b');
                case 'f' -> item.append('\f');
                case 'u' -> {
                    if (at + 4 > text.length()) {
                        throw new IllegalArgumentException("'" + text + "' is no JSON array of texts");
                    }
                    item.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                }
                default -> item.append(escaped);
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no JSON array of texts");
    }
}
