package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.bench.Contestant.InstanceUse;
import io.sluice.bench.Requests.Expectation;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever is timed answers like everybody else. */
class ContestantsTest {

    static Stream<Arguments> contestants() {
        return Stream.of(InstanceUse.values())
                .flatMap(use -> Contestants.names(use).stream()
                        .filter(ContestantsTest::runsInThisJvm)
                        .map(name -> Arguments.of(name, use)));
    }

    /** The Graal compiler needs options of the JVM; {@link GraalCompilerIT} has a JVM with them. */
    private static boolean runsInThisJvm(String name) {
        boolean interprets = name.equals(Contestants.GRAALWASM_INTERPRETED);
        // GraalWasm 25 uses methods of Java 21.
        return !name.equals(Contestants.GRAALWASM_COMPILED)
                && (!interprets || Runtime.version().feature() >= 21);
    }

    /** What shows a difference between guests is in few of them, and the large ones take long to compile. */
    private static final List<String> COMPILERS =
            List.of(Contestants.SLUICE_POOLED, Contestants.CHICORY_COMPILED, Contestants.WASMTIME_JAVA);

    private static boolean isSmall(PluginGuest guest) {
        return guest != PluginGuest.GO && guest != PluginGuest.JAVA;
    }

    static Stream<Arguments> contestantsAndGuests() {
        return Stream.of(PluginGuest.values())
                .filter(guest -> !guest.isRealSize())
                .flatMap(guest -> Contestants.ALL.stream()
                        .filter(ContestantsTest::runsInThisJvm)
                        .filter(name -> isSmall(guest) || COMPILERS.contains(name))
                        .map(name -> Arguments.of(name, guest)));
    }

    @ParameterizedTest
    @MethodSource("contestantsAndGuests")
    void everyContestantRunsEveryGuest(String name, PluginGuest guest) {
        InstanceUse use = Contestants.runs(name, InstanceUse.REUSED) ? InstanceUse.REUSED : InstanceUse.FRESH;
        try (Contestant contestant = Contestants.open(name, use, guest)) {
            Requests.check(name, contestant, guest.expectations());
            for (String query : List.of("reject-100", "pass-100", "reject-4k")) {
                assertThat(contestant.before(PluginGuest.query(query)) != null)
                        .as(query)
                        .isEqualTo(PluginGuest.isRejected(query));
            }
        }
    }

    /** Others take long to compile these; each of their forks checks the answers before it is timed. */
    @ParameterizedTest
    @EnumSource(names = {"RUST_SQLPARSER", "JS_SQLPARSER"})
    void pluginOfRealSizeAnswersLikeEverybodyElse(PluginGuest guest) {
        assertThat(guest.missing()).isEmpty();
        try (Contestant contestant = Contestants.open(Contestants.SLUICE_POOLED, InstanceUse.REUSED, guest)) {
            Requests.check(Contestants.SLUICE_POOLED, contestant, guest.expectations());
        }
    }

    static Stream<Arguments> calls() {
        return Contestants.names(InstanceUse.REUSED).stream()
                .filter(ContestantsTest::runsInThisJvm)
                .flatMap(name -> Stream.of(
                                "noop", "add", "java-import", "bytes-64", "bytes-64k", "fnv", "sha256", "json", "regex")
                        .map(row -> Arguments.of(name, row)));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void everyContestantGivesTheSameNumbers(String name, String row) {
        CallBenchmark benchmark = new CallBenchmark();
        benchmark.contestant = name;
        benchmark.row = row;
        benchmark.open();
        benchmark.close();
    }

    @Test
    void javasNumbersAreTheRightOnes() throws Exception {
        byte[] text = Workloads.bytes(4096);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);

        assertThat(JavaWorkloads.sha256(text, 0, text.length))
                .isEqualTo(ByteBuffer.wrap(digest).getInt());
        assertThat(Workloads.expected("fib")).isEqualTo(196_418);
        assertThat(JavaWorkloads.fnv("foobar".getBytes(UTF_8), 0, 6)).isEqualTo(0xbf9cf968);
        assertThat(Workloads.expected("json")).isNotZero();
        assertThat(JavaWorkloads.run("json", "{\"a\": }}".getBytes(UTF_8), 0, 8))
                .isZero();
        assertThat(JavaWorkloads.run("regex", "ab@cd.e, ab@cd".getBytes(UTF_8), 0, 14))
                .isEqualTo(0x10000 + 7);
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
            // What interprets is slow.
            for (int i = 0; i < (name.endsWith("interpreted") ? 100 : 2_000); i++) {
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
                        + " sluice-per-request-unmetered, chicory-compiled, chicory-capped, chicory-interpreted,"
                        + " graalwasm-compiled, graalwasm-interpreted, wasmtime-java] do; choose one of these");
        assertThatThrownBy(() -> Contestants.open("nobody", InstanceUse.REUSED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("contestant \"nobody\" was asked to run reused, which only [java, sluice-pooled,"
                        + " sluice-pooled-unmetered, chicory-compiled, chicory-interpreted, graalwasm-compiled,"
                        + " graalwasm-interpreted, wasmtime-java] do; choose one of these");
    }
}
