package io.sluice.test.hostile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import one.profiler.AsyncProfiler;
import org.jspecify.annotations.Nullable;

/**
 * Others in the process who want the signals that traps come by: a native library that handles them too, loaded before us, after us
 * or both, and a profiler that is attached while guests run. {@code -Dsluice.hostile.beside=before,after,ctimer} names them.
 */
final class Neighbours implements AutoCloseable {
    static final String PROPERTY = "sluice.hostile.beside";

    /** Events of async-profiler that it can have where performance counters are not for us. */
    private static final List<String> EVENTS = List.of("ctimer", "itimer", "wall");

    /**
     * As crash reporters do: handles all four, and passes each on to whoever handled it before. How many it has passed on stands in a
     * file, so that nobody needs a native method to ask it.
     */
    private static final String SOURCE = """
            #include <fcntl.h>
            #include <jni.h>
            #include <signal.h>
            #include <sys/mman.h>
            #include <unistd.h>

            static struct sigaction older[65];
            static long *passed_on;

            static void handle(int signal, siginfo_t *info, void *context) {
                __atomic_add_fetch(passed_on, 1, __ATOMIC_RELAXED);
                struct sigaction *next = &older[signal];
                if (next->sa_flags & SA_SIGINFO) next->sa_sigaction(signal, info, context);
                else if (next->sa_handler == SIG_DFL) sigaction(signal, next, 0);
                else if (next->sa_handler != SIG_IGN) next->sa_handler(signal);
            }

            JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
                int file = open(COUNT, O_RDWR | O_CREAT | O_TRUNC, 0600);
                if (file < 0 || ftruncate(file, sizeof *passed_on) != 0) return JNI_ERR;
                passed_on = mmap(0, sizeof *passed_on, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
                if (passed_on == MAP_FAILED) return JNI_ERR;
                int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
                for (int i = 0; i < 4; i++) {
                    struct sigaction ours = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
                    sigaction(signals[i], &ours, &older[signals[i]]);
                }
                return JNI_VERSION_10;
            }
            """;

    private final List<String> names;
    private final Report report;
    private @Nullable Thread profiling;
    private volatile boolean done;
    private long samples;

    private Neighbours(List<String> names, Report report) {
        this.names = names;
        this.report = report;
    }

    /** Those who come before the first engine is made. */
    static Neighbours of(Report report) throws IOException {
        List<String> names = List.of(System.getProperty(PROPERTY, "none").split(",", -1));
        if (names.contains("before")) {
            loadHandlers("before");
        }
        return new Neighbours(names, report);
    }

    /** Those who come when it is there. */
    void comeAfter() throws IOException {
        if (names.contains("after")) {
            loadHandlers("after");
        }
        for (String event : EVENTS) {
            if (names.contains(event)) {
                profiling = new Thread(() -> profile(event), "profiling");
                profiling.start();
            }
        }
    }

    private static void loadHandlers(String when) throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        Path library = Path.of("handlers-" + when + ".so").toAbsolutePath();
        Path source = Path.of("handlers-" + when + ".c");
        Files.writeString(source, SOURCE);
        Launcher.compile(
                home,
                library,
                source,
                "-shared",
                "-fPIC",
                "-DCOUNT=\"" + count(when).toAbsolutePath() + "\"");
        System.load(library.toString());
    }

    private static Path count(String when) {
        return Path.of("handlers-" + when + ".count");
    }

    private static long passedOn(String when) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(count(when)))
                    .order(ByteOrder.nativeOrder())
                    .getLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Attached and detached all the time: what it does with signal handlers it does then. */
    private void profile(String event) {
        AsyncProfiler profiler = AsyncProfiler.getInstance();
        try {
            while (!done) {
                profiler.execute("start,event=" + event + ",interval=500us");
                Thread.sleep(300);
                profiler.execute("stop");
                samples += profiler.getSamples();
            }
        } catch (IOException | InterruptedException e) {
            report.wrong("async-profiler with " + event + " ended in " + e);
        }
    }

    /** Says how much they had to do; if it was nothing, that all went well beside them proves nothing. */
    @Override
    public void close() {
        // With libjsig the JVM is asked first: of its own faults those behind us hear nothing.
        if (names.contains("before") && System.getenv("LD_PRELOAD") == null) {
            judge("signals passed on by handlers installed before", passedOn("before"));
        }
        if (names.contains("after")) {
            judge("signals passed on by handlers installed after", passedOn("after"));
        }
        if (profiling != null) {
            done = true;
            Stage.join(profiling);
            judge("samples of async-profiler", samples);
        }
    }

    private void judge(String what, long count) {
        report.say(count + " " + what);
        if (count == 0) {
            report.wrong("no " + what);
        }
    }
}
