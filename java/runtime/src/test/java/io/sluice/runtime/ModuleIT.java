package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ModuleIT {
    private static final Path STAT = Path.of("/proc/thread-self/stat");

    private static Engine engine;

    @BeforeAll
    static void open() {
        engine = Engine.create(Sandbox.ENGINE);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    /** A module of one section. */
    private static byte[] section(int... bytes) {
        byte[] wasm = Arrays.copyOf(new byte[] {0, 'a', 's', 'm', 1}, 8 + bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            wasm[8 + i] = (byte) bytes[i];
        }
        return wasm;
    }

    /** Reading must be by the engine's proposals too: with memory64 the first of these would be well-formed. */
    @Test
    void proposalsThatAreOffAreRefused() {
        refused(section(5, 8, 1, 0, 0x82, 0x80, 0x80, 0x80, 0x80, 0), "integer representation too long");
        refused(section(5, 3, 1, 4, 1), "memory64 must be enabled for 64-bit memories");
        refused(section(5, 5, 2, 0, 1, 0, 1), "multiple memories");
        refused(section(1, 6, 1, 0x60, 1, 0x64, 0x70, 0), "function references required");
        refused(section(1, 5, 1, 0x60, 1, 0x6f, 0), "gc");
    }

    private static void refused(byte[] wasm, String message) {
        assertThatThrownBy(() -> Module.compile(engine, wasm))
                .isInstanceOf(CompilationException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> Module.validate(engine, wasm))
                .isInstanceOf(CompilationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void importsAndExportsAreListedWithTheirTypes() {
        try (Module module = Module.compile(engine, Guests.wasm("host"))) {
            assertThat(module.imports())
                    .containsExactly(
                            new ImportType("env", "unary", TypeText.func("(i32) -> i32")),
                            new ImportType("env", "mixed", TypeText.func("(i32, i64, f32, f64) -> f64")),
                            new ImportType("env", "pair", TypeText.func("(i32) -> (i64, i32)")),
                            new ImportType("env", "nothing", TypeText.func("() -> ()")));
            assertThat(module.exports())
                    .startsWith(
                            new ExportType("memory", TypeText.extern("memory 1")),
                            new ExportType("call_unary", TypeText.func("(i32) -> i32")));
        }
        try (Module module = Module.compile(engine, Guests.wasm("globals"))) {
            assertThat(module.exports())
                    .contains(
                            new ExportType("constant", new GlobalType(ValueType.I32, false)),
                            new ExportType("v128", new GlobalType(ValueType.V128, true)));
        }
        try (Module module = Module.compile(engine, Guests.wasm("tables"))) {
            assertThat(module.exports()).contains(new ExportType("table", TypeText.extern("table funcref 3 5")));
        }
    }

    @Test
    void anEmptyModuleHasNeither() {
        try (Module module = Module.compile(engine, Guests.wasm("empty"))) {
            assertThat(module.imports()).isEmpty();
            assertThat(module.exports()).isEmpty();
        }
    }

    @Test
    void validatingDoesNotCompile() {
        Module.validate(engine, Guests.wasm("numbers"));
        assertThat(Engine.liveHandles()).isEqualTo(1);
    }

    @Test
    void whatIsNoWasmIsRefused() {
        refused(
                "select 1".getBytes(StandardCharsets.UTF_8),
                "it must begin with the bytes 00 61 73 6d, found 73 65 6c 65");
        refused(new byte[0], "it must begin with the bytes 00 61 73 6d, found nothing");
        refused(new byte[] {0, 0x61, 0x73}, "found 00 61 73");
    }

    @Test
    void aTruncatedModuleIsRefused() {
        byte[] whole = Guests.wasm("numbers");
        for (int length = 4; length < whole.length; length += 7) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Module.compile(engine, cut))
                    .isInstanceOf(CompilationException.class)
                    .hasMessageContaining("not a valid module");
        }
    }

    @Test
    void aComponentIsRefusedByName() {
        refused(new byte[] {0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0}, "this is a component, a core module is needed");
    }

    @Test
    void everyByteChangedGivesAModuleOrATypedError() {
        byte[] wasm = Guests.wasm("traps");
        for (int i = 0; i < wasm.length; i++) {
            byte[] changed = wasm.clone();
            changed[i] ^= 0x55;
            try {
                Module.compile(engine, changed).close();
            } catch (WasmException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void aModuleBeyondTheLimitsIsRefusedBeforeItIsCompiled() {
        byte[] wasm = Guests.wasm("numbers");
        try (Engine small = Engine.create(Sandbox.ENGINE.withMaxModuleBytes(100).withMaxInstances(1))) {
            limited(small, wasm, Limit.MODULE_BYTES, wasm.length, 100, "raise maxModuleBytes");
        }
        try (Engine small =
                Engine.create(Sandbox.ENGINE.withMaxFunctionBytes(16).withMaxInstances(1))) {
            limited(small, Guests.wasm("loops"), Limit.FUNCTION_BYTES, 21, 16, "raise maxFunctionBytes");
        }
        try (Engine small =
                Engine.create(Sandbox.ENGINE.withMaxMemoryBytes(65_536).withMaxInstances(1))) {
            limited(small, Guests.wasm("big_memory"), Limit.MEMORY_BYTES, 6_553_600, 65_536, "raise maxMemoryBytes");
        }
        try (Engine small =
                Engine.create(Sandbox.ENGINE.withMaxTableElements(10).withMaxInstances(1))) {
            limited(small, Guests.wasm("big_table"), Limit.TABLE_ELEMENTS, 1000, 10, "raise maxTableElements");
        }
    }

    private static void limited(Engine in, byte[] wasm, Limit limit, long requested, long allowed, String message) {
        assertThatThrownBy(() -> Module.compile(in, wasm))
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(LimitException.class, e -> {
                    assertThat(e.limit()).isEqualTo(limit);
                    assertThat(e.requested()).isEqualTo(requested);
                    assertThat(e.allowed()).isEqualTo(allowed);
                });
    }

    @Test
    void aModuleThatTakesTooLongIsRefused() {
        EngineConfig hurry =
                Sandbox.ENGINE.withCompileDeadline(Duration.ofNanos(1)).withMaxInstances(1);
        try (Engine impatient = Engine.create(hurry)) {
            assertThatThrownBy(() -> Module.compile(impatient, Guests.wasm("numbers")))
                    .hasMessageContaining("raise compileDeadline")
                    .isInstanceOfSatisfying(
                            LimitException.class, e -> assertThat(e.limit()).isEqualTo(Limit.COMPILE_TIME));
        }
    }

    @Test
    void useAfterCloseThrows() {
        Module module = Module.compile(engine, Guests.wasm("empty"));
        module.close();
        module.close();
        assertThat(module.isClosed()).isTrue();
        assertThatThrownBy(module::serialize)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("module is closed");
        assertThatThrownBy(module::imports).hasMessage("module is closed");
        assertThatThrownBy(module::exports).hasMessage("module is closed");
        try (Linker linker = Linker.create(engine)) {
            assertThatThrownBy(() -> linker.instantiatePre(module)).hasMessage("module is closed");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nullIsRefusedByName() {
        assertThatThrownBy(() -> Module.compile(null, new byte[0])).hasMessage("engine");
        assertThatThrownBy(() -> Module.compile(engine, null)).hasMessage("wasm");
        assertThatThrownBy(() -> Module.validate(engine, null)).hasMessage("wasm");
        assertThatThrownBy(() -> Module.deserializeTrusted(engine, null)).hasMessage("code");
    }

    @Test
    void serializedCodeRunsAgain() {
        byte[] code;
        try (Module module = Module.compile(engine, Guests.wasm("numbers"))) {
            code = module.serialize();
        }
        try (Module module = Module.deserializeTrusted(engine, code);
                Linker linker = Linker.create(engine);
                InstancePre pre = linker.instantiatePre(module);
                Store store = Store.create(engine, Sandbox.STORE)) {
            assertThat(store.instantiate(pre).func("add").callRaw(40, 2)).isEqualTo(42);
            assertThat(module.exports()).hasSizeGreaterThan(10);
        }
    }

    @Test
    void damagedCodeIsRefused() {
        byte[] code;
        try (Module module = Module.compile(engine, Guests.wasm("numbers"))) {
            code = module.serialize();
        }
        for (int length : new int[] {0, 1, 8, 20, 40, code.length / 2, code.length - 1}) {
            byte[] cut = Arrays.copyOf(code, length);
            assertThatThrownBy(() -> Module.deserializeTrusted(engine, cut))
                    .as("cut to " + length)
                    .isInstanceOf(CompilationException.class);
        }
        for (int i = 0; i < code.length; i += Math.max(1, code.length / 100)) {
            byte[] changed = code.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> Module.deserializeTrusted(engine, changed))
                    .as("byte " + i + " changed")
                    .isInstanceOf(CompilationException.class);
        }
        assertThatThrownBy(() -> Module.deserializeTrusted(engine, Guests.wasm("numbers")))
                .isInstanceOf(CompilationException.class);
    }

    @Test
    void codeOfAnotherConfigurationIsRefused() {
        byte[] code;
        try (Module module = Module.compile(engine, Guests.wasm("numbers"))) {
            code = module.serialize();
        }
        for (EngineConfig config : List.of(
                Sandbox.ENGINE.withTrapMode(TrapMode.EXPLICIT),
                Sandbox.ENGINE.withInlining(false),
                Sandbox.ENGINE.withOptimisation(false))) {
            try (Engine other = Engine.create(config)) {
                assertThatThrownBy(() -> Module.deserializeTrusted(other, code))
                        .isInstanceOf(CompilationException.class)
                        .hasMessage(
                                "not code that this engine can load: it was made by another version of Sluice, for another "
                                        + "processor or another EngineConfig: compile it again");
            }
        }
    }

    @Test
    void codeThatIsNotOptimisedGivesTheSameAnswers() {
        try (Engine quick = Engine.create(Sandbox.ENGINE.withOptimisation(false).withInlining(false));
                Module module = Module.compile(quick, Guests.wasm("numbers"));
                Linker linker = Linker.create(quick);
                InstancePre pre = linker.instantiatePre(module);
                Store store = Store.create(quick, Sandbox.STORE)) {
            assertThat(store.instantiate(pre).func("add").callRaw(40, 2)).isEqualTo(42);
        }
    }

    @Test
    void threadInTheBackgroundCompilesWithLowerPriorityAndADeadlineOfItsOwn() throws Exception {
        assumeTrue(Files.exists(STAT), "Linux only");
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                int before = niceness();
                Module.compileInBackground(Duration.ofNanos(1));
                assertThatThrownBy(() -> Module.compile(engine, Guests.wasm("numbers")))
                        .hasMessage(
                                "the module was not compiled within 1ns: give it more time or use a smaller module");
                Module.compileInBackground(Duration.ofMinutes(1));
                try (Module module = Module.compile(engine, Guests.wasm("numbers"))) {
                    outcome.set(niceness() == Math.min(19, before + 10)
                            && !module.exports().isEmpty());
                }
            } catch (IOException | RuntimeException | AssertionError e) {
                outcome.set(e);
            }
        });
        thread.start();
        thread.join();
        assertThat(outcome.get()).isEqualTo(true);
    }

    /** The 19th field of the thread's line; the name in brackets may hold blanks. */
    private static int niceness() throws IOException {
        String line = Files.readString(STAT);
        return Integer.parseInt(line.substring(line.lastIndexOf(')') + 2).split(" ", -1)[16]);
    }
}
