package io.sluice.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a module's source by the address of its code, from the section {@code .debug_line} of DWARF 2 to 5. What is damaged or of
 * another version is left out: a trap without its line is still a trap with its function.
 */
final class LineTable {
    private static final LineTable EMPTY = new LineTable(0);

    private record Line(String file, int number) {}

    private final int codeStart;
    private final NavigableMap<Long, Line> lines = new TreeMap<>();

    private LineTable(int codeStart) {
        this.codeStart = codeStart;
    }

    static LineTable of(WasmFile file) {
        ByteBuffer section = file.custom(".debug_line");
        if (section == null) {
            return EMPTY;
        }
        LineTable table = new LineTable(file.codeStart());
        try {
            while (section.remaining() > 4) {
                int length = section.getInt();
                ByteBuffer unit = section.slice(section.position(), length).order(ByteOrder.LITTLE_ENDIAN);
                section.position(section.position() + length);
                table.readUnit(unit, file);
            }
        } catch (RuntimeException e) {
            // The units before the damaged one are good.
        }
        return table;
    }

    /** File and line; "" if they are not known. */
    String placeOf(long moduleOffset) {
        Map.Entry<Long, Line> found = lines.floorEntry(moduleOffset - codeStart);
        return found == null || found.getValue().number() == 0
                ? ""
                : found.getValue().file() + ":" + found.getValue().number();
    }

    private void readUnit(ByteBuffer in, WasmFile file) {
        int version = in.getShort();
        if (version < 2 || version > 5) {
            return;
        }
        if (version == 5) {
            in.getShort(); // sizes of address and segment selector
        }
        int headerLength = in.getInt();
        int program = in.position() + headerLength;
        int minimumLength = in.get() & 0xff;
        if (version >= 4) {
            in.get(); // operations in an instruction: 1
        }
        in.get(); // default is_stmt
        int lineBase = in.get();
        int lineRange = in.get() & 0xff;
        int opcodeBase = in.get() & 0xff;
        byte[] operands = new byte[opcodeBase];
        in.get(operands, 1, opcodeBase - 1);
        List<String> files = version == 5 ? filesOf5(in, file) : filesOf4(in);
        run(in.position(program), files, minimumLength, lineBase, lineRange, opcodeBase, operands);
    }

    private static List<String> filesOf4(ByteBuffer in) {
        while (!string(in).isEmpty()) {
            // Folders are left out: a file's name is enough to find it in one's own plugin.
        }
        List<String> files = new ArrayList<>(List.of(""));
        for (String name = string(in); !name.isEmpty(); name = string(in)) {
            files.add(name);
            for (int i = 0; i < 3; i++) {
                WasmFile.number(in);
            }
        }
        return files;
    }

    private static List<String> filesOf5(ByteBuffer in, WasmFile file) {
        entries(in, file);
        return entries(in, file);
    }

    /** The names in a table of DWARF 5. */
    private static List<String> entries(ByteBuffer in, WasmFile file) {
        int formatCount = in.get();
        int[] contents = new int[formatCount];
        int[] forms = new int[formatCount];
        for (int i = 0; i < formatCount; i++) {
            contents[i] = WasmFile.number(in);
            forms[i] = WasmFile.number(in);
        }
        List<String> names = new ArrayList<>();
        for (int count = WasmFile.number(in); count > 0; count--) {
            String name = "";
            for (int i = 0; i < formatCount; i++) {
                String value = value(in, forms[i], file);
                if (contents[i] == 1) {
                    name = value;
                }
            }
            names.add(name);
        }
        return names;
    }

    private static String value(ByteBuffer in, int form, WasmFile file) {
        return switch (form) {
            case 0x08 -> string(in);
            case 0x1f -> stringAt(file.custom(".debug_line_str"), in.getInt());
            case 0x0e -> stringAt(file.custom(".debug_str"), in.getInt());
            case 0x0b -> skipped(in, 1);
            case 0x05 -> skipped(in, 2);
            case 0x06 -> skipped(in, 4);
            case 0x1e -> skipped(in, 16);
            case 0x0f -> {
                WasmFile.number(in);
                yield "";
            }
            default -> throw new IllegalArgumentException("form " + form);
        };
    }

    private static String skipped(ByteBuffer in, int bytes) {
        in.position(in.position() + bytes);
        return "";
    }

    private static String stringAt(@Nullable ByteBuffer section, int offset) {
        return section == null ? "" : string(section.position(offset));
    }

    private static String string(ByteBuffer in) {
        int start = in.position();
        while (in.get() != 0) {
            // The end is looked for.
        }
        byte[] bytes = new byte[in.position() - start - 1];
        in.get(start, bytes);
        return new String(bytes, UTF_8);
    }

    private void run(
            ByteBuffer in,
            List<String> files,
            int minimumLength,
            int lineBase,
            int lineRange,
            int opcodeBase,
            byte[] operands) {
        long address = 0;
        int file = 1;
        int line = 1;
        while (in.hasRemaining()) {
            int opcode = in.get() & 0xff;
            if (opcode >= opcodeBase) {
                int adjusted = opcode - opcodeBase;
                address += (long) (adjusted / lineRange) * minimumLength;
                line += lineBase + adjusted % lineRange;
                add(address, files, file, line);
                continue;
            }
            switch (opcode) {
                case 0 -> {
                    int end = WasmFile.number(in) + in.position();
                    int extended = in.get();
                    if (extended == 1) {
                        lines.putIfAbsent(address, new Line("", 0));
                        address = 0;
                        file = 1;
                        line = 1;
                    } else if (extended == 2) {
                        address = in.getInt() & 0xffff_ffffL;
                    }
                    in.position(end);
                }
                case 1 -> add(address, files, file, line);
                case 2 -> address += (long) WasmFile.number(in) * minimumLength;
                case 3 -> line += signed(in);
                case 4 -> file = WasmFile.number(in);
                case 8 -> address += (long) ((255 - opcodeBase) / lineRange) * minimumLength;
                case 9 -> address += in.getShort() & 0xffff;
                default -> {
                    for (int i = 0; i < operands[opcode]; i++) {
                        WasmFile.number(in);
                    }
                }
            }
        }
    }

    private void add(long address, List<String> files, int file, int line) {
        lines.put(address, new Line(file < files.size() ? files.get(file) : "", line));
    }

    private static int signed(ByteBuffer in) {
        int number = 0;
        int shift = 0;
        byte part;
        do {
            part = in.get();
            number |= (part & 0x7f) << shift;
            shift += 7;
        } while (part < 0);
        return shift < 32 && (part & 0x40) != 0 ? number | -1 << shift : number;
    }
}
