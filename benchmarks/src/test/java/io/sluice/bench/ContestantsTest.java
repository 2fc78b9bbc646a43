package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.bench.Contestant.InstanceUse;
import io.sluice.bench.Requests.Expectation;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever is timed answers like everybody else. */
class ContestantsTest {

    static Stream<Arguments> contestants() {
        return Stream.of(InstanceUse.values())
                .flatMap(use -> Contestants.names(use).stream().map(name -> Arguments.of(name, use)));
    }

    @ParameterizedTest
    @MethodSource("contestants")
    void everyContestantGivesTheExpectedAnswers(String name, InstanceUse use) {
        try (Contestant contestant = Contestants.open(name, use)) {
            SoftAssertions.assertSoftly(softly -> {
                for (Expectation expectation : Requests.EXPECTATIONS) {
                    byte[] message = contestant.before(expectation.query().getBytes(UTF_8));
                    softly.assertThat(message == null ? null : new String(message, UTF_8))
                            .as(expectation.query())
                            .isEqualTo(expectation.message());
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("contestants")
    void everyAnswerIsTheCallersOwn(String name, InstanceUse use) {
        try (Contestant contestant = Contestants.open(name, use)) {
            byte[] first = contestant.before(Requests.timed());
            byte[] second = contestant.before(Requests.timed());

            assertThat(first).isEqualTo(second).isNotSameAs(second);
        }
    }

    @ParameterizedTest
    @MethodSource("contestants")
    void thousandsOfRequestsEndAsTheyBegan(String name, InstanceUse use) {
        byte[] timed = Requests.timed();
        try (Contestant contestant = Contestants.open(name, use)) {
            for (int i = 0; i < 2_000; i++) {
                contestant.before(timed);
            }
            Requests.check(name, contestant);
        }
    }

    @Test
    void timedQueryHasHundredBytesAndIsRefused() {
        assertThat(Requests.timed()).hasSize(100);
        assertThat(Requests.EXPECTATIONS)
                .contains(new Expectation(Requests.UPDATE_WITHOUT_WHERE, JavaContestant.NO_WHERE));
    }

    @Test
    void wrongAnswerStopsTheBenchmark() {
        Contestant passesAll = new Contestant() {
            @Override
            public byte @Nullable [] before(byte[] query) {
                return null;
            }

            @Override
            public void close() {}
        };

        assertThatThrownBy(() -> Requests.check("pass-all", passesAll))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("contestant pass-all answered pass to \"" + Requests.UPDATE_WITHOUT_WHERE
                        + "\", expected \"no where clause\"");
    }

    @Test
    void contestantThatDoesNotRunThisWayIsRefused() {
        assertThatThrownBy(() -> Contestants.open("sluice-pooled", InstanceUse.FRESH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("contestant \"sluice-pooled\" was asked to run fresh, which only [java, sluice-per-request,"
                        + " sluice-per-request-unmetered, chicory-compiled, chicory-capped, wasmtime-java] do; choose one of"
                        + " these");
        assertThatThrownBy(() -> Contestants.open("nobody", InstanceUse.REUSED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("contestant \"nobody\" was asked to run reused, which only [java, sluice-pooled,"
                        + " sluice-pooled-unmetered, chicory-compiled, wasmtime-java] do; choose one of these");
    }
}
