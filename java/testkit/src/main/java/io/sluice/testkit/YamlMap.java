package io.sluice.testkit;

import io.sluice.sql.Nearest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A mapping of a YAML file that knows its line, which keys it may have, and how to say what is wrong with it. */
final class YamlMap {
    private final String file;
    private final int line;
    private final String what;
    private final Map<String, Node> values = new LinkedHashMap<>();

    private YamlMap(String file, Node node, String what) {
        this.file = file;
        this.line = lineOf(node);
        this.what = what;
        if (!(node instanceof MappingNode mapping)) {
            throw fault(file, line, what + " is " + kind(node) + "; it must be a mapping, key: value");
        }
        for (NodeTuple tuple : mapping.getValue()) {
            String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : kind(tuple.getKeyNode());
            if (values.put(key, tuple.getValueNode()) != null) {
                throw fault(file, lineOf(tuple.getKeyNode()), what + " has the key '" + key + "' twice; leave one");
            }
        }
    }

    /** Parses a file whose top is a mapping. */
    static YamlMap parse(String file, String yaml, String what) {
        Node root;
        try {
            root = new Compose(LoadSettings.builder()
                            .setAllowDuplicateKeys(true)
                            .setMaxAliasesForCollections(20)
                            .build())
                    .composeString(yaml)
                    .orElseThrow(() -> new CaseFileException(file + ": the file is empty; write 'cases:' and a list"));
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw fault(file, line, "not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new CaseFileException(file + ": not YAML: " + e.getMessage());
        }
        return new YamlMap(file, root, what);
    }

    private static CaseFileException fault(String file, int line, String problem) {
        return new CaseFileException(file + ":" + line + ": " + problem);
    }

    CaseFileException fault(String problem) {
        return fault(file, line, problem);
    }

    CaseFileException fault(String key, String problem) {
        Node node = values.get(key);
        return fault(file, node == null ? line : lineOf(node), "'" + key + "' of " + what + " " + problem);
    }

    /** Refuses keys that mean nothing. */
    YamlMap allow(String... keys) {
        Set<String> known = new TreeSet<>(List.of(keys));
        for (Map.Entry<String, Node> entry : values.entrySet()) {
            if (!known.contains(entry.getKey())) {
                throw fault(
                        file,
                        lineOf(entry.getValue()),
                        what + " has the unknown key '" + entry.getKey() + "'; did you mean '"
                                + Nearest.of(entry.getKey(), known) + "'? It may have " + String.join(", ", known));
            }
        }
        return this;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    Set<String> keys() {
        return values.keySet();
    }

    int line() {
        return line;
    }

    String what() {
        return what;
    }

    YamlMap map(String key, String name) {
        return new YamlMap(file, required(key), name);
    }

    List<YamlMap> maps(String key, String name) {
        List<YamlMap> maps = new ArrayList<>();
        for (Node node : sequence(key)) {
            maps.add(new YamlMap(file, node, name + " " + (maps.size() + 1)));
        }
        return maps;
    }

    /** Lists of scalars. */
    List<List<@Nullable String>> table(String key) {
        List<List<@Nullable String>> rows = new ArrayList<>();
        for (Node node : sequence(key)) {
            if (!(node instanceof SequenceNode row)) {
                throw fault(
                        file,
                        lineOf(node),
                        "row " + (rows.size() + 1) + " of " + what + " is " + kind(node)
                                + "; it must be a list, [value, value]");
            }
            List<@Nullable String> values = new ArrayList<>();
            for (Node value : row.getValue()) {
                values.add(scalar(value, key));
            }
            rows.add(values);
        }
        return rows;
    }

    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (Node node : sequence(key)) {
            String text = scalar(node, key);
            texts.add(text == null ? "" : text);
        }
        return texts;
    }

    /** The text of a scalar; the fallback if the key is missing. */
    String text(String key, String fallback) {
        Node node = values.get(key);
        String text = node == null ? fallback : scalar(node, key);
        if (text == null) {
            throw fault(key, "is null; it must be a text");
        }
        return text;
    }

    long number(String key, long fallback, long least) {
        String text = text(key, Long.toString(fallback)).replace("_", "").replace(",", "");
        try {
            long number = Long.parseLong(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw fault(key, "is '" + text + "'; it must be a whole number of at least " + least);
    }

    /** The value as JSON. */
    String json(String key) {
        StringBuilder json = new StringBuilder();
        appendJson(json, required(key));
        return json.toString();
    }

    private Node required(String key) {
        Node node = values.get(key);
        if (node == null) {
            throw fault(what + " has no '" + key + "'; it must have one");
        }
        return node;
    }

    private List<Node> sequence(String key) {
        Node node = required(key);
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        throw fault(key, "is " + kind(node) + "; it must be a list");
    }

    private @Nullable String scalar(Node node, String key) {
        if (node instanceof ScalarNode scalar) {
            return scalar.getTag().equals(Tag.NULL) ? null : scalar.getValue();
        }
        throw fault(file, lineOf(node), "'" + key + "' of " + what + " has " + kind(node) + " where a value must be");
    }

    private static void appendJson(StringBuilder json, Node node) {
        if (node instanceof MappingNode mapping) {
            char before = '{';
            for (NodeTuple tuple : mapping.getValue()) {
                json.append(before);
                quote(json, tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "");
                json.append(':');
                appendJson(json, tuple.getValueNode());
                before = ',';
            }
            json.append(before == '{' ? "{}" : "}");
        } else if (node instanceof SequenceNode sequence) {
            char before = '[';
            for (Node item : sequence.getValue()) {
                json.append(before);
                appendJson(json, item);
                before = ',';
            }
            json.append(before == '[' ? "[]" : "]");
        } else if (node instanceof ScalarNode scalar) {
            Set<Tag> plain = new HashSet<>(List.of(Tag.NULL, Tag.BOOL, Tag.INT, Tag.FLOAT));
            if (plain.contains(scalar.getTag())) {
                json.append(scalar.getTag().equals(Tag.NULL) ? "null" : scalar.getValue());
            } else {
                quote(json, scalar.getValue());
            }
        }
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
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

    private static String kind(Node node) {
        if (node instanceof MappingNode) {
            return "a mapping";
        }
        if (node instanceof SequenceNode) {
            return "a list";
        }
        return node instanceof ScalarNode scalar ? "'" + scalar.getValue() + "'" : "nothing";
    }

    private static int lineOf(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
