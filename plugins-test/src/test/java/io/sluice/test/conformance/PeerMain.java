package io.sluice.test.conformance;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The cases on the other binding, in a JVM of its own: writes their lines to the file that is named. */
final class PeerMain {
    private PeerMain() {}

    /** Without the name of a guest behind it the cases of {@link PeerCases}, else those of {@link SqlCases} for each. */
    public static void main(String[] arguments) throws Exception {
        try (PrintWriter out = new PrintWriter(arguments[0], StandardCharsets.UTF_8)) {
            if (arguments.length == 1) {
                PeerCases.run(new OtherBinding(), out::println);
            }
            for (int i = 1; i < arguments.length; i++) {
                SqlCases.run(arguments[i], new OtherSqlHost(), out::println);
            }
        }
    }
}
