package io.sluice.test.hostile;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import java.io.IOException;

/** A JVM that loads the native library, says how that went, and tries again after each of the commands it is given. */
final class LibraryChild {
    private LibraryChild() {}

    public static void main(String[] commands) throws IOException, InterruptedException {
        attempt();
        for (String command : commands) {
            Process process =
                    new ProcessBuilder("bash", "-c", command).inheritIO().start();
            if (process.waitFor() != 0) {
                throw new IOException(command + " ended with " + process.exitValue());
            }
            attempt();
        }
    }

    private static void attempt() {
        try {
            Engine.create(EngineConfig.defaults().withMaxInstances(2)).close();
            System.out.println("loaded");
        } catch (UnsatisfiedLinkError e) {
            System.out.println("refused: " + e.getMessage());
        }
    }
}
