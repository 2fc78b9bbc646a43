package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
        List<Targets.Verdict> verdicts = Targets.judge(results);
        Targets.write(folder, verdicts);
        List<Report.Section> sections = Report.of(results, Environment.read(folder), verdicts);
        Files.writeString(folder.resolve("report.md"), MarkdownReport.write(sections));
        Files.writeString(folder.resolve("report.html"), HtmlReport.write(sections));
    }
}
