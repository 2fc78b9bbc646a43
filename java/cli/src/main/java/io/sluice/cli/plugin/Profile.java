package io.sluice.cli.plugin;

import io.sluice.plugin.PluginConfig;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.GuestFrame;
import io.sluice.runtime.Module;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.WasmException;
import io.sluice.testkit.Statement;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where a plugin's fuel goes, by function. Fuel is the same on every run, so each sample is a run of its own that is given a little more
 * fuel than the one before: where it runs out is where that fuel goes. Work of host functions is not counted.
 */
final class Profile {
    private static final int SAMPLES = 200;

    /** As many frames as a trap has at most; of a deeper stack the outer ones are not known. */
    private static final int MOST_FRAMES = 16;

    /** Stands for the outer frames of a stack that was cut. */
    private static final String CUT = "…";

    /** Stacks from the entry point to the function that ran, and the fuel that went there. */
    private final Map<List<String>, Long> stacks = new LinkedHashMap<>();

    private long total;

    private Profile() {}

    /** Runs the plugin many times for one query. */
    static Profile of(Path file, PluginConfig config, Statement statement) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CommandException(file + " cannot be read: " + e);
        }
        Profile profile = new Profile();
        try (Engine engine = Engine.create(EngineConfig.defaults().withOptimisation(false));
                Module module = Module.compile(engine, bytes)) {
            long most = config.limits().fuelPerCall();
            long before = used(engine, module, config, statement, false, most);
            profile.sample(engine, module, config, statement, false, before);
            if (before < most) {
                long after = used(engine, module, config, statement, true, most);
                profile.sample(engine, module, config, statement, true, after);
            }
        }
        return profile;
    }

    private static long used(
            Engine engine, Module module, PluginConfig config, Statement statement, boolean after, long most) {
        try (OpenedPlugin plugin = new OpenedPlugin(engine, module, config, statement, false)) {
            try {
                run(plugin, after, most, most);
            } catch (WasmException e) {
                if (e instanceof TrapException trap && trap.kind() == TrapKind.OUT_OF_FUEL) {
                    return most;
                }
                // What it used until then is what there is to tell.
            }
            return plugin.fuelUsed();
        }
    }

    private static void run(OpenedPlugin plugin, boolean after, long most, long fuel) {
        plugin.start();
        if (after) {
            plugin.before(most);
            plugin.after(fuel);
        } else {
            plugin.before(fuel);
        }
    }

    private void sample(
            Engine engine, Module module, PluginConfig config, Statement statement, boolean after, long used) {
        long step = Math.max(1, used / (SAMPLES / 2));
        for (long fuel = Math.max(1, step / 2); fuel < used; fuel += step) {
            try (OpenedPlugin plugin = new OpenedPlugin(engine, module, config, statement, false)) {
                run(plugin, after, config.limits().fuelPerCall(), fuel);
            } catch (WasmException e) {
                if (e instanceof TrapException trap
                        && trap.kind() == TrapKind.OUT_OF_FUEL
                        && !trap.frames().isEmpty()) {
                    add(trap.frames(), step);
                }
            }
        }
    }

    private void add(List<GuestFrame> frames, long fuel) {
        List<String> stack = new ArrayList<>();
        if (frames.size() >= MOST_FRAMES) {
            stack.add(CUT);
        }
        for (int i = frames.size() - 1; i >= 0; i--) {
            stack.add(frames.get(i).function());
        }
        stacks.merge(stack, fuel, Long::sum);
        total += fuel;
    }

    /** Prints a table: the functions that most fuel went to, their own and with what they called. */
    void print(PrintWriter out) {
        Map<String, Long> own = new TreeMap<>();
        Map<String, Long> all = new TreeMap<>();
        stacks.forEach((stack, fuel) -> {
            own.merge(stack.get(stack.size() - 1), fuel, Long::sum);
            Set<String> seen = new HashSet<>(stack);
            // Whatever is above the cut may have called it: only what ran is known.
            seen.remove(CUT);
            seen.forEach(function -> all.merge(function, fuel, Long::sum));
        });
        out.printf(Locale.ROOT, "%14s %6s %14s %6s  %s%n", "own fuel", "", "with callees", "", "function");
        all.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, Long> each) -> own.getOrDefault(each.getKey(), 0L))
                        .thenComparing(Map.Entry::getValue)
                        .reversed())
                .limit(20)
                .forEach(each -> {
                    long mine = own.getOrDefault(each.getKey(), 0L);
                    out.printf(
                            Locale.ROOT,
                            "%,14d %5.1f%% %,14d %5.1f%%  %s%n",
                            mine,
                            100.0 * mine / total,
                            each.getValue(),
                            100.0 * each.getValue() / total,
                            each.getKey());
                });
        if (total == 0) {
            out.println("  too little fuel to tell");
        }
        long cut = stacks.entrySet().stream()
                .filter(each -> each.getKey().get(0).equals(CUT))
                .mapToLong(Map.Entry::getValue)
                .sum();
        if (cut > 0) {
            out.printf(
                    Locale.ROOT,
                    "%,d of it (%.1f%%) in stacks deeper than %d calls: their outer functions are not in \"with callees\", and … in the"
                            + " flame graph%n",
                    cut,
                    100.0 * cut / total,
                    MOST_FRAMES);
        }
    }

    /** The flame graph: a function is as wide as the fuel that went to it and to what it called. */
    String flameGraph() {
        return FlameGraph.svg(stacks);
    }
}
