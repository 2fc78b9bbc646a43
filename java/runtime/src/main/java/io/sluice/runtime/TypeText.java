package io.sluice.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Types in the form in which they cross from native code: the text that messages show too. */
final class TypeText {
    private TypeText() {}

    /** {@code func (i32) -> i32}, {@code memory 1 2}, {@code global mut i32}, {@code table funcref 1}. */
    static ExternType extern(String text) {
        int space = text.indexOf(' ');
        String rest = text.substring(space + 1);
        return switch (text.substring(0, Math.max(space, 0))) {
            case "func" -> func(rest);
            case "memory" -> new MemoryType(Long.parseLong(rest.split(" ", -1)[0]), bound(rest, 1));
            case "global" -> global(rest);
            case "table" -> table(rest);
            default -> throw new IllegalArgumentException("type \"" + text + "\" is not one of those known");
        };
    }

    /** {@code (i32, i64) -> i32}. */
    static FuncType func(String text) {
        int arrow = text.indexOf(" -> ");
        if (arrow < 0) {
            throw new IllegalArgumentException("func type \"" + text + "\" has no arrow");
        }
        return FuncType.of(values(text.substring(0, arrow)), values(text.substring(arrow + 4)));
    }

    /** {@code mut i32}. */
    static GlobalType global(String text) {
        boolean mutable = text.startsWith("mut ");
        return new GlobalType(ValueType.parse(mutable ? text.substring(4) : text), mutable);
    }

    /** {@code funcref 1 2}. */
    static TableType table(String text) {
        String[] parts = text.split(" ", -1);
        return new TableType(ValueType.parse(parts[0]), Long.parseLong(parts[1]), bound(text, 2));
    }

    private static OptionalLong bound(String text, int position) {
        String[] parts = text.split(" ", -1);
        return parts.length > position ? OptionalLong.of(Long.parseLong(parts[position])) : OptionalLong.empty();
    }

    private static List<ValueType> values(String text) {
        String inner = text.startsWith("(") ? text.substring(1, text.length() - 1) : text;
        List<ValueType> types = new ArrayList<>();
        if (!inner.isEmpty()) {
            for (String part : inner.split(", ", -1)) {
                types.add(ValueType.parse(part));
            }
        }
        return types;
    }
}
