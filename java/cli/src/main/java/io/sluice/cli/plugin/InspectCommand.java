package io.sluice.cli.plugin;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a module's file holds. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Says which ABI a plugin is for, what it imports and exports, and what its bytes are made of.")
final class InspectCommand implements Callable<Integer> {
    private static final List<String> SHARED =
            List.of("GetValueByKeyOnHost", "SetValueByKeyOnHost", "LockOnHost", "UnlockOnHost");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE|DIR", description = "A .wasm file, or a folder with one.")
    private Path target = Path.of(".");

    @Override
    public Integer call() {
        Path module = Folders.module(target);
        WasmFile file = WasmFile.read(module);
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%s: %,d bytes%n", module, file.size());
        out.println("ABI: " + Abi.of(file));
        out.println("runs on WeScale: " + onWescale(file));
        Map<String, TreeSet<String>> imports = new TreeMap<>();
        for (WasmFile.External each : file.imports()) {
            imports.computeIfAbsent(each.module(), module1 -> new TreeSet<>()).add(each.name());
        }
        imports.forEach((from, names) -> out.println("imports from " + from + ": " + String.join(", ", names)));
        TreeSet<String> exports = new TreeSet<>();
        file.exports().forEach(export -> exports.add(export.name()));
        out.println("exports: " + String.join(", ", exports));
        for (WasmFile.Section section : file.sections()) {
            out.printf("%,10d bytes  %s%n", section.bytes(), section.name());
        }
        out.flush();
        return 0;
    }

    private static String onWescale(WasmFile file) {
        if (!Abi.of(file).startsWith("WeScale")) {
            return "no, it is " + Abi.of(file);
        }
        if (file.importsFrom("sluice")) {
            return "no, it imports from the module sluice";
        }
        // WeScale's dialect C has no values and locks that requests share, and its dialect B has other entry points.
        if (file.exports("malloc") && SHARED.stream().anyMatch(file::imports)) {
            return "no, it has shared values or locks, which WeScale has in dialect B only";
        }
        return "yes";
    }
}
