package io.sluice.cli.plugin;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A picture of stacks, the entry points at the bottom, in one SVG file. */
final class FlameGraph {
    private static final double WIDTH = 1200;
    private static final int ROW = 18;
    private static final double LETTER = 7;

    /** A function where it was called from, and what it called. */
    private static final class Node {
        private final Map<String, Node> callees = new TreeMap<>();
        private long fuel;

        int depth() {
            return 1 + callees.values().stream().mapToInt(Node::depth).max().orElse(0);
        }
    }

    private FlameGraph() {}

    static String svg(Map<List<String>, Long> stacks) {
        Node root = new Node();
        stacks.forEach((stack, fuel) -> {
            Node at = root;
            at.fuel += fuel;
            for (String function : stack) {
                at = at.callees.computeIfAbsent(function, name -> new Node());
                at.fuel += fuel;
            }
        });
        int height = root.depth() * ROW;
        StringBuilder out = new StringBuilder();
        out.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%d\" font-family=\"monospace\" font-size=\"12\">%n",
                WIDTH,
                height));
        draw(out, "all", root, root.fuel, 0, height - ROW);
        return out.append("</svg>\n").toString();
    }

    private static void draw(StringBuilder out, String function, Node node, long total, double left, int top) {
        double width = total == 0 ? 0 : WIDTH * node.fuel / total;
        String name = escaped(function);
        int letters = (int) ((width - 4) / LETTER);
        String label = letters >= function.length()
                ? name
                : letters < 3 ? "" : escaped(function.substring(0, letters - 1)) + "…";
        out.append(String.format(
                Locale.ROOT,
                "<g><title>%s: %,d fuel, %.1f%%</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"hsl(%d,75%%,65%%)\""
                        + " stroke=\"white\"/><text x=\"%.1f\" y=\"%d\">%s</text></g>%n",
                name,
                node.fuel,
                total == 0 ? 0 : 100.0 * node.fuel / total,
                left,
                top,
                width,
                ROW,
                20 + Math.floorMod(function.hashCode(), 40),
                left + 2,
                top + 13,
                label));
        double at = left;
        for (Map.Entry<String, Node> callee : node.callees.entrySet()) {
            draw(out, callee.getKey(), callee.getValue(), total, at, top - ROW);
            at += total == 0 ? 0 : WIDTH * callee.getValue().fuel / total;
        }
    }

    private static String escaped(String text) {
        // Characters that XML cannot have, not even as references: a module's names are any text.
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().map(c -> isInXml(c) ? c : '?').forEach(clean::appendCodePoint);
        return clean.toString().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static boolean isInXml(int c) {
        return (c >= ' ' && c < 0x7f) || (c >= 0xa0 && c < 0xd800) || (c >= 0xe000 && (c & 0xfffe) != 0xfffe);
    }
}
