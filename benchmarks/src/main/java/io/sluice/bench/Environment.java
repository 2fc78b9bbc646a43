package io.sluice.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Where a run was made: machine, JDK, versions, commit, and how busy others kept the machine. Its file is {@code environment.json}. */
final class Environment {

    static final String FILE = "environment.json";
    /** What must be the same for two runs to be compared without a warning. */
    static final List<String> COMPARED = List.of("machine", "processors", "jdk", "versions");
    /** What else must be the same for a run to go on: a report says one commit and one command of all its forks. */
    private static final List<String> OF_ONE_RUN = List.of("commit", "command");

    static final String OTHER_LOAD = "otherLoadProcessors";

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private Environment() {}

    static Map<String, String> here(String command) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("command", command);
        values.put("date", java.time.LocalDate.now(java.time.ZoneOffset.UTC).toString());
        values.put("machine", processor());
        values.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        values.put("memory", memory());
        values.put("system", System.getProperty("os.name") + ' ' + System.getProperty("os.version"));
        values.put("jdk", System.getProperty("java.vm.vendor") + ' ' + Runtime.version());
        values.put("jvmFlags", String.join(" ", Contestants.jvmArgs(null)));
        values.put("versions", versions());
        values.put("commit", commit());
        values.put(
                "loadBefore",
                String.format(
                        Locale.ROOT,
                        "%.2f",
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
        return values;
    }

    static Map<String, String> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            throw new IOException(folder + " is not a folder of results: it has no " + FILE
                    + "; choose a folder that make bench wrote");
        }
        Map<String, String> values = new TreeMap<>();
        GSON.fromJson(Files.readString(file), com.google.gson.JsonObject.class)
                .entrySet()
                .forEach(entry -> values.put(entry.getKey(), entry.getValue().getAsString()));
        return values;
    }

    /**
     * Goes on in a folder, with what must be kept of those who were here before.
     *
     * @throws IllegalArgumentException if they were elsewhere, or measured something else
     */
    static void goOn(Path folder, Map<String, String> now) throws IOException {
        Map<String, String> before = read(folder);
        Stream.concat(OF_ONE_RUN.stream(), COMPARED.stream()).forEach(key -> {
            if (!now.getOrDefault(key, "").equals(before.get(key))) {
                throw new IllegalArgumentException("folder " + folder + " was begun with " + key + " \""
                        + before.get(key) + "\" and cannot go on with \"" + now.get(key)
                        + "\"; choose another folder with ARGS=folder=FOLDER");
            }
        });
        String busy = before.get(OTHER_LOAD);
        if (busy != null) {
            putLarger(now, OTHER_LOAD, busy);
        }
    }

    /** Sets a number unless a larger one is there. */
    static void putLarger(Map<String, String> values, String key, String number) {
        values.merge(key, number, (a, b) -> Double.parseDouble(a) > Double.parseDouble(b) ? a : b);
    }

    static void write(Path folder, Map<String, String> values) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(FILE), GSON.toJson(values) + '\n');
    }

    /** The machine's name in a folder's: processors and model, letters and digits only. */
    static String slug() {
        String model = processor().replaceAll("\\(.*?\\)|CPU|@.*|Processor", " ");
        return (Runtime.getRuntime().availableProcessors() + "x " + model)
                .strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("-+$", "");
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    private static String memory() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).get(0).replaceAll("\\s+", " ");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String versions() {
        return "Chicory " + version("com.dylibso.chicory", "runtime") + ", wasmtime-java "
                + version("io.github.kawamuray.wasmtime", "wasmtime-java") + ", GraalWasm "
                + org.graalvm.polyglot.Engine.class.getPackage().getImplementationVersion() + ", JMH 1.37";
    }

    private static String version(String group, String artifact) {
        String path = "/META-INF/maven/" + group + '/' + artifact + "/pom.properties";
        try (InputStream in = Environment.class.getResourceAsStream(path)) {
            if (in == null) {
                for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
                    Path jar = Path.of(entry);
                    Path folder = jar.getParent();
                    if (entry.contains(artifact + '-') && folder != null && entry.contains(group.replace('.', '/'))) {
                        return String.valueOf(folder.getFileName());
                    }
                }
                return "?";
            }
            java.util.Properties properties = new java.util.Properties();
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            return "?";
        }
    }

    /** The commit that is checked out, and which changes there are to it, other than results. */
    private static String commit() {
        String commit = git("rev-parse", "--short=12", "HEAD");
        String changes = git("diff", "HEAD", "--", ":/", ":(top,exclude)benchmarks/results");
        return commit + (changes.isEmpty() ? "" : " and changes " + checksum(changes));
    }

    private static String checksum(String text) {
        CRC32C checksum = new CRC32C();
        checksum.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08x", checksum.getValue());
    }

    private static String git(String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? text : "unknown";
        } catch (IOException e) {
            return "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
