package io.sluice.bench;

import io.sluice.bench.Report.Section;
import java.util.List;
import java.util.stream.Collectors;

/** The report as Markdown, without its plots. */
final class MarkdownReport {

    private MarkdownReport() {}

    static String write(List<Section> sections) {
        StringBuilder text = new StringBuilder();
        String first = sections.get(0).paragraphs.get(0);
        boolean busy = first.startsWith("THE MACHINE WAS TOO BUSY");
        if (busy) {
            text.append("**").append(first).append("**\n\n");
        }
        text.append("# ").append(Report.TITLE).append('\n');
        for (Section section : sections) {
            if (section.paragraphs.isEmpty() && section.rows.isEmpty()) {
                continue;
            }
            if (!section.title.isEmpty()) {
                text.append("\n## ").append(section.title).append('\n');
            }
            section.paragraphs.stream()
                    .skip(busy && section == sections.get(0) ? 1 : 0)
                    .forEach(paragraph -> text.append('\n').append(paragraph).append('\n'));
            if (!section.rows.isEmpty()) {
                text.append('\n').append(line(section.header));
                text.append(section.header.stream().map(cell -> "---").collect(Collectors.joining("|", "|", "|\n")));
                section.rows.forEach(row -> text.append(line(row)));
            }
        }
        return text.toString();
    }

    private static String line(List<String> cells) {
        return cells.stream()
                .map(cell -> cell.replace("|", "\\|").replace('\n', ' '))
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }
}
