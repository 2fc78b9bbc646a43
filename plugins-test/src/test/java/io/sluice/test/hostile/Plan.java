package io.sluice.test.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which JVMs are started for which attacks, at which scale. */
final class Plan {
    private static final List<String> COLLECTORS = List.of("Serial", "Parallel", "G1", "Z", "Shenandoah");

    private Plan() {}

    static List<Doomed> of(String scale) {
        return switch (scale) {
            case "quick" -> quick();
            case "full" -> large(1);
            case "nightly" -> large(12);
            default ->
                throw new IllegalArgumentException(
                        "no scale has the name " + scale + "; there are quick, full, nightly");
        };
    }

    /** What every run of the tests can afford. */
    private static List<Doomed> quick() {
        // Each JDK has modules of its own.
        int seed = Runtime.version().feature() * 1_000_000;
        return List.of(
                Doomed.of("generated modules", 600, "generated:10000:" + seed),
                Doomed.of("guests, secrets", 100, "secrets:12", "deadline", "storms:8000", "locks:60", "hoards"),
                Doomed.of("forged arguments", 100, "forged:60", "throwing:100"),
                Doomed.of("misuse", 100, "methods:1", "handles:300", "races:400"),
                Doomed.of("stacks", 100, "stack").with("-Xss256k"),
                Doomed.of("traps among others' handlers", 100, "traps:3000").with(beside("before,after,ctimer")),
                Doomed.of(
                        "modules",
                        100,
                        "extremes:3:8",
                        "truncated:c/reject_without_where:9",
                        "flipped:c/reject_without_where:1500:1"));
    }

    /** In order of length, that none of the two lanes waits for the other at the end. */
    private static List<Doomed> large(int factor) {
        List<Doomed> jvms = new ArrayList<>();
        for (int part = 0; part < 3; part++) {
            jvms.add(Doomed.of("extreme modules, part " + part, 400, "extremes:" + part + ":3")
                    .with("-Xmx1g"));
        }
        if (factor == 1) {
            jvms.add(Doomed.of("generated modules", 600, "generated:50000:1"));
        } else {
            for (int part = 0; part < 10; part++) {
                jvms.add(Doomed.of(
                        "generated modules, part " + part, 7200, "generated:110000:" + (1_000_000 + part * 110_000)));
            }
        }
        if (factor == 1) {
            jvms.add(Doomed.of("races with close", 300, "races:20000"));
        } else {
            // Ten million rounds in all, each of about 2 ms.
            for (int part = 0; part < 10; part++) {
                jvms.add(Doomed.of("races with close, part " + part, 10_000, "races:1000000"));
            }
        }
        jvms.add(Doomed.of("every hostile guest", 300, "guests"));
        jvms.add(Doomed.of("fights for locks", 300 * factor, "locks:" + 1000 * factor, "hoards"));
        jvms.add(Doomed.of("secrets, deadlines", 300, "secrets:200", "deadline"));
        jvms.add(Doomed.of("100,000 traps", 300 * factor, "storms:" + 100_000 * factor));
        jvms.add(Doomed.of("forged arguments", 300 * factor, "forged:" + 600 * factor));
        jvms.add(Doomed.of(
                "truncated modules",
                300,
                "truncated:c/reject_without_where:1",
                "truncated:rust/rate_limit:1",
                "truncated:c_wasi/wasi_report:7"));
        int flips = factor == 1 ? 55_000 : 1_000_000;
        jvms.add(Doomed.of("flipped bytes, C", 300 * factor, "flipped:c/reject_without_where:" + flips + ":1"));
        jvms.add(Doomed.of("flipped bytes, Rust", 300 * factor, "flipped:rust/rate_limit:" + flips + ":2"));
        jvms.add(Doomed.of("public methods misused", 300 * factor, "methods:" + 4 * factor));
        jvms.add(Doomed.of("handles at random", 300 * factor, "handles:" + 20_000 * factor));
        jvms.add(Doomed.of("host functions that throw", 300, "throwing:2000"));
        jvms.add(Doomed.of(
                        "made and closed",
                        factor == 1 ? 400 : 40_000,
                        factor == 1 ? "resources:20000:8000:100000" : "resources:1000000:1000000:1000000",
                        "forgotten:" + 300 * factor)
                .with("-Xmx256m"));
        jvms.add(Doomed.of("little address space", 300, "scarce")
                .with("-Xmx256m", "-XX:MaxDirectMemorySize=1g", "-Dsluice.hostile.small=true")
                .wrapped("bash", "-c", "ulimit -v 8000000; exec \"$@\"", "scarce"));
        jvms.addAll(stacks());
        jvms.addAll(matrix());
        return jvms;
    }

    private static List<Doomed> stacks() {
        List<Doomed> jvms = new ArrayList<>();
        for (Path home : Jdks.homes()) {
            String jdk = "JDK " + Jdks.version(home);
            jvms.add(Doomed.of("stacks, " + jdk, 200, "stack").on(home).with("-Xss256k"));
            jvms.add(Doomed.of("stacks, explicit traps, " + jdk, 200, "stack:explicit")
                    .on(home));
            jvms.add(Doomed.of("stacks, interpreted, " + jdk, 200, "stack")
                    .on(home)
                    .with("-Xint", "-Xss512k"));
            jvms.add(Doomed.of("primordial thread, " + jdk, 200, "stack", "traps:3000")
                    .on(home)
                    .onPrimordialThread());
        }
        return jvms;
    }

    /** Signals among the JVM's own: every JDK with every collector, checked JNI, and the JVM's signal chaining. */
    private static List<Doomed> matrix() {
        List<Doomed> jvms = new ArrayList<>();
        for (Path home : Jdks.homes()) {
            String jdk = "JDK " + Jdks.version(home);
            for (String collector : COLLECTORS) {
                if (Jdks.has(home, "-XX:+Use" + collector + "GC")) {
                    jvms.add(Doomed.of("traps, " + jdk + ", " + collector, 200, "traps:20000")
                            .on(home)
                            .with("-XX:+Use" + collector + "GC"));
                }
            }
            String jsig = home.resolve("lib/libjsig.so").toString();
            jvms.add(Doomed.of("traps, " + jdk + ", libjsig", 200, "traps:20000", "stack")
                    .on(home)
                    .wrapped("env", "LD_PRELOAD=" + jsig));
            jvms.add(Doomed.of(
                            "traps, " + jdk + ", -Xcheck:jni",
                            200,
                            "traps:6000",
                            "forged:20",
                            "throwing:100",
                            "methods:1")
                    .on(home)
                    .with("-Xcheck:jni"));
            jvms.add(Doomed.of("traps, " + jdk + ", -Xcheck:jni, libjsig", 200, "traps:6000", "races:200")
                    .on(home)
                    .with("-Xcheck:jni")
                    .wrapped("env", "LD_PRELOAD=" + jsig));
            jvms.add(Doomed.of("traps, " + jdk + ", explicit", 200, "traps:20000:explicit")
                    .on(home));
            jvms.add(Doomed.of("traps, " + jdk + ", JFR", 200, "traps:10000")
                    .on(home)
                    .with("-XX:StartFlightRecording=settings=profile,filename=recording.jfr"));
            jvms.add(Doomed.of("traps, " + jdk + ", handlers before", 200, "traps:20000", "stack")
                    .on(home)
                    .with(beside("before")));
            jvms.add(Doomed.of("traps, " + jdk + ", handlers after", 200, "traps:20000", "stack")
                    .on(home)
                    .with(beside("after")));
            jvms.add(Doomed.of("traps, " + jdk + ", handlers, libjsig", 200, "traps:10000")
                    .on(home)
                    .with("-Xcheck:jni", beside("before,after"))
                    .wrapped("env", "LD_PRELOAD=" + jsig));
            jvms.add(Doomed.of("traps, " + jdk + ", async-profiler", 200, "traps:20000", "throwing:100")
                    .on(home)
                    .with(beside("ctimer")));
            jvms.add(Doomed.of("traps, " + jdk + ", async-profiler, wall", 200, "traps:10000", "races:200")
                    .on(home)
                    .with(beside("before,after,wall")));
        }
        return jvms;
    }

    private static String beside(String names) {
        return "-D" + Neighbours.PROPERTY + "=" + names;
    }

    /** One JVM for each module of somebody else's. */
    static List<Doomed> ofFolder(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Doomed> jvms = files.filter(file -> file.toString().endsWith(".wasm"))
                    .sorted()
                    .map(file -> Doomed.of(file.getFileName().toString(), 300, "extra:" + file.toAbsolutePath()))
                    .toList();
            if (jvms.isEmpty()) {
                throw new IllegalArgumentException("there is no .wasm in " + folder);
            }
            return jvms;
        }
    }
}
