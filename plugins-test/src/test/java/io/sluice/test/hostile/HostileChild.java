package io.sluice.test.hostile;

import io.sluice.runtime.Engine;
import io.sluice.runtime.internal.Leaks;
import java.util.Arrays;
import java.util.logging.LogManager;

/** A child JVM: makes its attacks one after the other and says, if it still can, that nothing is lost. */
final class HostileChild {
    private HostileChild() {}

    public static void main(String[] attacks) throws Exception {
        // What guests log would be most of the output, and who reads it is no part of what is attacked.
        LogManager.getLogManager().reset();
        Report report = new Report();
        boolean failed = false;
        try (Neighbours neighbours = Neighbours.of(report);
                Stage stage = new Stage(report)) {
            neighbours.comeAfter();
            for (String text : attacks) {
                String[] parts = text.split(":", -1);
                Attack attack = Attack.ALL.get(parts[0]);
                if (attack == null) {
                    throw new IllegalArgumentException("no attack has the name " + parts[0]);
                }
                long start = System.nanoTime();
                try {
                    attack.run(stage, Arrays.copyOfRange(parts, 1, parts.length));
                } catch (Exception | Error e) {
                    failed = true;
                    report.wrong(text + " ended in " + e);
                    e.printStackTrace(System.out);
                }
                stage.checkCanary();
                report.done(text, (System.nanoTime() - start) / 1_000_000);
            }
        }
        long left = Engine.liveHandles();
        for (int patience = 0; left > 0 && patience < 150; patience++) {
            // What an attack forgot is the Cleaner's, and a compilation that goes on ends; what native code lost nobody
            // frees.
            System.gc();
            Thread.sleep(100);
            left = Engine.liveHandles();
        }
        if (left > 0) {
            report.leak(left + " live handles after everything was closed");
            // With -Dsluice.leaks=track.
            Leaks.live().forEach(leak -> leak.origin().printStackTrace(System.out));
        }
        System.out.println(Report.END);
        // Threads that an attack left behind must not keep the JVM.
        System.out.flush();
        Runtime.getRuntime().exit(failed ? 1 : 0);
    }
}
