package io.sluice.cli.plugin;

import io.sluice.testkit.CaseRun;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** The results as JUnit XML, which build servers read. */
final class JUnitReport {
    private record Suite(String name, List<CaseRun> runs) {}

    private final List<Suite> suites = new ArrayList<>();

    void add(String name, List<CaseRun> runs) {
        suites.add(new Suite(name, List.copyOf(runs)));
    }

    void write(Path file) {
        try (OutputStream out = Files.newOutputStream(file)) {
            XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(out, "UTF-8");
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuites");
            for (Suite suite : suites) {
                write(xml, suite);
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (IOException | XMLStreamException e) {
            throw new CommandException("the report cannot be written to " + file + ": " + e);
        }
    }

    private static void write(XMLStreamWriter xml, Suite suite) throws XMLStreamException {
        long failed = suite.runs().stream().filter(run -> !run.passed()).count();
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", suite.name());
        xml.writeAttribute("tests", "" + suite.runs().size());
        xml.writeAttribute("failures", "" + failed);
        for (CaseRun run : suite.runs()) {
            xml.writeStartElement("testcase");
            xml.writeAttribute("classname", suite.name());
            xml.writeAttribute("name", run.pluginCase().name());
            xml.writeAttribute(
                    "time", String.format(Locale.ROOT, "%.6f", run.outcome().nanos() / 1e9));
            for (CaseRun.Difference difference : run.differences()) {
                xml.writeStartElement("failure");
                xml.writeAttribute("message", difference.what() + " differs");
                xml.writeCharacters("expected:\n" + String.join("\n", difference.expected()) + "\nfound:\n"
                        + String.join("\n", difference.found()) + "\n");
                xml.writeEndElement();
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }
}
