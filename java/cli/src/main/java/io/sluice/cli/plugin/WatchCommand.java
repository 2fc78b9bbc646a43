package io.sluice.cli.plugin;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Builds and tests a plugin again whenever one of its files changes. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Builds and tests a plugin whenever one of its files changes, until it is interrupted.")
final class WatchCommand implements Callable<Integer> {
    private static final long LOOK_MILLIS = 100;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "DIR",
            arity = "0..1",
            description = "The plugin's folder; the current one if none is named.")
    private Path folder = Path.of(".");

    @Option(names = "--rounds", paramLabel = "N", description = "End after N builds; by default go on for ever.")
    private int rounds;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        long seen = 0;
        int status = 0;
        for (int round = 0; rounds == 0 || round < rounds; ) {
            long now = fingerprint();
            if (now == seen) {
                Thread.sleep(LOOK_MILLIS);
                continue;
            }
            seen = now;
            round++;
            long begin = System.nanoTime();
            status = 1;
            if (Builder.of(folder).build(out)) {
                CommandLine test = new CommandLine(new TestCommand())
                        .setExecutionExceptionHandler((e, failed, result) -> {
                            out.println(e.getMessage());
                            return 1;
                        });
                test.setOut(out);
                status = test.execute(folder.toString());
            }
            out.printf("-- %,d ms; waiting for a change%n", (System.nanoTime() - begin) / 1_000_000);
            out.flush();
        }
        return status;
    }

    /** Changes when a source does; what a build makes is not looked at. */
    private long fingerprint() {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !isMade(folder.relativize(file)))
                    .mapToLong(file ->
                            31L * file.toString().hashCode() + file.toFile().lastModified())
                    .sum();
        } catch (IOException e) {
            throw new CommandException(folder + " cannot be read: " + e);
        }
    }

    private static boolean isMade(Path file) {
        String top = file.getName(0).toString();
        return top.equals("target")
                || top.equals("node_modules")
                || top.endsWith("-lock.json")
                || file.toString().endsWith(".wasm");
    }
}
