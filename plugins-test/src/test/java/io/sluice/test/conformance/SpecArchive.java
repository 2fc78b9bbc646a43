package io.sluice.test.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/** One folder of the testsuite, as {@code spec/generator} packs it. */
final class SpecArchive {
    /** A script: its commands, and the binary modules that they number. */
    record Script(String folder, String name, JsonArray commands, List<byte[]> modules) {}

    private final Path file;

    private SpecArchive(Path file) {
        this.file = file;
    }

    /** The folder {@code spec}, from this module's folder or from the repository's. */
    static Path root() {
        Path here = Path.of("spec");
        return Files.isDirectory(here) ? here : Path.of("plugins-test", "spec");
    }

    /** The versions of the specification first, then the proposals, each by name. */
    static List<SpecArchive> all() {
        try (Stream<Path> files = Files.list(root())) {
            return files.filter(path -> path.toString().endsWith(".zip"))
                    .map(SpecArchive::new)
                    .sorted((a, b) -> a.order().compareTo(b.order()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the testsuite is not there", e);
        }
    }

    String folder() {
        return Objects.requireNonNull(file.getFileName()).toString().replace(".zip", "");
    }

    private String order() {
        return folder().startsWith("wasm-v") ? " " + folder() : folder();
    }

    /** The scripts that it holds, by name. */
    List<String> scripts() {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.endsWith(".json"))
                    .map(name -> name.substring(0, name.length() - ".json".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    Script script(String name) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            JsonObject json = JsonParser.parseString(new String(read(zip, name + ".json"), UTF_8))
                    .getAsJsonObject();
            byte[] bytes = read(zip, name + ".bin");
            List<byte[]> modules = new ArrayList<>();
            int offset = 0;
            for (JsonElement length : json.getAsJsonArray("modules")) {
                byte[] module = new byte[length.getAsInt()];
                System.arraycopy(bytes, offset, module, 0, module.length);
                offset += module.length;
                modules.add(module);
            }
            return new Script(folder(), name, json.getAsJsonArray("commands"), modules);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + name + " cannot be read", e);
        }
    }

    private static byte[] read(ZipFile zip, String name) throws IOException {
        try (InputStream in = zip.getInputStream(Objects.requireNonNull(zip.getEntry(name), name))) {
            return in.readAllBytes();
        }
    }
}
