package io.sluice.bench;

import io.sluice.bench.Contestant.InstanceUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The contestants by the name they have in the parameter {@code contestant}, and which of them run reused, which fresh. */
final class Contestants {

    static final String JAVA = "java";
    static final String SLUICE_POOLED = "sluice-pooled";
    static final String SLUICE_POOLED_UNMETERED = "sluice-pooled-unmetered";
    static final String SLUICE_PER_REQUEST = "sluice-per-request";
    static final String SLUICE_PER_REQUEST_UNMETERED = "sluice-per-request-unmetered";
    static final String CHICORY_COMPILED = "chicory-compiled";
    static final String CHICORY_CAPPED = "chicory-capped";
    static final String WASMTIME_JAVA = "wasmtime-java";

    private record Entry(
            String name,
            @Nullable Supplier<Contestant> reused,
            @Nullable Supplier<Contestant> fresh) {

        @Nullable
        Supplier<Contestant> opener(InstanceUse use) {
            return use == InstanceUse.REUSED ? reused : fresh;
        }
    }

    private static final List<Entry> ENTRIES = List.of(
            new Entry(JAVA, JavaContestant::reused, JavaContestant::fresh),
            new Entry(SLUICE_POOLED, SluiceContestant::pooled, null),
            new Entry(SLUICE_POOLED_UNMETERED, SluiceContestant::pooledUnmetered, null),
            new Entry(SLUICE_PER_REQUEST, null, SluiceContestant::perRequest),
            new Entry(SLUICE_PER_REQUEST_UNMETERED, null, SluiceContestant::perRequestUnmetered),
            new Entry(CHICORY_COMPILED, ChicoryContestant::reused, ChicoryContestant::fresh),
            new Entry(CHICORY_CAPPED, null, ChicoryContestant::freshCapped),
            new Entry(WASMTIME_JAVA, WasmtimeJavaContestant::reused, WasmtimeJavaContestant::fresh));

    private Contestants() {}

    /** The contestants that run this way, pure Java first. */
    static List<String> names(InstanceUse use) {
        List<String> names = new ArrayList<>();
        for (Entry entry : ENTRIES) {
            if (entry.opener(use) != null) {
                names.add(entry.name());
            }
        }
        return names;
    }

    /**
     * Opens a contestant.
     *
     * @throws IllegalArgumentException if there is no such contestant, or it does not run this way
     */
    static Contestant open(String name, InstanceUse use) {
        for (Entry entry : ENTRIES) {
            Supplier<Contestant> opener = entry.opener(use);
            if (entry.name().equals(name) && opener != null) {
                return opener.get();
            }
        }
        throw new IllegalArgumentException("contestant \"" + name + "\" was asked to run "
                + use.name().toLowerCase(Locale.ROOT) + ", which only " + names(use) + " do; choose one of these");
    }
}
