package io.sluice.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.runtime.BoundaryCodes;
import io.sluice.runtime.abi.WescaleCodes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Both sides number alike. */
class CodesIT {
    @BeforeAll
    static void load() {
        NativeLibrary.load();
    }

    @Test
    void contractVersionIsOurs() {
        assertThat(LibraryNative.contractVersion()).isEqualTo(NativeLibrary.CONTRACT_VERSION);
        assertThat(LibraryNative.version()).contains("wasmtime 48.");
    }

    @Test
    void everyCodeOfTheLibraryIsOurs() {
        Map<String, Long> ours = new TreeMap<>();
        ours.put("error.COMPILATION", (long) Raise.COMPILATION);
        ours.put("error.LINK", (long) Raise.LINK);
        ours.put("error.TRAP", (long) Raise.TRAP);
        ours.put("error.LIMIT", (long) Raise.LIMIT);
        ours.put("error.EXIT", (long) Raise.EXIT);
        ours.put("error.ILLEGAL_STATE", (long) Raise.ILLEGAL_STATE);
        ours.put("error.ILLEGAL_ARGUMENT", (long) Raise.ILLEGAL_ARGUMENT);
        ours.put("error.OUT_OF_BOUNDS", (long) Raise.OUT_OF_BOUNDS);
        ours.put("error.INTERNAL", (long) Raise.INTERNAL);
        BoundaryCodes.addTo(ours);
        WescaleCodes.addTo(ours);
        Map<String, Long> theirs = new TreeMap<>();
        for (String code : LibraryNative.codes()) {
            int equals = code.indexOf('=');
            theirs.put(code.substring(0, equals), Long.parseLong(code.substring(equals + 1)));
        }
        assertThat(theirs).isEqualTo(ours);
    }

    @Test
    void noCodeIsListedTwice() {
        List<String> names = Arrays.stream(LibraryNative.codes())
                .map(code -> code.substring(0, code.indexOf('=')))
                .toList();
        assertThat(names).doesNotHaveDuplicates();
    }
}
