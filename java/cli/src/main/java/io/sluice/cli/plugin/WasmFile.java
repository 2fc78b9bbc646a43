package io.sluice.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the sections of a module's file say without compiling it: enough to tell what it is and where its code came from. What is
 * malformed beyond that is the engine's to refuse.
 */
final class WasmFile {
    /** An import or export: its module, "" for an export, its name and its kind, 0 for a function. */
    record External(String module, String name, int kind) {}

    /** A section's name or kind, and how many bytes it has. */
    record Section(String name, int bytes) {}

    private static final String[] SECTIONS = {
        "custom",
        "type",
        "import",
        "function",
        "table",
        "memory",
        "global",
        "export",
        "start",
        "element",
        "code",
        "data",
        "data count",
        "tag"
    };

    private final List<External> imports = new ArrayList<>();
    private final List<External> exports = new ArrayList<>();
    private final List<Section> sections = new ArrayList<>();
    private final Map<String, ByteBuffer> custom = new LinkedHashMap<>();
    private int codeStart;
    private int size;

    private WasmFile() {}

    static WasmFile read(Path path) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (IOException e) {
            throw new CommandException(path + " cannot be read: " + e);
        }
        String fault = fault(bytes);
        if (fault != null) {
            throw new CommandException(path + " is no plugin: " + fault);
        }
        WasmFile file = new WasmFile();
        file.size = bytes.length;
        try {
            file.readSections(
                    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(8));
        } catch (RuntimeException e) {
            throw new CommandException(path + " is no plugin: its sections are damaged; build it again");
        }
        return file;
    }

    private static @Nullable String fault(byte[] bytes) {
        if (bytes.length < 8 || bytes[0] != 0 || bytes[1] != 'a' || bytes[2] != 's' || bytes[3] != 'm') {
            return "it does not begin as WebAssembly does; build it with: sluice plugin build";
        }
        if (bytes[6] != 0) {
            return "it is a component; build a core module";
        }
        return bytes[4] == 1 ? null : "it is of WebAssembly version " + bytes[4] + "; build one of version 1";
    }

    private void readSections(ByteBuffer in) {
        while (in.hasRemaining()) {
            int id = in.get();
            int length = number(in);
            ByteBuffer content = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            if (id == 0) {
                String name = text(content);
                custom.put(name, content.slice().order(ByteOrder.LITTLE_ENDIAN));
                sections.add(new Section(name, length));
            } else {
                sections.add(new Section(id < SECTIONS.length ? SECTIONS[id] : "section " + id, length));
            }
            if (id == 2) {
                readImports(content);
            } else if (id == 7) {
                for (int count = number(content); count > 0; count--) {
                    exports.add(new External("", text(content), content.get()));
                    number(content);
                }
            } else if (id == 10) {
                codeStart = in.position();
            }
            in.position(in.position() + length);
        }
    }

    private void readImports(ByteBuffer in) {
        for (int count = number(in); count > 0; count--) {
            String module = text(in);
            String name = text(in);
            int kind = in.get();
            imports.add(new External(module, name, kind));
            switch (kind) {
                case 0 -> number(in);
                case 1 -> {
                    in.get();
                    skipLimits(in);
                }
                case 2 -> skipLimits(in);
                case 3 -> in.position(in.position() + 2);
                default -> throw new IllegalArgumentException("import kind " + kind);
            }
        }
    }

    private static void skipLimits(ByteBuffer in) {
        int flags = in.get();
        number(in);
        if ((flags & 1) != 0) {
            number(in);
        }
    }

    static int number(ByteBuffer in) {
        int number = 0;
        for (int shift = 0; ; shift += 7) {
            byte part = in.get();
            number |= (part & 0x7f) << shift;
            if (part >= 0) {
                return number;
            }
        }
    }

    static String text(ByteBuffer in) {
        int length = number(in);
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("a name of " + length + " bytes where " + in.remaining() + " are left");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }

    int size() {
        return size;
    }

    List<External> imports() {
        return imports;
    }

    List<External> exports() {
        return exports;
    }

    List<Section> sections() {
        return sections;
    }

    boolean exports(String name) {
        return exports.stream().anyMatch(export -> export.name().equals(name));
    }

    boolean imports(String name) {
        return imports.stream().anyMatch(each -> each.name().equals(name));
    }

    boolean importsFrom(String module) {
        return imports.stream().anyMatch(each -> each.module().equals(module));
    }

    /** Where the content of the code section begins: what addresses in debug information are counted from. */
    int codeStart() {
        return codeStart;
    }

    /** A custom section's content; null if there is none. */
    @Nullable
    ByteBuffer custom(String name) {
        ByteBuffer found = custom.get(name);
        return found == null ? null : found.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
