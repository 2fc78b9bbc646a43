package io.sluice.bench;

import io.sluice.bench.Contestant.InstanceUse;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The contestants by the name they have in the parameter {@code contestant}, which of them run reused, which fresh, and with what JVM options. */
final class Contestants {

    static final String JAVA = "java";
    static final String SLUICE_POOLED = "sluice-pooled";
    static final String SLUICE_POOLED_UNMETERED = "sluice-pooled-unmetered";
    static final String SLUICE_PER_REQUEST = "sluice-per-request";
    static final String SLUICE_PER_REQUEST_UNMETERED = "sluice-per-request-unmetered";
    static final String CHICORY_COMPILED = "chicory-compiled";
    /** Not a contestant of its own, but what a cap does to {@link #CHICORY_COMPILED}'s fresh instances. */
    static final String CHICORY_CAPPED = "chicory-capped";

    static final String CHICORY_INTERPRETED = "chicory-interpreted";
    static final String GRAALWASM_COMPILED = "graalwasm-compiled";
    static final String GRAALWASM_INTERPRETED = "graalwasm-interpreted";
    static final String WASMTIME_JAVA = "wasmtime-java";

    /** Below Java: the same engine and limits called from Rust. A row of comparison, not one who can be opened. */
    static final String FLOOR = "floor";

    /** All names, in the order of tables. */
    static final List<String> ALL = List.of(
            JAVA,
            SLUICE_POOLED,
            SLUICE_POOLED_UNMETERED,
            SLUICE_PER_REQUEST,
            SLUICE_PER_REQUEST_UNMETERED,
            CHICORY_COMPILED,
            CHICORY_CAPPED,
            CHICORY_INTERPRETED,
            GRAALWASM_COMPILED,
            GRAALWASM_INTERPRETED,
            WASMTIME_JAVA);

    private Contestants() {}

    /** Whether a contestant runs this way. */
    static boolean runs(String name, InstanceUse use) {
        return switch (name) {
            case SLUICE_POOLED, SLUICE_POOLED_UNMETERED -> use == InstanceUse.REUSED;
            case SLUICE_PER_REQUEST, SLUICE_PER_REQUEST_UNMETERED, CHICORY_CAPPED -> use == InstanceUse.FRESH;
            default -> ALL.contains(name);
        };
    }

    /** The contestants that run this way, pure Java first. */
    static List<String> names(InstanceUse use) {
        return ALL.stream().filter(name -> runs(name, use)).toList();
    }

    /**
     * Opens a contestant on the plugin in C that all of them run.
     *
     * @throws IllegalArgumentException if there is no such contestant, or it does not run this way
     */
    static Contestant open(String name, InstanceUse use) {
        return open(name, use, PluginGuest.C);
    }

    /**
     * Opens a contestant on a plugin.
     *
     * @throws IllegalArgumentException if there is no such contestant, or it does not run this way
     */
    static Contestant open(String name, InstanceUse use, PluginGuest guest) {
        if (!runs(name, use)) {
            throw new IllegalArgumentException("contestant \"" + name + "\" was asked to run "
                    + use.name().toLowerCase(Locale.ROOT) + ", which only " + names(use) + " do; choose one of these");
        }
        return switch (name) {
            case JAVA -> guest.java(use);
            case SLUICE_POOLED, SLUICE_PER_REQUEST -> SluiceContestant.open(use, true, guest);
            case SLUICE_POOLED_UNMETERED, SLUICE_PER_REQUEST_UNMETERED -> SluiceContestant.open(use, false, guest);
            default -> new RivalPlugin(vm(name, guest.wasm()), use);
        };
    }

    /** Compiles a module the way of a contestant, to call its functions; for Sluice that is the runtime below the plugin host. */
    static Vm vm(String name, byte[] wasm) {
        return switch (name) {
            case JAVA -> new JavaWorkloads();
            case SLUICE_POOLED -> SluiceVm.metered(wasm);
            case SLUICE_POOLED_UNMETERED -> SluiceVm.unmetered(wasm);
            case CHICORY_COMPILED -> ChicoryVm.compiled(wasm);
            case CHICORY_CAPPED -> ChicoryVm.compiledAndCapped(wasm);
            case CHICORY_INTERPRETED -> ChicoryVm.interpreted(wasm);
            case GRAALWASM_COMPILED -> GraalWasmVm.compiled(wasm);
            case GRAALWASM_INTERPRETED -> GraalWasmVm.interpreted(wasm);
            case WASMTIME_JAVA -> new WasmtimeJavaVm(wasm);
            default ->
                throw new IllegalArgumentException(
                        "contestant \"" + name + "\": there is none that calls functions; choose one of " + ALL);
        };
    }

    /** The options of a JVM that a contestant is measured in. */
    static List<String> jvmArgs(@Nullable String name) {
        List<String> arguments = new ArrayList<>(
                List.of("--enable-native-access=ALL-UNNAMED", "-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch"));
        if (GRAALWASM_COMPILED.equals(name)) {
            String compiler = graalCompiler();
            if (!compiler.isEmpty()) {
                arguments.addAll(List.of(
                        "-XX:+UnlockExperimentalVMOptions", "-XX:+EnableJVMCI", "--upgrade-module-path=" + compiler));
            }
        }
        if (GRAALWASM_COMPILED.equals(name) || GRAALWASM_INTERPRETED.equals(name)) {
            arguments.add("--sun-misc-unsafe-memory-access=allow");
        }
        if (Runtime.version().feature() < 23) {
            arguments.remove("--sun-misc-unsafe-memory-access=allow");
        }
        return arguments;
    }

    /** The jars of the Graal compiler, which the build puts beside the classes; none where it has not run. */
    private static String graalCompiler() {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path folder = Path.of(entry).resolveSibling("graal-compiler");
            File[] jars =
                    Files.isDirectory(folder) ? folder.toFile().listFiles((dir, file) -> file.endsWith(".jar")) : null;
            if (jars != null && jars.length > 0) {
                return Arrays.stream(jars)
                        .map(File::getAbsolutePath)
                        .sorted()
                        .collect(Collectors.joining(File.pathSeparator));
            }
        }
        return "";
    }
}
