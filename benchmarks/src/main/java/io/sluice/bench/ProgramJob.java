package io.sluice.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A program in a JVM of its own that measures several cells and writes a JSON file, which becomes one record for each of them. */
final class ProgramJob implements Job {

    private static final String NOT_ENDED = "it did not end within ";

    private final String name;
    private final String group;
    private final Class<?> program;
    private final List<String> arguments;
    private final Function<JsonObject, List<ForkRecord>> reader;
    private final double plannedSeconds;
    private final int rounds;
    private final List<String> jvmArgs;

    /**
     * @param arguments the program's; {@code %file} stands for the file that it is to write
     */
    ProgramJob(
            String group,
            String name,
            Class<?> program,
            List<String> arguments,
            Function<JsonObject, List<ForkRecord>> reader,
            double plannedSeconds,
            int rounds,
            List<String> jvmArgs) {
        this.name = group + '|' + name;
        this.group = group;
        this.program = program;
        this.arguments = arguments;
        this.reader = reader;
        this.plannedSeconds = plannedSeconds;
        this.rounds = rounds;
        this.jvmArgs = jvmArgs;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String group() {
        return group;
    }

    @Override
    public double plannedSeconds() {
        return plannedSeconds;
    }

    @Override
    public int rounds() {
        return rounds;
    }

    /** Tries a second time if it failed: a program has many rows to lose. */
    @Override
    public List<ForkRecord> run(int round) {
        List<ForkRecord> made = runOnce(round);
        return made.stream().allMatch(ForkRecord::failed) && !made.get(0).reason.startsWith(NOT_ENDED)
                ? runOnce(round)
                : made;
    }

    private List<ForkRecord> runOnce(int round) {
        List<ForkRecord> made = new ArrayList<>();
        try {
            Path file = Files.createTempFile("sluice-bench", ".json");
            Path log = Files.createTempFile("sluice-bench", ".log");
            List<String> command = java(jvmArgs);
            command.add(program.getName());
            arguments.forEach(argument -> command.add(argument.replace("%file", file.toString())));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            boolean ended = process.waitFor((long) (plannedSeconds * 2.5) + 60, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            String text = Files.readString(log, StandardCharsets.UTF_8);
            if (ended && process.exitValue() == 0) {
                JsonElement json = JsonParser.parseString(Files.readString(file));
                JsonObject object = json.isJsonObject() ? json.getAsJsonObject() : new JsonObject();
                if (json.isJsonArray()) {
                    object.add("rows", json);
                }
                made.addAll(reader.apply(object));
            } else {
                String reason = ended
                        ? JmhJob.reason(text, new IOException("it left with status " + process.exitValue()))
                        : NOT_ENDED + (long) (plannedSeconds * 2.5 + 60) + " s";
                made.add(failure(reason));
            }
            Files.delete(file);
            Files.delete(log);
        } catch (IOException | RuntimeException e) {
            made.add(failure(String.valueOf(e.getMessage())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            made.add(failure("interrupted"));
        }
        for (ForkRecord record : made) {
            record.group = group;
            record.job = name;
            record.round = round;
            record.benchmark = program.getName();
            record.jvmArgs = jvmArgs;
        }
        return made;
    }

    /** The command of a JVM like this one, but for its options; the class and its arguments are to follow. */
    static List<String> java(List<String> jvmArgs) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmArgs);
        System.getProperties().stringPropertyNames().stream()
                .filter(property -> property.startsWith("sluice."))
                .sorted()
                .forEach(property -> command.add("-D" + property + '=' + System.getProperty(property)));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        return command;
    }

    private ForkRecord failure(String reason) {
        ForkRecord record = new ForkRecord();
        record.row = name.substring(name.indexOf('|') + 1);
        record.contestant = "all";
        record.reason = reason;
        return record;
    }
}
