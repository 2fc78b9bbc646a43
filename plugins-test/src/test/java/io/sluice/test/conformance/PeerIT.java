package io.sluice.test.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.test.e2e.ChildJvm;
import io.sluice.test.e2e.GuestFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An independent binding must see the same modules do the same. */
@Tag("conformance")
class PeerIT {
    @Test
    void numbersMemoryTrapsAndImportsAreTheOtherBindings(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("cases.tsv");
        ChildJvm.Ending ending = new ChildJvm(folder).run(PeerMain.class, file.toString());
        assertThat(ending.exitCode()).as(ending.output()).isZero();
        List<String> ours = new ArrayList<>();
        try (SluiceBinding sluice = new SluiceBinding()) {
            PeerCases.run(sluice, ours::add);
        }
        compare("peer", ours, Files.readAllLines(file, UTF_8), 40_000);
    }

    @Test
    void sqlGuestsDoTheSameOnAHostOfTheOtherBinding(@TempDir Path folder) throws Exception {
        List<String> ours = new ArrayList<>();
        List<String> arguments = new ArrayList<>();
        Path file = folder.resolve("cases.tsv");
        arguments.add(file.toString());
        try (SluiceSqlHost sluice = new SluiceSqlHost()) {
            for (String guest : SqlCases.guests()) {
                if (sluice.isComparable(GuestFiles.bytes(guest))) {
                    arguments.add(guest);
                    SqlCases.run(guest, sluice, ours::add);
                }
            }
        }
        assertThat(arguments).contains(GuestFiles.REJECT, "rust/reject_without_where", "go/reject_without_where");
        ChildJvm.Ending ending = new ChildJvm(folder).run(PeerMain.class, arguments.toArray(String[]::new));
        assertThat(ending.exitCode()).as(ending.output()).isZero();
        compare("peer-sql", ours, Files.readAllLines(file, UTF_8), 1_500);
    }

    private static void compare(String name, List<String> ours, List<String> theirs, int atLeast) {
        Tally tally = new Tally();
        for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
            String mine = i < ours.size() ? ours.get(i) : "nothing";
            String other = i < theirs.size() ? theirs.get(i) : "nothing";
            String group = "peer: " + mine.substring(0, Math.max(0, mine.indexOf('\t')));
            if (mine.equals(other)) {
                tally.passed(group);
            } else {
                tally.failed(group, mine + " | the other: " + other);
            }
        }
        tally.write(name);
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.passed()).isGreaterThanOrEqualTo(atLeast);
    }
}
