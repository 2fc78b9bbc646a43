package io.sluice.test.hostile;

import io.sluice.runtime.Caller;
import io.sluice.runtime.HostFunction;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Host functions that throw everything, call back, block, interrupt and close what they run in. */
final class ThrowingHosts {
    private ThrowingHosts() {}

    /** {@code throwing:TIMES}. */
    static void run(Stage stage, String[] arguments) {
        int times = Integer.parseInt(arguments[0]);
        throwsEverything(stage, times);
        stage.askCanary();
        overflows(stage, times / 20);
        callsBack(stage, times / 20);
        closesItsOwnStore(stage, times);
        blocksPastTheDeadline(stage);
        interruptsItself(stage);
        keepsItsCaller(stage, times);
        fillsAllOfItsSlots(stage);
    }

    private static void throwsEverything(Stage stage, int times) {
        List<Supplier<Throwable>> makers = List.of(
                () -> new IOException("checked, sneaked out"),
                () -> new InterruptedException("checked, sneaked out"),
                () -> new StackOverflowError("made by hand"),
                () -> new OutOfMemoryError("made by hand"),
                ThrowingHosts::threadDeath,
                () -> new LinkageError("of the host"),
                () -> new AssertionError("of the host"),
                () -> new IllegalStateException("of the host"),
                () -> new Throwable("of no class that one catches"));
        for (Supplier<Throwable> maker : makers) {
            Throwable thrown = maker.get();
            try (World world = new World((caller, slots) -> sneak(thrown))) {
                for (int i = 0; i < times; i++) {
                    stage.report.misuse(1);
                    Throwable caught = catching(() -> world.run.callRaw(1));
                    if (caught != thrown) {
                        stage.report.wrong("a host function threw " + thrown + ", out came " + caught);
                        break;
                    }
                }
                if (world.twice.callRaw(21) != 42) {
                    stage.report.wrong("after " + thrown + " the guest computes wrongly");
                }
            }
        }
    }

    @SuppressWarnings({"deprecation", "removal"}) // Hosts still throw it.
    private static Throwable threadDeath() {
        return new ThreadDeath();
    }

    /** A true one, inside the host function, on a stack that is nearly used up. */
    private static void overflows(Stage stage, int times) {
        try (World world = new World((caller, slots) -> endless(1))) {
            for (int i = 0; i < times; i++) {
                stage.report.misuse(1);
                Throwable caught = catching(() -> world.run.callRaw(1));
                if (!(caught instanceof StackOverflowError)) {
                    stage.report.wrong("a host function's stack overflow came out as " + caught);
                    break;
                }
            }
        }
    }

    @SuppressWarnings("InfiniteRecursion") // That is what it is for.
    private static int endless(int depth) {
        return endless(depth + 1) + 1;
    }

    /** Guest, host, guest, host: endless recursion through Java ends in an exception. */
    private static void callsBack(Stage stage, int times) {
        HostFunction again = (caller, slots) -> caller.call("run", new long[] {slots[0], 0});
        try (World world = new World(again)) {
            for (int i = 0; i < times; i++) {
                stage.report.misuse(1);
                Throwable caught = catching(() -> world.run.callRaw(1));
                if (caught == null) {
                    stage.report.wrong("endless recursion through Java returned");
                    break;
                }
            }
            if (world.twice.callRaw(21) != 42) {
                stage.report.wrong("after recursion through Java the guest computes wrongly");
            }
        }
        World[] holder = new World[1];
        try (World world = new World((caller, slots) -> holder[0].twice.callRaw(1))) {
            holder[0] = world;
            stage.report.misuse(1);
            Throwable caught = catching(() -> world.run.callRaw(1));
            if (!(caught instanceof IllegalStateException)) {
                stage.report.wrong("a call of a busy store came out as " + caught);
            }
        }
    }

    private static void closesItsOwnStore(Stage stage, int times) {
        World[] holder = new World[1];
        for (int i = 0; i < times / 20; i++) {
            stage.report.misuse(1);
            try (World world = new World((caller, slots) -> {
                holder[0].close();
                caller.writeInt(0, 1);
                slots[0] = 5;
            })) {
                holder[0] = world;
                Throwable caught = catching(() -> world.run.callRaw(1));
                Throwable later = catching(() -> world.run.callRaw(1));
                if (!(later instanceof IllegalStateException)) {
                    stage.report.wrong("a store closed in its own call gave " + caught + ", then " + later);
                }
            }
        }
    }

    private static void blocksPastTheDeadline(Stage stage) {
        try (World world = new World((caller, slots) -> sleep(60))) {
            try (Store store = Store.create(world.engine, StoreConfig.defaults().withDeadline(Duration.ofMillis(20)))) {
                stage.report.misuse(1);
                Throwable caught =
                        catching(() -> store.instantiate(world.pre).func("run").callRaw(1));
                if (!(caught instanceof TrapException trap) || trap.kind() != TrapKind.DEADLINE_EXCEEDED) {
                    stage.report.wrong("a host function of 60 ms in a call of 20 ms came out as " + caught);
                }
            }
        }
    }

    private static void interruptsItself(Stage stage) {
        try (World world = new World((caller, slots) -> Thread.currentThread().interrupt())) {
            stage.report.misuse(1);
            world.run.callRaw(1);
            if (!Thread.interrupted()) {
                stage.report.wrong("the interrupt that a host function sent is lost");
            }
        }
    }

    /** Its caller is dead once it has returned, on any thread, in any call. */
    private static void keepsItsCaller(Stage stage, int times) {
        Caller[] kept = new Caller[1];
        try (World world = new World((caller, slots) -> {
            if (kept[0] == null) {
                kept[0] = caller;
            } else {
                kept[0].readInt(0);
            }
        })) {
            world.run.callRaw(1);
            for (int i = 0; i < times; i++) {
                stage.report.misuse(2);
                Throwable outside = catching(() -> kept[0].writeInt(0, 1));
                Throwable inside = catching(() -> world.run.callRaw(1));
                if (!(outside instanceof IllegalStateException) || !(inside instanceof IllegalStateException)) {
                    stage.report.wrong("a kept caller gave " + outside + " and " + inside);
                    break;
                }
            }
        }
    }

    /** An i32 has half of its slot; the guest sees that half. */
    private static void fillsAllOfItsSlots(Stage stage) {
        try (World world = new World((caller, slots) -> {
            for (int i = 0; i < slots.length; i++) {
                slots[i] = 0x1234_5678_0000_0005L;
            }
        })) {
            stage.report.misuse(1);
            long result = world.run.callRaw(1);
            if (result != 5) {
                stage.report.wrong("a result's unused bits reach the guest: 5 became " + Long.toHexString(result));
            }
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static @org.jspecify.annotations.Nullable Throwable catching(Runnable work) {
        try {
            work.run();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    private static void sneak(Throwable thrown) {
        ThrowingHosts.<RuntimeException>throwAs(thrown);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"
    }) // Throws a checked exception from where none may be.
    private static <E extends Throwable> void throwAs(Throwable thrown) throws E {
        throw (E) thrown;
    }
}
