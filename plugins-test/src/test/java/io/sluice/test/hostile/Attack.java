package io.sluice.test.hostile;

import java.util.Map;

/** Something that is done to the host; it reports what surprised it and throws what it could not go on after. */
@FunctionalInterface
interface Attack {
    void run(Stage stage, String[] arguments) throws Exception;

    /** All of them, by the names that a command line gives. */
    Map<String, Attack> ALL = Map.ofEntries(
            Map.entry("crash", HarnessAttacks::crash),
            Map.entry("hang", HarnessAttacks::hang),
            Map.entry("leak", HarnessAttacks::leak),
            Map.entry("surprise", HarnessAttacks::surprise),
            Map.entry("guests", GuestAttacks::everyGuest),
            Map.entry("deadline", GuestAttacks::deadline),
            Map.entry("storms", GuestAttacks::storms),
            Map.entry("hoards", GuestAttacks::hoards),
            Map.entry("locks", LockAttacks::run),
            Map.entry("secrets", SecretAttacks::run),
            Map.entry("forged", ForgedArguments::run),
            Map.entry("extremes", ModuleAttacks::extremes),
            Map.entry("generated", GeneratedModules::run),
            Map.entry("truncated", ModuleAttacks::truncations),
            Map.entry("flipped", ModuleAttacks::flips),
            Map.entry("methods", MethodMisuse::run),
            Map.entry("handles", HandleMisuse::run),
            Map.entry("races", RaceMisuse::run),
            Map.entry("throwing", ThrowingHosts::run),
            Map.entry("stack", StackAttacks::run),
            Map.entry("traps", TrapStorm::run),
            Map.entry("resources", ResourceAttacks::run),
            Map.entry("forgotten", ResourceAttacks::forgotten),
            Map.entry("scarce", ResourceAttacks::scarce),
            Map.entry("extra", ExtraGuests::run));
}
