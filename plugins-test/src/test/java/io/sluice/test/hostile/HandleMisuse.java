package io.sluice.test.hostile;

import io.sluice.runtime.HostFunction;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.internal.CallerNative;
import io.sluice.runtime.internal.EngineNative;
import io.sluice.runtime.internal.FuncNative;
import io.sluice.runtime.internal.GlobalNative;
import io.sluice.runtime.internal.InstanceNative;
import io.sluice.runtime.internal.InstancePreNative;
import io.sluice.runtime.internal.LinkerNative;
import io.sluice.runtime.internal.MemoryBudgetNative;
import io.sluice.runtime.internal.MemoryNative;
import io.sluice.runtime.internal.ModuleNative;
import io.sluice.runtime.internal.SharedNative;
import io.sluice.runtime.internal.SnapshotNative;
import io.sluice.runtime.internal.StoreNative;
import io.sluice.runtime.internal.TableNative;
import io.sluice.runtime.internal.WescaleNative;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Numbers that are no handles, at every native method that takes one: random, freed, of another type, one bit beside a live one. The
 * class path reaches these methods; a module path does not.
 */
final class HandleMisuse {
    private static final List<Class<?>> CLASSES = List.of(
            CallerNative.class,
            EngineNative.class,
            FuncNative.class,
            GlobalNative.class,
            InstanceNative.class,
            InstancePreNative.class,
            LinkerNative.class,
            MemoryBudgetNative.class,
            MemoryNative.class,
            ModuleNative.class,
            SharedNative.class,
            SnapshotNative.class,
            StoreNative.class,
            TableNative.class,
            WescaleNative.class);

    /** What takes no handle, or writes files. */
    private static final Set<String> LEFT_OUT =
            Set.of("compileInBackground", "EngineNative.create", "MemoryBudgetNative.create", "SharedNative.create");

    private HandleMisuse() {}

    /** {@code handles:ROUNDS}. */
    static void run(Stage stage, String[] arguments) {
        int rounds = Integer.parseInt(arguments[0]);
        foretold(stage, Math.max(100, rounds / 4));
        foreign(stage);
        Misuse misuse = new Misuse(stage.report);
        Random random = new Random(6);
        List<Method> methods = methods();
        // Live handles of each kind that belong to nobody else; a close of the right kind makes them freed ones, which
        // is fine.
        for (int round = 0; round < rounds; round++) {
            long[] kinds = {
                MemoryBudgetNative.create(1 << 20),
                SharedNative.create(new long[] {100, 100, 100, 10_000}),
                freed(),
                freed()
            };
            for (Method method : methods) {
                call(misuse, method, kinds, random);
            }
            MemoryBudgetNative.close(kinds[0]);
            SharedNative.close(kinds[1]);
            if (round % 1000 == 0) {
                stage.askCanary();
            }
        }
        stage.report.say(methods.size() + " methods: " + misuse);
    }

    /** The handle that a free place will give out next, used while there is nothing in that place. */
    private static void foretold(Stage stage, int rounds) {
        try (World world = World.plain()) {
            for (int round = 0; round < rounds; round++) {
                Store closed = Store.create(world.engine, StoreConfig.defaults());
                long next = handle(closed) + 1;
                closed.close();
                for (int i = 0; i < 4; i++) {
                    StoreNative.close(next + i);
                    stage.report.misuse(1);
                }
                try (Store one = Store.create(world.engine, StoreConfig.defaults());
                        Store other = Store.create(world.engine, StoreConfig.defaults())) {
                    if (handle(one) == handle(other)) {
                        stage.report.wrong("two stores have one handle");
                        return;
                    }
                    one.instantiate(world.pre).func("run").callRaw(1);
                    other.instantiate(world.pre).func("run").callRaw(1);
                }
            }
        }
    }

    /** A live handle under the other type's name: idle, in the middle of its call, and of both types. */
    private static void foreign(Stage stage) {
        long[] busy = new long[1];
        try (World world = new World((caller, slots) -> {
            refused(stage, () -> WescaleNative.close(busy[0]));
            slots[0]++;
        })) {
            long store = named(handle(world.store), handle(world.wescale));
            long wescale = named(handle(world.wescale), handle(world.store));
            busy[0] = store;
            refused(stage, () -> WescaleNative.close(store));
            refused(stage, () -> WescaleNative.traits(store));
            refused(stage, () -> StoreNative.close(wescale));
            refused(stage, () -> StoreNative.setLimits(wescale, 1, 1));
            for (int i = 0; i < 2; i++) {
                if (world.run.callRaw(1) != 2) {
                    stage.report.wrong("a store does not go on after a foreign close");
                }
            }
            WescaleNative.traits(handle(world.wescale));
        }
    }

    /** The place and generation of a handle under the type of another. */
    private static long named(long handle, long other) {
        return (handle & (-1L >>> 8)) | (other & (0xFFL << 56));
    }

    private static void refused(Stage stage, Runnable call) {
        stage.report.misuse(1);
        try {
            call.run();
            stage.report.wrong("a handle of another type is taken");
        } catch (IllegalArgumentException e) {
            if (!String.valueOf(e.getMessage()).startsWith("wrong handle: expected one of a ")) {
                stage.report.wrong("a handle of another type: " + e);
            }
        }
    }

    private static long handle(Object owner) {
        try {
            Field field = owner.getClass().getDeclaredField("handle");
            field.setAccessible(true);
            Object handle = field.get(owner);
            Method get = handle.getClass().getDeclaredMethod("get");
            get.setAccessible(true);
            return (long) get.invoke(handle);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a handle cannot be read", e);
        }
    }

    private static long freed() {
        long budget = MemoryBudgetNative.create(1);
        MemoryBudgetNative.close(budget);
        return budget;
    }

    private static List<Method> methods() {
        List<Method> all = new ArrayList<>();
        for (Class<?> type : CLASSES) {
            for (Method method : type.getDeclaredMethods()) {
                String name = method.getName();
                if (Modifier.isNative(method.getModifiers())
                        && !LEFT_OUT.contains(name)
                        && !LEFT_OUT.contains(type.getSimpleName() + "." + name)) {
                    all.add(method);
                }
            }
        }
        all.sort(Comparator.comparing(Method::toString));
        return all;
    }

    private static void call(Misuse misuse, Method method, long[] kinds, Random random) {
        Class<?>[] types = method.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = i == 0 && types[i] == long.class
                    ? handle(method, kinds, random)
                    : argument(types[i], kinds, random);
        }
        misuse.call(
                method.getDeclaringClass().getSimpleName() + "." + method.getName() + Arrays.toString(arguments),
                () -> {
                    try {
                        method.invoke(null, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Never a live handle of the type that the method is for. */
    private static long handle(Method method, long[] kinds, Random random) {
        Class<?> type = method.getDeclaringClass();
        long live = type == MemoryBudgetNative.class
                ? kinds[1]
                : type == SharedNative.class ? kinds[0] : kinds[random.nextInt(2)];
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> live;
            case 2 -> kinds[2];
            case 3 -> random.nextInt(64);
            case 4 -> -1L - random.nextInt(64);
            // Beside a live one, but never one: bits of the type and the generation, not of the index, which others
            // live at.
            default -> kinds[2] ^ (1L << (44 + random.nextInt(16)));
        };
    }

    private static Object argument(Class<?> type, long[] kinds, Random random) {
        if (type == long.class) {
            return random.nextBoolean() ? random.nextLong() : kinds[2];
        }
        if (type == int.class) {
            return random.nextBoolean() ? random.nextInt() : random.nextInt(4);
        }
        if (type == boolean.class) {
            return random.nextBoolean();
        }
        if (type == long[].class) {
            return new long[random.nextInt(20)];
        }
        if (type == byte[].class) {
            return new byte[random.nextInt(64)];
        }
        if (type == String[].class) {
            return new String[] {"a"};
        }
        if (type == String.class) {
            return "/nonexistent/sluice";
        }
        if (type == ByteBuffer.class) {
            return ByteBuffer.allocateDirect(64);
        }
        return (HostFunction) (caller, slots) -> {};
    }
}
