package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Phase;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.CompilationException;
import io.sluice.runtime.Limit;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.LinkException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Modules that are no plugins are refused when they are loaded, with what was expected and what was found. */
class LoadIT extends HostedTest {
    private static final String BEFORE = "RunBeforeExecutionOnGuest";

    private PluginException loadFailure(byte... wasm) {
        PluginException failure =
                failure("bad", Phase.LOAD, () -> host.load(PluginConfig.of("bad"), PluginSource.bytes(wasm)));
        assertThat(host.plugin("bad")).isEmpty();
        return failure;
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void textIsNoModule() {
        assertThat(loadFailure(bytes('S', 'E', 'L', 'E', 'C', 'T')))
                .hasMessageContaining("must begin with the bytes 00 61 73 6d, found 53 45 4c 45")
                .hasCauseInstanceOf(CompilationException.class);
    }

    @Test
    void nothingIsNoModule() {
        assertThat(loadFailure()).hasMessageContaining("found nothing").hasCauseInstanceOf(CompilationException.class);
    }

    @Test
    void wrongVersionIsRefused() {
        assertThat(loadFailure(bytes(0, 'a', 's', 'm', 2, 0, 0, 0)))
                .hasMessageContaining("not a valid module")
                .hasMessageContaining("version")
                .hasCauseInstanceOf(CompilationException.class);
    }

    @Test
    void componentIsRefused() {
        assertThat(loadFailure(bytes(0, 'a', 's', 'm', 13, 0, 1, 0)))
                .hasMessageContaining("this is a component, a core module is needed")
                .hasCauseInstanceOf(CompilationException.class);
    }

    @Test
    void moduleCutShortIsRefused() {
        byte[] whole = GuestFiles.bytes(GuestFiles.REJECT);
        assertThat(loadFailure(Arrays.copyOf(whole, whole.length - 1)))
                .hasMessageContaining("not a valid module: unexpected end-of-file")
                .hasCauseInstanceOf(CompilationException.class);
    }

    @Test
    void everyPrefixOfModuleIsRefused() {
        byte[] whole = GuestFiles.bytes(GuestFiles.REJECT);
        for (int length = 0; length < whole.length; length += length < 64 ? 1 : 41) {
            loadFailure(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void moduleWithEveryBitFlippedDoesNoHarm() {
        byte[] whole = GuestFiles.bytes(GuestFiles.REJECT);
        for (int bit = 0; bit < 64 * 8; bit += 3) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                host.load(PluginConfig.of("flipped"), PluginSource.bytes(flipped))
                        .close();
            } catch (PluginException e) {
                assertThat(e).hasMessageStartingWith("plugin 'flipped', load: ");
            }
        }
    }

    @Test
    @Shows("an unknown import is refused by name")
    void unknownImportIsNamed() {
        assertThat(loadFailure("hostile/unknown_import", Phase.LOAD))
                .hasMessageContaining("env.LaunchMissilesOnHost")
                .hasMessageContaining(
                        "the module asks for func (i32, i64) -> i32, the host offers nothing of that name")
                .hasCauseInstanceOf(LinkException.class);
    }

    @Test
    @Shows("an import of another type is refused with both types")
    void importOfAnotherTypeIsNamedWithBothTypes() {
        assertThat(loadFailure("hostile/import_wrong_type", Phase.LOAD))
                .hasMessageContaining("import env.GetQueryOnHost: the module asks for func (i64, i32) -> i32,"
                        + " the host offers func (i64, i32, i32) -> i32")
                .hasCauseInstanceOf(LinkException.class);
    }

    @Test
    @Shows({"a missing export is refused by name", "better: exports are checked when the plugin is loaded"})
    void missingBeforeIsNamed() {
        assertThat(loadFailure("hostile/missing_before", Phase.LOAD))
                .hasMessageContaining("missing export " + BEFORE + ": expected func (i64) -> (), found none");
    }

    @Test
    void missingAfterIsNamed() {
        assertThat(loadFailure("hostile/missing_after", Phase.LOAD))
                .hasMessageContaining("missing export RunAfterExecutionOnGuest: expected func (i64) -> (), found none");
    }

    @Test
    @Shows("a missing export is refused by name")
    void missingMallocIsNamed() {
        assertThat(loadFailure("hostile/missing_malloc", Phase.LOAD))
                .hasMessageContaining("missing export malloc: expected func (i32) -> i32, found none");
    }

    @Test
    void missingMemoryIsNamed() {
        assertThat(loadFailure("hostile/missing_memory", Phase.LOAD))
                .hasMessageContaining("missing export memory: expected memory, found none");
    }

    @Test
    @Shows("Wasm Plugin ABI version is not compatible, missing <function> function in wasm module")
    void moduleOfNoAbiIsToldSo() {
        assertThat(loadFailure(bytes(0, 'a', 's', 'm', 1, 0, 0, 0)))
                .hasMessageContaining("Wasm Plugin ABI version is not compatible, missing " + BEFORE);
    }

    @Test
    void exportOfAnotherKindIsNamed() {
        assertThat(loadFailure("hostile/before_is_a_global", Phase.LOAD))
                .hasMessageContaining("export " + BEFORE + ": expected func (i64) -> (), found global i32");
    }

    @Test
    @Shows("an export of another type is refused with both types")
    void exportOfAnotherArityIsNamedWithBothTypes() {
        assertThat(loadFailure("hostile/before_wrong_arity", Phase.LOAD))
                .hasMessageContaining(
                        "export " + BEFORE + ": expected func (i64) -> (), found func (i64, i64, i64) -> ()");
    }

    @Test
    void mallocOfAnotherTypeIsNamedWithBothTypes() {
        assertThat(loadFailure("hostile/malloc_wrong_type", Phase.LOAD))
                .hasMessageContaining("export malloc: expected func (i32) -> i32, found func (i64) -> i64");
    }

    @Test
    void memoryMinimumAboveTheCapIsRefused() {
        assertLimit(loadFailure("hostile/memory_minimum", Phase.LOAD), Limit.MEMORY_BYTES, 4L << 30, 64L << 20);
    }

    @Test
    void tableMinimumAboveTheCapIsRefused() {
        assertLimit(loadFailure("hostile/table_minimum", Phase.LOAD), Limit.TABLE_ELEMENTS, 10_000_000, 100_000);
    }

    private static void assertLimit(PluginException failure, Limit limit, long requested, long allowed) {
        assertThat(failure).hasMessageContaining(Long.toString(requested)).hasMessageContaining(Long.toString(allowed));
        LimitException cause = causeOf(failure, LimitException.class);
        assertThat(cause.limit()).isEqualTo(limit);
        assertThat(cause.requested()).isEqualTo(requested);
        assertThat(cause.allowed()).isEqualTo(allowed);
    }
}
