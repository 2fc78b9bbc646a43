package io.sluice.test.hostile;

import io.sluice.plugin.PluginException;
import io.sluice.runtime.WasmException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** How calls that are wrong end: with an answer, or with an exception that says what was wrong. Anything else is a surprise. */
final class Misuse {
    /** Work that may throw anything. */
    @FunctionalInterface
    interface Call {
        void run() throws Throwable;
    }

    private final Report report;
    private final Map<String, Integer> endings = new TreeMap<>();

    Misuse(Report report) {
        this.report = report;
    }

    /** Makes a call; {@code what} says which, if it ends in a surprise. */
    void call(String what, Call call) {
        report.misuse(1);
        String ending;
        try {
            call.run();
            ending = "answers";
        } catch (Throwable e) {
            ending = e.getClass().getSimpleName();
            if (!isTyped(e)) {
                report.wrong(what + ": " + e);
                e.printStackTrace(System.out);
            }
        }
        synchronized (endings) {
            endings.merge(ending, 1, Integer::sum);
        }
    }

    private static boolean isTyped(@Nullable Throwable e) {
        return e instanceof IllegalStateException
                || e instanceof IllegalArgumentException
                || e instanceof IndexOutOfBoundsException
                || e instanceof NullPointerException
                || e instanceof NoSuchElementException
                || e instanceof UnsupportedOperationException
                || e instanceof CancellationException
                || e instanceof WasmException
                || e instanceof PluginException
                || e instanceof UncheckedIOException
                || e instanceof IOException
                || (e instanceof CompletionException && isTyped(e.getCause()));
    }

    @Override
    public String toString() {
        synchronized (endings) {
            return endings.toString();
        }
    }
}
