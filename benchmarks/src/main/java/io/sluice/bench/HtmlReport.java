package io.sluice.bench;

import io.sluice.bench.Report.Bar;
import io.sluice.bench.Report.Section;
import java.util.List;
import java.util.Locale;

/** The report as one file of HTML that asks nothing of a network: readable wide, narrow and printed. */
final class HtmlReport {

    /** Where the labels of a chart stand: before the bars, or above them where there is little room. */
    private record Layout(String style, int width, int labelWidth, int labelHeight) {}

    private static final List<Layout> LAYOUTS =
            List.of(new Layout("broad", 760, 210, 0), new Layout("narrow", 340, 0, 17));
    private static final int VALUE_WIDTH = 90;
    private static final int BAR_HEIGHT = 24;
    /** Longer cells may break their lines wherever the window is narrow. */
    private static final int LONG_CELL = 40;

    private static final String STYLE = """
            :root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #c9d1d9; --ours: #0b6e4f; --other: #6b7785; --warn: #b42318; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --paper: #14181c; --line: #3a424a; --ours: #4cc38a; --other: #93a1af; --warn: #ff8a80; } }
            body { margin: 0 auto; padding: 1rem; max-width: 62rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
            h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
            .busy { color: var(--warn); font-weight: 600; border: 2px solid var(--warn); padding: .6rem .8rem; }
            .answer { font-size: 1.1rem; }
            .wide, figure { overflow-x: auto; }
            table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
            th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
            th { white-space: nowrap; }
            svg.narrow { display: none; }
            @media screen and (max-width: 44rem) { svg.broad { display: none; } svg.narrow { display: block; } td:not(:first-child):not(.na):not(.long) { white-space: nowrap; } table { font-size: .8rem; } th, td { padding: .25rem .35rem; } th { white-space: normal; } th:first-child, td:first-child { min-width: 6.5rem; max-width: 9rem; position: sticky; left: 0; background: var(--paper); } td.na, td.long { min-width: 14rem; } }
            tr.missed td:last-child { color: var(--warn); font-weight: 600; overflow-wrap: normal; }
            svg { width: 100%; height: auto; max-width: 62rem; } svg text { font: 13px system-ui, sans-serif; fill: var(--ink); }
            figure { margin: 1.2rem 0; } figcaption { font-weight: 600; }
            @media print {
              :root { --ink: #000; --paper: #fff; --line: #999; --ours: #0b6e4f; --other: #777; --warn: #900; }
              body { max-width: none; padding: 0; font-size: 9.5pt; } .wide { overflow: visible; } table { font-size: 7.5pt; } th, td { padding: .2rem .35rem; }
              td:not(:last-child) { overflow-wrap: anywhere; } td:last-child { overflow-wrap: break-word; } th { white-space: normal; } tr, figure { overflow: visible; break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; }
            }
            """;

    private HtmlReport() {}

    static String write(List<Section> sections) {
        StringBuilder html = new StringBuilder();
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(Report.TITLE)
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n");
        Section opening = sections.get(0);
        boolean busy = opening.paragraphs.get(0).startsWith("THE MACHINE WAS TOO BUSY");
        if (busy) {
            html.append("<p class=\"busy\">")
                    .append(escaped(opening.paragraphs.get(0)))
                    .append("</p>\n");
        }
        html.append("<h1>").append(Report.TITLE).append("</h1>\n");
        for (Section section : sections) {
            if (section.paragraphs.isEmpty() && section.rows.isEmpty()) {
                continue;
            }
            if (!section.title.isEmpty()) {
                html.append("<h2>").append(escaped(section.title)).append("</h2>\n");
            }
            int skip = busy && section == opening ? 1 : 0;
            for (int i = skip; i < section.paragraphs.size(); i++) {
                html.append(section == opening && i == skip ? "<p class=\"answer\">" : "<p>")
                        .append(unbroken(escaped(section.paragraphs.get(i))))
                        .append("</p>\n");
            }
            if (section.bars.size() > 1) {
                chart(html, section);
            }
            table(html, section);
        }
        return html.append("</body>\n</html>\n").toString();
    }

    private static void table(StringBuilder html, Section section) {
        if (section.rows.isEmpty()) {
            return;
        }
        html.append("<div class=\"wide\"><table>\n<thead><tr>");
        section.header.forEach(cell -> html.append("<th>").append(escaped(cell)).append("</th>"));
        html.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : section.rows) {
            html.append(row.get(row.size() - 1).equals("missed") ? "<tr class=\"missed\">" : "<tr>");
            row.forEach(cell -> html.append(
                            cell.startsWith("n/a")
                                    ? "<td class=\"na\">"
                                    : cell.length() > LONG_CELL ? "<td class=\"long\">" : "<td>")
                    .append(unbroken(escaped(cell)))
                    .append("</td>"));
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table></div>\n");
    }

    /** Horizontal bars on a logarithmic scale, each with the range of its forks; drawn once for each width of window. */
    private static void chart(StringBuilder html, Section section) {
        html.append("<figure><figcaption>")
                .append(escaped(section.chartTitle))
                .append(" (logarithmic scale; less is better)</figcaption>\n");
        LAYOUTS.forEach(layout -> chart(html, section, layout));
        html.append("</figure>\n");
    }

    private static void chart(StringBuilder html, Section section, Layout layout) {
        double least = section.bars.stream().mapToDouble(Bar::smallest).min().orElse(1);
        double most = section.bars.stream().mapToDouble(Bar::largest).max().orElse(10);
        double low = Math.floor(Math.log10(least) - 0.05);
        double high = Math.ceil(Math.log10(most) + 0.05);
        int step = BAR_HEIGHT + layout.labelHeight();
        int height = section.bars.size() * step + 34;
        html.append(String.format(
                Locale.ROOT,
                "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                layout.style(),
                layout.width(),
                height,
                escaped(section.chartTitle)));
        for (int power = (int) low; power <= high; power++) {
            double x = position(Math.pow(10, power), low, high, layout);
            html.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%d\" stroke=\"var(--line)\"/><text x=\"%.1f\" y=\"%d\""
                            + " text-anchor=\"%s\">%s</text>%n",
                    x,
                    x,
                    height - 24,
                    x,
                    height - 6,
                    x < 20 ? "start" : "middle",
                    escaped(
                            power < 3
                                    ? (int) Math.pow(10, power) + " ns"
                                    : power < 6
                                            ? (int) Math.pow(10, power - 3) + " µs"
                                            : (int) Math.pow(10, power - 6) + " ms")));
        }
        int y = 4;
        for (Bar bar : section.bars) {
            int top = y + layout.labelHeight();
            int middle = top + BAR_HEIGHT / 2 - 2;
            boolean above = layout.labelHeight() > 0;
            html.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text><rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\""
                            + " fill=\"var(--%s)\"/><line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"var(--ink)\""
                            + " stroke-width=\"2\"/><text x=\"%.1f\" y=\"%d\">%s</text>%n",
                    above ? 0 : layout.labelWidth() - 8,
                    above ? top - 4 : middle + 5,
                    above ? "start" : "end",
                    escaped(bar.label()),
                    layout.labelWidth(),
                    top,
                    Math.max(1, position(bar.value(), low, high, layout) - layout.labelWidth()),
                    BAR_HEIGHT - 6,
                    bar.label().startsWith("sluice") ? "ours" : "other",
                    position(bar.smallest(), low, high, layout),
                    position(bar.largest(), low, high, layout),
                    middle,
                    middle,
                    position(bar.largest(), low, high, layout) + 6,
                    middle + 5,
                    escaped(Report.time(bar.value()))));
            y += step;
        }
        html.append("</svg>\n");
    }

    private static double position(double value, double low, double high, Layout layout) {
        double share = (Math.log10(value) - low) / (high - low);
        return layout.labelWidth() + share * (layout.width() - layout.labelWidth() - VALUE_WIDTH);
    }

    /** A number stays in one line with its unit, and the two ends of a range. */
    private static String unbroken(String text) {
        return text.replaceAll("(\\d) (ns|µs|ms|KiB|MiB|B|%)(?![\\w])", "$1&nbsp;$2")
                .replace(" .. ", "&nbsp;..&nbsp;");
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
