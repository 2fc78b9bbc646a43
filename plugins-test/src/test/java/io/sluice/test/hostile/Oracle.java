package io.sluice.test.hostile;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.ValType;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Another implementation of WebAssembly, Chicory's interpreter in Java, which is asked whether a module really does what it did here. */
final class Oracle {
    /** {@code kind}: agrees, differs, or why nothing could be said. */
    record Verdict(String kind, String text) {
        private static final Verdict AGREES = new Verdict("agrees", "");

        static Verdict unsaid(String why) {
            return new Verdict(why, "");
        }

        static Verdict differs(String where, String ours, String its) {
            return new Verdict("differs", where + ": '" + ours + "' here, '" + its + "' there");
        }
    }

    private static final String TRAP = "a trap";

    private Oracle() {}

    static Verdict compare(byte[] wasm, long seed, Deeds ours) {
        if (ours.start().contains("FUEL") || ours.start().contains("STACK")) {
            return Verdict.unsaid("not asked");
        }
        WasmModule module;
        try {
            module = Parser.parse(wasm);
        } catch (ChicoryException e) {
            return Verdict.unsaid("cannot read the module");
        }
        Deeds.Answers answers = new Deeds.Answers(seed);
        Instance instance;
        try {
            instance = Instance.builder(module)
                    .withImportValues(imports(module, answers))
                    .build();
        } catch (ChicoryException | StackOverflowError e) {
            return ours.start().equals("ok") ? Verdict.differs("start", "ok", e.toString()) : Verdict.AGREES;
        } catch (RuntimeException e) {
            return Verdict.unsaid("knows no vectors");
        }
        if (ours.start().equals(TrapKind.TABLE_OUT_OF_BOUNDS.name())) {
            // It takes an empty active segment at an offset past the table; the specification wants a trap.
            return Verdict.unsaid("takes empty segments anywhere");
        }
        if (!ours.start().equals("ok")) {
            return Verdict.differs("start", ours.start(), "ok");
        }
        Verdict verdict = calls(instance, ours);
        return verdict.kind().equals("differs") && roundsWrongly(module) ? Verdict.unsaid("rounds wrongly") : verdict;
    }

    /** It converts one in ten of the large unsigned numbers to the neighbour of the nearest float (1.7.5). */
    private static boolean roundsWrongly(WasmModule module) {
        return Arrays.stream(module.codeSection().functionBodies())
                .flatMap(body -> body.instructions().stream())
                .anyMatch(instruction -> instruction.opcode() == OpCode.F32_CONVERT_I64_U);
    }

    private static Verdict calls(Instance instance, Deeds ours) {
        boolean compared = false;
        for (Deeds.Step step : ours.steps()) {
            if (step.isCutOff()) {
                // It goes on where we stop.
                return compared ? Verdict.AGREES : Verdict.unsaid("cut off");
            }
            if (step.type().params().contains(ValueType.V128)
                    || step.type().results().contains(ValueType.V128)) {
                return Verdict.unsaid("knows no vectors");
            }
            String its;
            try {
                its = call(instance, step);
            } catch (StackOverflowError e) {
                return Verdict.unsaid("ran out of stack");
            } catch (RuntimeException e) {
                // At an instruction that it can read only.
                return Verdict.unsaid("knows no vectors");
            }
            String mine = step.isTrap() ? TRAP : step.outcome();
            if (!mine.equals(its)) {
                return Verdict.differs(step.export(), step.outcome(), its);
            }
            compared = true;
        }
        for (String line : ours.left()) {
            // The name of an export may have any character.
            Verdict verdict = line.matches("(?s).* \\d+ pages \\d+") ? memory(instance, line) : global(instance, line);
            if (!verdict.kind().equals("agrees")) {
                return verdict;
            }
        }
        return Verdict.AGREES;
    }

    private static String call(Instance instance, Deeds.Step step) {
        long[] arguments = new long[step.arguments().length / 2];
        for (int i = 0; i < arguments.length; i++) {
            long bits = step.arguments()[2 * i];
            arguments[i] = step.type().params().get(i) == ValueType.I32 ? (int) bits : bits;
        }
        long[] results;
        try {
            results = instance.export(step.export()).apply(arguments);
        } catch (ChicoryException e) {
            if (e.getCause() instanceof StackOverflowError overflow) {
                throw overflow;
            }
            return TRAP;
        }
        FuncType type = step.type();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < type.results().size(); i++) {
            text.append(Deeds.text(type.results().get(i), results[i], 0)).append(' ');
        }
        return text.toString();
    }

    private static Verdict memory(Instance instance, String line) {
        String name = line.replaceFirst("(?s) \\d+ pages \\d+$", "");
        Memory memory = instance.exports().memory(name);
        long checksum = Deeds.checksum(memory.readBytes(0, memory.pages() * Memory.PAGE_SIZE));
        String its = name + " " + memory.pages() + " pages " + checksum;
        return its.equals(line) ? Verdict.AGREES : Verdict.differs("memory", line, its);
    }

    private static Verdict global(Instance instance, String line) {
        String name = line.substring(0, line.lastIndexOf(' '));
        var global = instance.exports().global(name);
        String its = name + " " + Deeds.text(type(global.getType()), global.getValue(), 0);
        return its.equals(line) ? Verdict.AGREES : Verdict.differs("global", line, its);
    }

    private static ImportValues imports(WasmModule module, Deeds.Answers answers) {
        List<ImportFunction> functions = new ArrayList<>();
        module.importSection().stream()
                .filter(wanted -> wanted.importType() == ExternalType.FUNCTION)
                .forEach(wanted -> {
                    FunctionType type = module.typeSection().getType(((FunctionImport) wanted).typeIndex());
                    functions.add(new HostFunction(
                            wanted.module(), wanted.name(), type, (instance, asked) -> answer(type, asked, answers)));
                });
        return ImportValues.builder().withFunctions(functions).build();
    }

    private static long[] answer(FunctionType type, long[] asked, Deeds.Answers answers) {
        for (int i = 0; i < type.params().size(); i++) {
            answers.note(Deeds.text(type(type.params().get(i)), asked[i], 0).hashCode());
        }
        long[] given = new long[type.returns().size()];
        for (int i = 0; i < given.length; i++) {
            ValueType result = type(type.returns().get(i));
            long bits = answers.next(result);
            given[i] = result == ValueType.I32 ? (int) bits : bits;
        }
        return given;
    }

    private static ValueType type(ValType type) {
        if (type.equals(ValType.I32)) {
            return ValueType.I32;
        }
        if (type.equals(ValType.I64)) {
            return ValueType.I64;
        }
        if (type.equals(ValType.F32)) {
            return ValueType.F32;
        }
        if (type.equals(ValType.F64)) {
            return ValueType.F64;
        }
        return type.equals(ValType.V128) ? ValueType.V128 : ValueType.FUNCREF;
    }
}
