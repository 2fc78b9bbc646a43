package io.sluice.test.hostile;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import java.lang.reflect.Field;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What the harness must notice, or its verdicts are worth nothing. */
final class HarnessAttacks {
    private static @Nullable Engine forgotten;

    private HarnessAttacks() {}

    /** Writes where nothing is, from Java. */
    static void crash(Stage stage, String[] arguments) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        type.getMethod("putLong", long.class, long.class).invoke(field.get(null), 8L, 1L);
    }

    static void hang(Stage stage, String[] arguments) {
        while (true) {
            LockSupport.park();
        }
    }

    static void leak(Stage stage, String[] arguments) {
        forgotten = Engine.create(EngineConfig.defaults());
        stage.report.say("kept " + forgotten.fingerprint());
    }

    static void surprise(Stage stage, String[] arguments) {
        stage.report.wrong("this is a test of the harness");
    }
}
