package io.sluice.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * The arguments of an action: TOML in which a semicolon outside quotes ends a line.
 *
 * <p>A reader asks for each key that the action takes and says at the end which they were: any other is refused by name.
 */
final class ActionArgs {
    static final String NAME = "action_args";

    private static final int MAX_CHARS = 16 << 10;
    private static final int MAX_NESTING = 32;

    private final String action;
    private final TomlTable table;
    private final List<String> known = new ArrayList<>();

    private ActionArgs(String action, TomlTable table) {
        this.action = action;
        this.table = table;
    }

    static ActionArgs parse(String action, String text) {
        if (text.length() > MAX_CHARS) {
            throw refused("has " + text.length() + " characters; at most " + MAX_CHARS + " are taken");
        }
        String toml = toToml(text);
        TomlParseResult result = Toml.parse(toml);
        if (result.hasErrors()) {
            var first = result.errors().get(0);
            throw refused("is not TOML: " + first.getMessage() + " (" + first.position() + ")");
        }
        return new ActionArgs(action, result);
    }

    /** The text with a new line for each semicolon outside quotes. */
    private static String toToml(String text) {
        StringBuilder toml = new StringBuilder(text.length());
        int nesting = 0;
        Quotes quotes = new Quotes();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean quoted = quotes.covers(c);
            if (!quoted) {
                nesting += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
            }
            if (nesting > MAX_NESTING) {
                throw refused("nests more than " + MAX_NESTING + " tables and arrays");
            }
            toml.append(c == ';' && !quoted ? '\n' : c);
        }
        return toml.toString();
    }

    /** The text as it is shown: without blanks outside quotes, lines ended by semicolons. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        Quotes quotes = new Quotes();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean quoted = quotes.covers(c);
            if (quoted || !Character.isWhitespace(c)) {
                shown.append(c);
            } else if (c == '\n' && shown.length() > 0 && shown.charAt(shown.length() - 1) != ';') {
                shown.append(';');
            }
        }
        return shown.toString();
    }

    /** Whether there is a text of that key; it must not be empty. */
    String requiredText(String key) {
        String value = text(key);
        if (value == null || value.isEmpty()) {
            throw refused("of " + action + " must have " + key + "; write for example: " + key + "=\"name\"");
        }
        return value;
    }

    @Nullable
    String text(String key) {
        return value(key, String.class, "a string");
    }

    /** The number of that key, or another one if there is none. */
    long number(String key, long least, long most, long otherwise) {
        Long value = value(key, Long.class, "a whole number");
        if (value == null) {
            return otherwise;
        }
        if (value < least || value > most) {
            throw refused("has " + key + " = " + value + "; it must be " + least + " to " + most);
        }
        return value;
    }

    boolean has(String key) {
        return table.contains(List.of(key));
    }

    /** The names of that key: an array of strings, or one string with commas. */
    List<String> names(String key) {
        known.add(key);
        Object value = table.get(List.of(key));
        List<String> names = new ArrayList<>();
        if (value instanceof String text) {
            for (String name : text.split(",", -1)) {
                if (!name.isBlank()) {
                    names.add(name.strip());
                }
            }
        } else if (value instanceof TomlArray array) {
            for (Object name : array.toList()) {
                if (!(name instanceof String text)) {
                    throw refused("has a " + key + " that is not a string: " + name);
                }
                names.add(text);
            }
        } else if (value != null) {
            throw refused("has " + key + " = " + value + "; it must be an array of strings");
        }
        return names;
    }

    /** The table of that key as JSON; empty if there is none. */
    String json(String key) {
        TomlTable value = value(key, TomlTable.class, "a table");
        if (value == null) {
            return "";
        }
        checkNumbers(key, value);
        return value.toJson();
    }

    /** JSON has no infinity. */
    private static void checkNumbers(String path, TomlTable table) {
        for (Map.Entry<List<String>, Object> entry : table.entryPathSet(true)) {
            if (entry.getValue() instanceof Double number && !Double.isFinite(number)) {
                throw refused("has " + path + "." + String.join(".", entry.getKey()) + " = " + number
                        + ", which JSON cannot say; use a finite number");
            }
        }
    }

    private <T> @Nullable T value(String key, Class<T> type, String what) {
        known.add(key);
        Object value = table.get(List.of(key));
        if (value != null && !type.isInstance(value)) {
            throw refused("has " + key + " = " + value + "; it must be " + what);
        }
        return type.cast(value);
    }

    /** Refuses every key that nobody has asked for. */
    void end() {
        for (String key : table.keySet()) {
            if (!known.contains(key)) {
                String hint = known.isEmpty() ? "it takes none" : "the nearest is " + Nearest.of(key, known);
                throw refused("has '" + key + "', which " + action + " does not take; " + hint);
            }
        }
    }

    static IllegalArgumentException refused(String why) {
        return new IllegalArgumentException(NAME + " " + why);
    }

    /** Follows a text and tells which of its characters are in quotes. */
    private static final class Quotes {
        private char open;
        private boolean escaped;

        /** Whether the next character is part of a quoted text, its quotes included. */
        boolean covers(char c) {
            if (open == 0) {
                open = c == '"' || c == '\'' ? c : 0;
                return open != 0;
            }
            if (escaped) {
                escaped = false;
            } else if (c == '\\' && open == '"') {
                escaped = true;
            } else if (c == open) {
                open = 0;
            }
            return true;
        }
    }
}
