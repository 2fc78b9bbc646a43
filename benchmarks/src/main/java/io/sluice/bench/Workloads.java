package io.sluice.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The guest {@code workloads}: what is called, on what, and what must come back. */
final class Workloads {

    static final String HOST_MODULE = "env";
    static final String HOST_FUNCTION = "sum";

    static final int FIB = 27;
    static final int TEXT_BYTES = 4 << 10;
    static final int FNV_BYTES = 64 << 10;

    /** A row of the group "compute": a function of the guest on an input. */
    static final class Compute {
        private final String function;
        private final byte @Nullable [] input;

        Compute(String function, byte @Nullable [] input) {
            this.function = function;
            this.input = input;
        }

        String function() {
            return function;
        }

        byte @Nullable [] input() {
            return input;
        }
    }

    static final Map<String, Compute> COMPUTE = compute();

    /** What the guest may import: the sum of two numbers. */
    static final Vm.Host HOST = (module, name) -> module.equals(HOST_MODULE) && name.equals(HOST_FUNCTION)
            ? (caller, args) -> (int) (args[0] + args[1])
            : null;

    private Workloads() {}

    static byte[] guest() {
        return Guest.load("/guests/workloads.wasm");
    }

    private static Map<String, Compute> compute() {
        Map<String, Compute> rows = new LinkedHashMap<>();
        rows.put("fib", new Compute("fib", null));
        rows.put("fnv", new Compute("fnv", bytes(FNV_BYTES)));
        rows.put("sha256", new Compute("sha256", bytes(TEXT_BYTES)));
        rows.put("json", new Compute("json", json()));
        rows.put("regex", new Compute("regex", text()));
        return rows;
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return bytes;
    }

    /** Rows of a table, 4 KiB of them. */
    private static byte[] json() {
        StringBuilder text = new StringBuilder("{\"rows\": [");
        for (int i = 0; text.length() < TEXT_BYTES - 120; i++) {
            text.append(i == 0 ? "" : ", ")
                    .append("{\"id\": ")
                    .append(i)
                    .append(", \"name\": \"name \\\"")
                    .append(i * 7919)
                    .append("\\\"\", \"tags\": [true, false, null, -")
                    .append(i)
                    .append(".5]}");
        }
        return text.append("]}").toString().getBytes(US_ASCII);
    }

    /** Prose with an address now and then, 4 KiB. */
    private static byte[] text() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < TEXT_BYTES; i++) {
            text.append("the customer wrote again about order ")
                    .append(i)
                    .append(", see user")
                    .append(i);
            text.append(i % 3 == 0 ? "@example.org. " : " at example.org, ");
        }
        return text.substring(0, TEXT_BYTES).getBytes(US_ASCII);
    }

    /** What all contestants must answer: the pure Java's answers, and those that do not depend on it. */
    static int expected(String row) {
        Compute compute = COMPUTE.get(row);
        if (compute == null) {
            throw new IllegalArgumentException("row \"" + row + "\": choose one of " + COMPUTE.keySet());
        }
        byte[] input = compute.input();
        return input == null ? JavaWorkloads.fib(FIB) : JavaWorkloads.run(compute.function(), input, 0, input.length);
    }
}
