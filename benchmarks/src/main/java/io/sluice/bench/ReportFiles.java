package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Path;

/** Writes all that is made from a folder's forks: the groups' JSON, the summary, the report. */
public final class ReportFiles {

    private ReportFiles() {}

    /** Writes the files of a folder again; its path is the argument. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("expected the folder of results as the only argument");
        }
        write(Path.of(arguments[0]));
    }

    static void write(Path folder) throws IOException {
        Results results = Results.read(folder);
        results.writeGroups();
        Targets.write(folder, Targets.judge(results));
    }
}
