package io.sluice.test.hostile;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Starts the JVMs that are to be lost, two at a time, and prints what was tried and what was lost.
 *
 * <p>{@code Hostile quick|full|nightly [FOLDER]}: with a folder, every {@code .wasm} in it is run instead of our own attacks.
 */
final class Hostile {
    private static final int AT_ONCE = 2;

    private Hostile() {}

    public static void main(String[] arguments) throws Exception {
        String scale = arguments.length > 0 ? arguments[0] : "full";
        Path extra = arguments.length > 1 && !arguments[1].isEmpty() ? Path.of(arguments[1]) : null;
        List<Doomed> jvms = extra == null ? Plan.of(scale) : Plan.ofFolder(extra);
        Outcome outcome = run(jvms, true);
        System.exit(outcome.isGood() ? 0 : 1);
    }

    /** What was tried, and what was lost; the folders of those that left a core or an error file are kept. */
    record Outcome(
            long guests,
            long modules,
            long misuse,
            int jvms,
            int crashes,
            int hangs,
            int leaks,
            int secrets,
            List<String> wrong,
            List<Path> kept) {
        boolean isGood() {
            return crashes == 0 && hangs == 0 && leaks == 0 && secrets == 0 && wrong.isEmpty();
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "hostile: %d guests, %d modules, %d misuse calls, %d JVMs: %d crashes, %d hangs, %d leaks, %d secrets",
                    guests,
                    modules,
                    misuse,
                    jvms,
                    crashes,
                    hangs,
                    leaks,
                    secrets);
        }
    }

    /** Runs the JVMs and prints a row for each as it ends. */
    static Outcome run(List<Doomed> jvms, boolean table) throws InterruptedException, ExecutionException {
        if (table) {
            System.out.printf(
                    Locale.ROOT, "%-38s %7s %7s %9s %6s  %s%n", "JVM", "guests", "modules", "misuse", "s", "verdict");
        }
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        List<Doomed.Ending> endings = new ArrayList<>();
        try {
            List<Future<Doomed.Ending>> running = new ArrayList<>();
            for (Doomed jvm : jvms) {
                running.add(pool.submit(() -> {
                    Doomed.Ending ending = jvm.run();
                    if (table) {
                        print(ending);
                    }
                    return ending;
                }));
            }
            for (Future<Doomed.Ending> one : running) {
                endings.add(one.get());
            }
        } finally {
            pool.shutdownNow();
        }
        Outcome outcome = count(endings);
        if (table) {
            outcome.wrong.forEach(line -> System.out.println("wrong: " + line));
            System.out.println();
            System.out.println(outcome);
        }
        return outcome;
    }

    private static Outcome count(List<Doomed.Ending> endings) {
        long guests = 0;
        long modules = 0;
        long misuse = 0;
        int crashes = 0;
        int hangs = 0;
        int leaks = 0;
        int secrets = 0;
        List<String> wrong = new ArrayList<>();
        List<Path> kept = new ArrayList<>();
        for (Doomed.Ending ending : endings) {
            guests += ending.count("guests");
            modules += ending.count("modules");
            misuse += ending.count("misuse");
            crashes += ending.crashed() ? 1 : 0;
            hangs += ending.hung() ? 1 : 0;
            leaks += ending.lines("leak").size();
            secrets += ending.lines("secret").size();
            if (!ending.remains().isEmpty()) {
                kept.add(ending.folder());
            }
            String name = ending.jvm().name();
            ending.lines("wrong").forEach(line -> wrong.add(name + ": " + line));
            if (ending.exitCode() == 1 && ending.lines("wrong").isEmpty()) {
                wrong.add(name + ": exit code 1\n" + ending.output());
            }
            String warning = jniWarning(ending);
            if (warning != null) {
                wrong.add(name + ": " + warning);
            }
            if (ending.lines("cores").equals(List.of("0"))) {
                wrong.add(name + ": core dumps are not allowed here, so that none was left proves nothing");
            }
        }
        return new Outcome(
                guests, modules, misuse, endings.size(), crashes, hangs, leaks, secrets, wrong, List.copyOf(kept));
    }

    /** A warning of {@code -Xcheck:jni} that is about a call of ours, not about who handles signals. */
    private static @Nullable String jniWarning(Doomed.Ending ending) {
        return ending.output()
                .lines()
                .filter(line -> line.startsWith("WARNING in native method")
                        || line.startsWith("FATAL ERROR in native method")
                        || line.startsWith("WARNING: JNI local refs"))
                .findFirst()
                .orElse(null);
    }

    private static synchronized void print(Doomed.Ending ending) {
        String verdict;
        if (ending.hung()) {
            verdict = "HANG after " + ending.jvm().seconds() + " s";
        } else if (ending.crashed()) {
            verdict = "CRASH, exit code " + ending.exitCode() + " " + ending.remains() + " in " + ending.folder();
        } else if (!ending.lines("leak").isEmpty()) {
            verdict = "LEAK: " + ending.lines("leak");
        } else if (!ending.lines("secret").isEmpty()) {
            verdict = "SECRET: " + ending.lines("secret");
        } else if (!ending.lines("wrong").isEmpty() || ending.exitCode() != 0) {
            verdict = "wrong answers: " + ending.lines("wrong").size();
        } else {
            verdict = "lives";
        }
        System.out.printf(
                Locale.ROOT,
                "%-38s %7d %7d %9d %6.1f  %s%n",
                ending.jvm().name(),
                ending.count("guests"),
                ending.count("modules"),
                ending.count("misuse"),
                ending.seconds(),
                verdict);
        ending.lines("say").forEach(line -> System.out.println("    " + line));
        if (ending.hung() || ending.crashed()) {
            try {
                Path kept = Files.createTempFile("sluice-hostile-", ".txt");
                Files.writeString(kept, ending.output());
                System.out.println("    its output: " + kept);
            } catch (java.io.IOException e) {
                System.out.println(ending.output());
            }
        }
    }
}
