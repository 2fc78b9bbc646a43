package io.sluice.test.hostile;

import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.QueryProperty;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.Caller;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.HostFunction;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapMode;
import io.sluice.runtime.Value;
import io.sluice.runtime.ValueType;
import io.sluice.runtime.abi.SharedLimits;
import io.sluice.runtime.abi.WescaleConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every public method of {@code io.sluice.runtime} and {@code io.sluice.plugin}, with arguments that are null, closed, another
 * engine's, out of bounds: with everything alive, closed, after the engine's or the host's end, inside a host function, and while
 * another thread is in a call of the same store.
 */
final class MethodMisuse {
    /** Those that do what they are asked for with the process instead of with an object of ours. */
    private static final Set<String> LEFT_OUT =
            Set.of("wait", "notify", "notifyAll", "getClass", "compileInBackground");

    /** Closing is what the states are for; in the states where all lives, it would end them. */
    private static final String CLOSE = "close";

    private final Misuse misuse;
    private final Random random = new Random(5);
    private final int rounds;
    private List<Object> pool = List.of();

    private MethodMisuse(Stage stage, int rounds) {
        this.misuse = new Misuse(stage.report);
        this.rounds = rounds;
    }

    /** {@code methods:ROUNDS[:STATE]}: each method so many times in each state. */
    static void run(Stage stage, String[] arguments) throws Exception {
        MethodMisuse work = new MethodMisuse(stage, Integer.parseInt(arguments[0]));
        String only = arguments.length > 1 ? arguments[1] : "";
        if (only.isEmpty() || only.equals("alive")) {
            work.alive();
            stage.askCanary();
        }
        if (only.isEmpty() || only.equals("closed")) {
            work.closed();
            stage.askCanary();
        }
        if (only.isEmpty() || only.equals("inside")) {
            work.insideHostFunction();
            stage.askCanary();
        }
        if (only.isEmpty() || only.equals("during")) {
            work.duringCall();
        }
        stage.report.say(work.misuse.toString());
    }

    private void alive() {
        for (int round = 0; round < rounds; round++) {
            try (Plugins plugins = new Plugins();
                    World world = World.plain();
                    World foreign = World.plain()) {
                pool = objects(world, foreign, plugins);
                everyMethod("alive", false);
            }
        }
    }

    private void closed() {
        for (int order = 0; order < 3; order++) {
            Plugins plugins = new Plugins();
            World world = World.plain();
            World foreign = World.plain();
            if (order == 0) {
                // Parents first: what hangs on them must answer for itself.
                world.engine.close();
                plugins.host.close();
            } else if (order == 1) {
                world.store.close();
                world.wescale.close();
                plugins.plugin.close();
            } else {
                world.close();
                plugins.close();
            }
            pool = objects(world, foreign, plugins);
            for (int round = 0; round < rounds; round++) {
                everyMethod("closed, order " + order, true);
            }
            world.close();
            foreign.close();
            plugins.close();
        }
    }

    private void insideHostFunction() {
        World[] holder = new World[1];
        try (Plugins plugins = new Plugins();
                World foreign = World.plain()) {
            HostFunction function = (caller, slots) -> {
                List<Object> inside = new ArrayList<>(objects(holder[0], foreign, plugins));
                inside.add(caller);
                pool = inside;
                everyMethod("inside a host function", true);
            };
            for (int round = 0; round < rounds; round++) {
                try (World world = new World(function)) {
                    holder[0] = world;
                    // What is closed inside is closed when the call has ended.
                    misuse.call("a call whose host function closes everything", () -> world.run.callRaw(1));
                }
            }
        }
    }

    private void duringCall() throws InterruptedException {
        CountDownLatch[] latches = new CountDownLatch[2];
        HostFunction blocks = (caller, slots) -> {
            latches[0].countDown();
            try {
                latches[1].await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted in a host function", e);
            }
        };
        for (int round = 0; round < rounds; round++) {
            latches[0] = new CountDownLatch(1);
            latches[1] = new CountDownLatch(1);
            try (Plugins plugins = new Plugins();
                    World world = new World(blocks);
                    World foreign = World.plain()) {
                Thread caller = new Thread(
                        () -> misuse.call("a call during which everything is closed", () -> world.run.callRaw(1)));
                caller.start();
                latches[0].await();
                pool = objects(world, foreign, plugins);
                // The run of this world would block for ever.
                pool.remove(world.run);
                try {
                    everyMethod("during a call", round % 2 == 1);
                } finally {
                    latches[1].countDown();
                    Stage.join(caller);
                }
            }
        }
    }

    private void everyMethod(String state, boolean closes) {
        for (Object receiver : List.copyOf(pool)) {
            for (Method method : methods(receiver.getClass())) {
                if (closes || !method.getName().equals(CLOSE)) {
                    invoke(state, method, receiver);
                }
            }
        }
    }

    private static List<Method> methods(Class<?> type) {
        if (!type.getName().startsWith("io.sluice.") || !Modifier.isPublic(type.getModifiers())) {
            return List.of();
        }
        return Arrays.stream(type.getMethods())
                .filter(method -> !LEFT_OUT.contains(method.getName()))
                .filter(method -> method.getDeclaringClass().getName().startsWith("io.sluice."))
                .sorted((a, b) -> a.toString().compareTo(b.toString()))
                .toList();
    }

    private void invoke(String state, Method method, Object receiver) {
        Class<?>[] types = method.getParameterTypes();
        @Nullable Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            // A list's elements are of the declared type: what erasure lets through is the caller's own lie.
            boolean valueTypes =
                    method.getGenericParameterTypes()[i].getTypeName().contains(ValueType.class.getName());
            arguments[i] = valueTypes
                    ? pick(
                            List.of(),
                            List.of(ValueType.I32),
                            Collections.nCopies(2000, ValueType.F64),
                            Arrays.asList(ValueType.I32, null))
                    : argument(types[i]);
        }
        String what = state + ": " + method.getDeclaringClass().getSimpleName() + "." + method.getName()
                + Arrays.toString(types);
        misuse.call(what, () -> {
            try {
                Object made = method.invoke(Modifier.isStatic(method.getModifiers()) ? null : receiver, arguments);
                // A new object is closed, that the next has room. A plugin's owner is its host, which closes it.
                if (made instanceof AutoCloseable closeable && made != receiver && !pool.contains(made)) {
                    closeable.close();
                }
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private @Nullable Object argument(Class<?> type) {
        if (type == int.class) {
            return pick(0, 1, -1, 7, 255, 65_536, 65_537, Integer.MAX_VALUE, Integer.MIN_VALUE, random.nextInt());
        }
        if (type == long.class) {
            return pick(
                    0L,
                    1L,
                    -1L,
                    8L,
                    65_532L,
                    65_536L,
                    65_537L,
                    0xffff_ffffL,
                    1L << 32,
                    Long.MAX_VALUE,
                    Long.MIN_VALUE,
                    random.nextLong());
        }
        if (type.isPrimitive()) {
            return primitive(type);
        }
        if (random.nextInt(6) == 0) {
            return null;
        }
        List<Object> fitting = pool.stream().filter(type::isInstance).toList();
        if (!fitting.isEmpty()) {
            return fitting.get(random.nextInt(fitting.size()));
        }
        return other(type);
    }

    private Object primitive(Class<?> type) {
        if (type == boolean.class) {
            return random.nextBoolean();
        }
        if (type == byte.class) {
            return (byte) random.nextInt();
        }
        if (type == short.class) {
            return (short) random.nextInt();
        }
        if (type == float.class) {
            return random.nextFloat();
        }
        if (type == double.class) {
            return random.nextDouble();
        }
        throw new IllegalArgumentException("no value for " + type);
    }

    private @Nullable Object other(Class<?> type) {
        if (type == String.class) {
            return pick("", "run", "memory", "no such name", "\ud800", "x".repeat(70_000), "sluice:meter");
        }
        if (type == byte[].class) {
            return pick(new byte[0], new byte[1], new byte[100_000], World.GUEST.clone());
        }
        if (type == long[].class) {
            return pick(new long[0], new long[1], new long[2], new long[1000]);
        }
        if (type == ByteBuffer.class) {
            return pick(
                    ByteBuffer.allocate(0),
                    ByteBuffer.allocateDirect(100),
                    ByteBuffer.allocate(9).asReadOnlyBuffer());
        }
        if (type == Duration.class) {
            return pick(
                    Duration.ZERO,
                    Duration.ofNanos(1),
                    Duration.ofMillis(-1),
                    Duration.ofMillis(20),
                    Duration.ofSeconds(Long.MAX_VALUE));
        }
        if (type == Value[].class) {
            return pick(
                    new Value[0], new Value[1], new Value[] {Value.i32(1)}, new Value[] {Value.i64(1), Value.f64(2)});
        }
        if (type == List.class || type == Collection.class) {
            return pick(List.of(), List.of("a"), Arrays.asList("a", null));
        }
        if (type == Map.class) {
            return pick(Map.of(), Map.of("A", "b"), Map.of("", "="));
        }
        if (type == Set.class) {
            return EnumSet.allOf(QueryProperty.class);
        }
        if (type == Path.class) {
            return pick(Path.of(""), Path.of("/nonexistent/file"), Path.of("/proc/self/mem"));
        }
        if (type == Function.class) {
            return (Function<Object, @Nullable Object>) name -> null;
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
        }
        if (type == HostFunction.class) {
            return (HostFunction) (caller, slots) -> {};
        }
        if (type == Object.class) {
            return pick("an object", pool);
        }
        return null;
    }

    private Object pick(Object... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** A host with a plugin and two leases, one of which is closed. */
    private static final class Plugins implements AutoCloseable {
        final PluginHost host = PluginHost.create();
        final PluginConfig config =
                PluginConfig.of("misused").withMaxInstances(8).withMaxWait(Duration.ofMillis(20));
        final Plugin plugin = host.load(config, Guests.source(Guests.GOOD));
        final SqlLease taken = plugin.acquireSql();
        final SqlLease closed = plugin.acquireSql();

        Plugins() {
            closed.close();
        }

        @Override
        public void close() {
            // A lease that is never returned keeps its engine: that is what taking means. The closed one may have been
            // taken again.
            taken.close();
            closed.close();
            host.close();
        }
    }

    private static List<Object> objects(World world, World foreign, Plugins plugins) {
        List<Object> all = new ArrayList<>();
        for (World one : List.of(world, foreign)) {
            all.addAll(List.of(
                    one.engine,
                    one.module,
                    one.linker,
                    one.pre,
                    one.budget,
                    one.store,
                    one.instance,
                    one.run,
                    one.twice));
            all.addAll(List.of(one.memory, one.table, one.global, one.scope, one.pluginPre, one.wescale));
        }
        all.addAll(List.of(plugins.host, plugins.plugin, plugins.taken, plugins.closed, plugins.config));
        all.addAll(List.of(
                EngineConfig.defaults(),
                StoreConfig.defaults(),
                WescaleConfig.defaults(),
                SharedLimits.defaults(),
                PluginLimits.defaults(),
                Isolation.pooled(),
                FailPolicy.CLOSED,
                TrapMode.AUTO,
                PluginSource.bytes(World.GUEST),
                Value.i32(1),
                Value.funcref(null),
                FuncType.of(List.of(ValueType.I32), List.of(ValueType.I32)),
                PluginHost.builder()));
        if (STALE != null) {
            all.add(Objects.requireNonNull(STALE));
        }
        return all;
    }

    /** A caller whose host function has long returned. */
    private static final @Nullable Caller STALE = stale();

    private static @Nullable Caller stale() {
        Caller[] kept = new Caller[1];
        try (World world = new World((caller, slots) -> kept[0] = caller)) {
            world.run.callRaw(1);
        }
        return kept[0];
    }
}
