package io.sluice.test.hostile;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.TrapMode;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Endless recursion of every kind on stacks of every size: the guest runs to its limit, or the call throws. */
final class StackAttacks {
    private static final List<String> GUESTS = List.of(
            "hostile/recurses",
            "hostile/recurses_through_host",
            "hostile/recurses_mutually",
            "hostile/recurses_indirectly");
    private static final List<String> ENDINGS =
            List.of("before STACK_OVERFLOW", "before THREAD_STACK", "StackOverflowError of Java");

    private StackAttacks() {}

    /** {@code stack[:explicit]}. */
    static void run(Stage stage, String[] arguments) {
        TrapMode mode = arguments.length > 0 ? TrapMode.EXPLICIT : TrapMode.AUTO;
        Map<String, Integer> endings = new TreeMap<>();
        AtomicReference<@Nullable PluginHost> made = new AtomicReference<>();
        List<Plugin> plugins = new ArrayList<>();
        Stage.inThread(4096, () -> {
            PluginHost host = PluginHost.builder()
                    .engineConfig(EngineConfig.defaults().withTrapMode(mode))
                    .build();
            made.set(host);
            for (String guest : GUESTS) {
                stage.report.guest();
                PluginConfig config =
                        PluginConfig.of(guest).withIsolation(Isolation.pooled()).withMaxInstances(8);
                plugins.add(host.load(config, Guests.source(guest)));
            }
        });
        try (PluginHost host = Objects.requireNonNull(made.get())) {
            // This thread: with the launcher, the one that the process began with.
            for (Plugin plugin : plugins) {
                call(stage, plugin, endings);
            }
            for (int kibibytes : new int[] {64, 96, 128, 192, 256, 320, 384, 448, 512, 640, 768, 1024, 2048, 8192}) {
                for (Plugin plugin : plugins) {
                    onThread(stage, kibibytes, () -> call(stage, plugin, endings), endings);
                }
            }
            for (int levels = 0; levels < 8_000; levels += 40) {
                int depth = levels;
                Plugin plugin = plugins.get(levels / 40 % plugins.size());
                onThread(stage, 512, () -> descend(depth, () -> call(stage, plugin, endings)), endings);
            }
            onVirtualThreads(stage, plugins, endings);
            if (host.isClosed()) {
                stage.report.wrong("the host is closed");
            }
        }
        stage.report.say(endings.toString());
    }

    /** Where there are virtual threads; by reflection, because this runs on JDK 17, too. */
    private static void onVirtualThreads(Stage stage, List<Plugin> plugins, Map<String, Integer> endings) {
        try {
            var start = Thread.class.getMethod("startVirtualThread", Runnable.class);
            for (int round = 0; round < 20; round++) {
                for (Plugin plugin : plugins) {
                    Stage.join((Thread) start.invoke(null, (Runnable) () -> {
                        call(stage, plugin, endings);
                        descend(round(endings), () -> call(stage, plugin, endings));
                    }));
                }
            }
            count(endings, "on virtual threads");
        } catch (NoSuchMethodException before21) {
            count(endings, "no virtual threads here");
        } catch (IllegalAccessException | InvocationTargetException e) {
            stage.report.wrong("virtual threads do not start: " + e);
        }
    }

    private static int round(Map<String, Integer> endings) {
        synchronized (endings) {
            return endings.size() * 500;
        }
    }

    private static void onThread(Stage stage, int kibibytes, Runnable work, Map<String, Integer> endings) {
        try {
            Stage.inThread(kibibytes, work);
        } catch (StackOverflowError e) {
            // A stack on which Java itself does not fit is Java's answer.
            count(endings, "StackOverflowError of Java");
        }
        stage.checkCanary();
    }

    private static void call(Stage stage, Plugin plugin, Map<String, Integer> endings) {
        String ending = Stage.ending(plugin, "x");
        count(endings, ending);
        if (!ENDINGS.contains(ending)) {
            stage.report.wrong(plugin.name() + " ended in " + ending);
        }
    }

    private static void count(Map<String, Integer> endings, String ending) {
        synchronized (endings) {
            endings.merge(ending, 1, Integer::sum);
        }
    }

    /** Uses up the thread's stack in Java first. */
    private static int descend(int levels, Runnable then) {
        if (levels == 0) {
            then.run();
            return 0;
        }
        return descend(levels - 1, then) + 1;
    }
}
