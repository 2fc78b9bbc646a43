package io.sluice.test.hostile;

import io.sluice.runtime.Engine;
import io.sluice.runtime.ExportType;
import io.sluice.runtime.Func;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Global;
import io.sluice.runtime.GlobalType;
import io.sluice.runtime.ImportType;
import io.sluice.runtime.Instance;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Memory;
import io.sluice.runtime.MemoryBudget;
import io.sluice.runtime.MemoryType;
import io.sluice.runtime.Module;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.Value;
import io.sluice.runtime.ValueType;
import io.sluice.runtime.WasmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/** What a module did when it was instantiated and each of its exports was called: a line a step, the last one what it left. */
final class Deeds {
    /** Enough for what ends by itself, little enough for an interpreter to follow. */
    private static final long FUEL = 60_000;

    private static final StoreConfig CONFIG = StoreConfig.defaults()
            .withFuelPerCall(FUEL)
            .withDeadline(Duration.ofSeconds(20))
            .withMaxTableElements(10_000);

    /** A call of an export; {@code outcome} is its results, or the kind of its trap. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Step(String export, FuncType type, long[] arguments, String outcome, long fuel) {
        boolean isTrap() {
            return TRAPS.contains(outcome);
        }

        /** What was used is exact unless a trap came first. */
        String line() {
            return export + " " + outcome
                    + (isTrap() && !outcome.equals(TrapKind.OUT_OF_FUEL.name()) ? "" : " for " + fuel);
        }

        boolean isCutOff() {
            return outcome.equals(TrapKind.OUT_OF_FUEL.name()) || outcome.equals(TrapKind.STACK_OVERFLOW.name());
        }
    }

    private static final Set<String> TRAPS =
            Arrays.stream(TrapKind.values()).map(Enum::name).collect(Collectors.toUnmodifiableSet());

    private final List<Step> steps = new ArrayList<>();
    private final List<String> left = new ArrayList<>();
    private String start = "";

    private Deeds() {}

    /** Instantiates the module in a store of its own and calls all that it exports. */
    static Deeds of(Engine engine, Module module, long seed, MemoryBudget budget) {
        Deeds deeds = new Deeds();
        Answers answers = new Answers(seed);
        try (Linker linker = Linker.create(engine)) {
            for (ImportType wanted : module.imports()) {
                if (!(wanted.type() instanceof FuncType type)) {
                    throw new AssertionError("the generator gave an import that is no function: " + wanted);
                }
                linker.defineFunction(
                        wanted.module(), wanted.name(), type, (caller, slots) -> answers.give(type, slots));
            }
            try (InstancePre pre = linker.instantiatePre(module);
                    Store store = Store.create(engine, CONFIG.withMemoryBudget(budget))) {
                deeds.in(store, pre, module, seed);
            }
        }
        return deeds;
    }

    static boolean isPassable(FuncType type) {
        return !type.params().contains(ValueType.EXTERNREF) && !type.results().contains(ValueType.EXTERNREF);
    }

    private void in(Store store, InstancePre pre, Module module, long seed) {
        Instance instance;
        try {
            instance = store.instantiate(pre);
            start = "ok";
        } catch (TrapException e) {
            start = e.kind().name();
            return;
        }
        Random random = new Random(seed);
        for (ExportType export : module.exports()) {
            if (export.type() instanceof FuncType type && isPassable(type)) {
                long[] arguments = arguments(type, random);
                String outcome = call(instance.func(export.name()), type, arguments);
                Step step = new Step(export.name(), type, arguments, outcome, store.fuelUsed());
                steps.add(step);
                if (step.fuel < 0 || step.fuel > FUEL) {
                    left.add("fuel " + step.fuel + " of " + FUEL);
                }
                if (step.isCutOff()) {
                    return;
                }
            }
        }
        for (ExportType export : module.exports()) {
            if (export.type() instanceof MemoryType) {
                Memory memory = instance.memory(export.name());
                byte[] bytes = new byte[Math.toIntExact(memory.byteSize())];
                memory.read(0, bytes);
                left.add(export.name() + " " + memory.pages() + " pages " + checksum(bytes));
            } else if (export.type() instanceof GlobalType type && isNumber(type.value())) {
                Global global = instance.global(export.name());
                left.add(export.name() + " " + text(global.get()));
            }
        }
    }

    static long checksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return checksum.getValue();
    }

    static boolean isNumber(ValueType type) {
        return type != ValueType.FUNCREF && type != ValueType.EXTERNREF && type != ValueType.V128;
    }

    private static String call(Func func, FuncType type, long[] arguments) {
        int params = type.params().size();
        int results = type.results().size();
        long[] slots = Arrays.copyOf(arguments, 2 * Math.max(params, results));
        try {
            func.callRaw(slots);
        } catch (TrapException e) {
            return e.kind().name();
        } catch (WasmException e) {
            return e.getClass().getSimpleName();
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < results; i++) {
            text.append(text(type.results().get(i), slots[2 * i], slots[2 * i + 1]))
                    .append(' ');
        }
        return text.toString();
    }

    /** Two longs a value. */
    private static long[] arguments(FuncType type, Random random) {
        long[] slots = new long[2 * type.params().size()];
        for (int i = 0; i < type.params().size(); i++) {
            slots[2 * i] = number(type.params().get(i), random.nextLong());
            slots[2 * i + 1] = type.params().get(i) == ValueType.V128 ? random.nextLong() : 0;
        }
        return slots;
    }

    /** A value of that type from 64 random bits; never a NaN, whose bits engines may choose. */
    static long number(ValueType type, long bits) {
        int small = (int) (bits >>> 32) >> (int) (bits & 31);
        return switch (type) {
            case I32 -> Integer.toUnsignedLong(small);
            case I64 -> bits >> (int) (bits & 63);
            case F32 -> Integer.toUnsignedLong(Float.floatToRawIntBits(small / 8f));
            case F64 -> Double.doubleToRawLongBits(small / 8.0);
            case V128 -> bits;
            case FUNCREF, EXTERNREF -> -1;
        };
    }

    private static String text(Value value) {
        return switch (value.type()) {
            case I32 -> text(ValueType.I32, value.asInt(), 0);
            case I64 -> text(ValueType.I64, value.asLong(), 0);
            case F32 -> text(ValueType.F32, Float.floatToRawIntBits(value.asFloat()), 0);
            case F64 -> text(ValueType.F64, Double.doubleToRawLongBits(value.asDouble()), 0);
            case V128 -> text(ValueType.V128, value.asLowBits(), value.asHighBits());
            case FUNCREF, EXTERNREF -> "reference";
        };
    }

    /** A result as both engines write it. */
    static String text(ValueType type, long low, long high) {
        return switch (type) {
            case I32 -> Integer.toHexString((int) low);
            case I64 -> Long.toHexString(low);
            case F32 -> Float.isNaN(Float.intBitsToFloat((int) low)) ? "nan" : Integer.toHexString((int) low);
            case F64 -> Double.isNaN(Double.longBitsToDouble(low)) ? "nan" : Long.toHexString(low);
            case V128 -> Long.toHexString(high) + ":" + Long.toHexString(low);
            case FUNCREF, EXTERNREF -> low == -1 ? "null" : "reference";
        };
    }

    String start() {
        return start;
    }

    List<Step> steps() {
        return steps;
    }

    List<String> left() {
        return left;
    }

    boolean overflows() {
        return start.equals(TrapKind.STACK_OVERFLOW.name())
                || steps.stream().anyMatch(step -> step.outcome.equals(TrapKind.STACK_OVERFLOW.name()));
    }

    Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("instantiated", start.equals("ok") ? 1L : 0L);
        counts.put("calls", (long) steps.size());
        counts.put("traps", steps.stream().filter(Step::isTrap).count());
        return counts;
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>(List.of("start " + start));
        steps.forEach(step -> lines.add(step.line()));
        lines.addAll(left);
        return lines;
    }

    /** The first line that is not the same. */
    String difference(Deeds other) {
        List<String> mine = lines();
        List<String> others = other.lines();
        for (int i = 0; i < Math.min(mine.size(), others.size()); i++) {
            if (!mine.get(i).equals(others.get(i))) {
                return "'" + mine.get(i) + "' and '" + others.get(i) + "'";
            }
        }
        return mine.size() + " and " + others.size() + " steps";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Deeds deeds && lines().equals(deeds.lines());
    }

    @Override
    public int hashCode() {
        return lines().hashCode();
    }

    /** What host functions answer: numbers that follow from what was asked before, on every engine the same. */
    static final class Answers {
        private long state;

        Answers(long seed) {
            this.state = seed;
        }

        /** Slots as {@link io.sluice.runtime.HostFunction} has them. */
        void give(FuncType type, long[] slots) {
            for (int i = 0; i < type.params().size(); i++) {
                ValueType param = type.params().get(i);
                note(text(param, slots[2 * i], slots[2 * i + 1]).hashCode());
            }
            for (int i = 0; i < type.results().size(); i++) {
                slots[2 * i] = next(type.results().get(i));
                slots[2 * i + 1] = 0;
            }
        }

        void note(long asked) {
            state = (state ^ asked) * 0x9e37_79b9_7f4a_7c15L;
        }

        long next(ValueType type) {
            note(1);
            return number(type, state ^ state >>> 29);
        }
    }
}
