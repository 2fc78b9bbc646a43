package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.abi.WescaleConfig;
import io.sluice.runtime.abi.WescaleInstance;
import io.sluice.runtime.abi.WescaleSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A plugin's instances begin where its start ended, and differ where they must. */
@Tag("conformance")
class SnapshotIT {
    private static final String CHOICES = "go/random_choices";
    private static final String ASKED =
            "not snapshotted: start asked for randomness (wasi_snapshot_preview1.random_get), which would be the same in every"
                    + " instance: export sluice_after_restore and make it anew there, or allow it with snapshotDespiteRandomness";

    private static final StoreConfig STORE = StoreConfig.defaults().withDeadline(Duration.ofSeconds(30));
    private static final WescaleConfig CONFIG =
            WescaleConfig.defaults().withStoreConfig(STORE).withStartDeadline(Duration.ofSeconds(30));

    private static Engine engine;
    private static Linker linker;

    @BeforeAll
    static void open() {
        engine = Engine.create(EngineConfig.defaults()
                .withMaxInstances(20)
                .withOptimisation(false)
                .withInlining(false));
        linker = Linker.create(engine).defineWasi().defineWescale();
    }

    @AfterAll
    static void close() {
        linker.close();
        engine.close();
    }

    private static WescaleSnapshot take(byte[] wasm, WescaleConfig config) {
        try (Module module = Module.compile(engine, wasm);
                InstancePre quick = linker.instantiatePre(module)) {
            return WescaleSnapshot.take(engine, wasm, quick, config);
        }
    }

    private static Module snapshotOf(byte[] wasm, WescaleConfig config) {
        WescaleSnapshot snapshot = take(wasm, config);
        assertThat(snapshot.reason()).startsWith("snapshotted after ");
        return Objects.requireNonNull(snapshot.module());
    }

    private static String errorBefore(WescaleInstance instance, String query, boolean fresh) {
        byte[] bytes = query.getBytes(UTF_8);
        instance.before(bytes, 0, bytes.length, fresh);
        return instance.errorText();
    }

    /** What a new instance for each of four requests answers. */
    private static List<String> answers(Module code) {
        List<String> answers = new ArrayList<>();
        try (Module module = code;
                InstancePre pre = linker.instantiatePre(module);
                WescaleInstance instance = WescaleInstance.create(pre, CONFIG)) {
            for (int i = 0; i < 4; i++) {
                answers.add(errorBefore(instance, "select 1", true));
            }
        }
        return answers;
    }

    private static List<String> part(List<String> answers, int index) {
        return answers.stream().map(answer -> answer.split("; ", -1)[index]).toList();
    }

    private static void assertChoicesDiffer(List<String> answers) {
        assertThat(answers).allMatch(answer -> answer.matches("map [\\d ]+; rand \\d+ \\d+; select [0-3]{24}"));
        // A map is gone through from one of 128 places on, so that two of four may well be the same.
        assertThat(Set.copyOf(part(answers, 0))).hasSizeGreaterThan(1);
        assertThat(part(answers, 1)).doesNotHaveDuplicates();
        assertThat(part(answers, 2)).doesNotHaveDuplicates();
    }

    @Test
    void restoredGoInstancesChooseAnew() {
        assertChoicesDiffer(answers(snapshotOf(GuestFiles.bytes(CHOICES), CONFIG)));
    }

    @Test
    void goInstancesThatStartForThemselvesChooseAnew() {
        assertChoicesDiffer(answers(Module.compile(engine, GuestFiles.bytes(CHOICES))));
    }

    @Test
    void withoutRestoringAllGoInstancesChooseAlike() {
        byte[] wasm = GuestFiles.bytes(CHOICES);
        String text = new String(wasm, ISO_8859_1);
        int name = text.indexOf("sluice_after_restore");
        assertThat(name).isPositive();
        // It is exported under another name, so that nobody calls it.
        wasm[name] = 'S';
        assertThat(take(wasm, CONFIG).reason()).isEqualTo(ASKED);
        List<String> answers = answers(snapshotOf(wasm, CONFIG.withSnapshotDespiteRandomness(true)));
        assertThat(answers).hasSize(4).containsOnly(answers.get(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"go/reject_without_where", "go/mask_columns"})
    void pluginThatAsksForRandomnessAtStartIsNotSnapshotted(String guest) {
        WescaleSnapshot snapshot = take(GuestFiles.bytes(guest), CONFIG);
        assertThat(snapshot.module()).isNull();
        assertThat(snapshot.reason()).isEqualTo(ASKED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hostile/start_traps         | start failed: at start: trap: unreachable instruction executed
            hostile/start_section_traps | start failed: at start: trap: unreachable instruction executed
            hostile/start_loops         | start failed: at start: trap: out of fuel (limits of the call: 1000000 units of fuel, 30s)
            hostile/start_grows_memory  | start failed: at start: trap: out of fuel (limits of the call: 1000000 units of fuel, 30s)
            hostile/start_exits_7       | start failed: the guest ended itself by proc_exit(7)
            upstream/sdk_current        | start logged something (wasi_snapshot_preview1.fd_write), which each instance would not
            hostile/table_bomb          | the module uses table.grow (in function 1), whose effect a snapshot cannot see
            c/reject_without_where      | the module has no start, so its instances begin where a snapshot would
            """)
    void reasonSaysWhatIsInTheWay(String guest, String reason) {
        WescaleSnapshot snapshot = take(GuestFiles.bytes(guest), CONFIG.withStartFuel(1_000_000));
        assertThat(snapshot.module()).isNull();
        assertThat(snapshot.reason()).startsWith("not snapshotted: " + reason);
    }

    @Test
    void deadlineOfTheStartEndsTheAttempt() {
        WescaleConfig config = CONFIG.withStartFuel(Long.MAX_VALUE).withStartDeadline(Duration.ofMillis(50));
        assertThat(take(GuestFiles.bytes("hostile/start_loops"), config).reason())
                .startsWith("not snapshotted: start failed: at start: trap: deadline exceeded")
                .contains("50ms");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wat/start_initialize", "wat/start_command", "wat/start_section"})
    void everyStyleOfStartIsKept(String guest) {
        assertThat(answers(snapshotOf(GuestFiles.bytes(guest), CONFIG))).containsOnly("started 1");
    }

    @Test
    void exitWithZeroIsGoodStart() {
        assertThat(answers(snapshotOf(GuestFiles.bytes("wat/start_exits_0"), CONFIG)))
                .containsOnly("started well");
    }

    @Test
    void warmedUpJavaGuestDoesNotPayForItsFirstRequest() {
        byte[] wasm = GuestFiles.bytes("java/upper_case");
        WescaleSnapshot snapshot = take(wasm, CONFIG);
        assertThat(snapshot.reason()).isEqualTo("snapshotted after start and sluice_warm_up");
        long[] warm = fuelOfThreeRequests(Objects.requireNonNull(snapshot.module()));
        long[] plain = fuelOfThreeRequests(Module.compile(engine, wasm));
        String both = "plain " + Arrays.toString(plain) + ", snapshotted " + Arrays.toString(warm);
        assertThat(plain[0]).as(both).isGreaterThan(10 * plain[2]);
        assertThat(warm[0]).as(both).isLessThan(2 * plain[2]);
    }

    private static long[] fuelOfThreeRequests(Module code) {
        long[] fuel = new long[3];
        try (Module module = code;
                InstancePre pre = linker.instantiatePre(module);
                WescaleInstance instance = WescaleInstance.create(pre, CONFIG)) {
            for (int i = 0; i < fuel.length; i++) {
                assertThat(errorBefore(instance, "select ä", i == 0)).isEqualTo("SELECT Ä");
                fuel[i] = instance.fuelUsed();
            }
        }
        return fuel;
    }
}
