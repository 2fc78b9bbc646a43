package io.sluice.test.hostile;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How each guest of the folder {@code hostile} ends: a pattern. */
final class Endings {
    private static final Map<String, String> TABLE = new TreeMap<>();

    /** Those that would never end by themselves; some need a letter as their query, which stands behind them. */
    private static final List<String> ENDLESS = List.of(
            "hostile/endless b",
            "hostile/endless c",
            "hostile/endless d",
            "hostile/endless f",
            "hostile/endless g",
            "hostile/endless h",
            "hostile/endless i",
            "hostile/endless l",
            "hostile/endless m",
            "hostile/endless p",
            "hostile/endless q",
            "hostile/endless t",
            "hostile/fights_for_locks s",
            "hostile/asks_for_queries",
            "hostile/call_tree_bomb",
            "hostile/draws_random_bytes",
            "hostile/fills_memory",
            "hostile/fills_table",
            "hostile/gives_large_queries",
            "hostile/log_flood",
            "hostile/loops_before",
            "hostile/memory_bomb",
            "hostile/shares_without_end",
            "hostile/sleeps",
            "hostile/table_bomb");

    static {
        ends(
                "load LinkException",
                "before_current_after_legacy before_is_a_global before_legacy_after_current before_wrong_arity current_with_legacy_allocator import_wrong_type imports_of_two_dialects legacy_with_malloc lock_wrong_type malloc_wrong_type missing_after missing_before missing_malloc missing_memory unknown_import unknown_sluice_import");
        ends(
                "before OUT_OF_FUEL",
                "asks_for_queries call_tree_bomb draws_random_bytes fights_for_locks fills_memory fills_table gives_large_queries keeps_secrets log_flood loops_before loops_in_malloc memory_bomb shares_without_end table_bomb");
        ends("before STACK_OVERFLOW", "recurses recurses_indirectly recurses_mutually recurses_through_host");
        ends("before DEADLINE_EXCEEDED", "sleeps");
        ends("before BAD_SIGNATURE", "traps_of_every_kind");
        ends("before UNREACHABLE", "malloc_traps");
        ends("before exit 3", "exits_in_before");
        ends("after OUT_OF_FUEL", "loops_after");
        ends("load MEMORY_BYTES", "memory_minimum");
        ends("load TABLE_ELEMENTS", "table_minimum");
        ends("start OUT_OF_FUEL", "start_grows_memory start_loops");
        ends("start UNREACHABLE", "start_section_traps start_traps");
        ends("start exit 7", "start_exits_7");
        ends("fine", "bad_rows endless garbage_result kept_ctx touches_guard_edges");
        ends("says get 10; ", "malloc_returns_0 malloc_returns_address_past_memory malloc_returns_last_address");
        ends("says get 0; select 1", "malloc_returns_odd_address");
        ends("says (get 2; set 2; ){6}", "forged_ctx");
        ends("says no memory", "large_outputs");
        ends("says (query 10; ){3}(error 10; ){2}(result 10; ){2}(info 10; ){2}last 10; nothing 10; ", "lengths");
        ends("says still here", "log_much");
        ends("says past 10; past length 10; across 10; last 10; version 10; ", "out_pointers");
        ends("says bad .* text.*end", "text_not_utf8");
    }

    private Endings() {}

    private static void ends(String pattern, String guests) {
        for (String guest : guests.split(" ", -1)) {
            TABLE.put("hostile/" + guest, pattern);
        }
    }

    static @Nullable String of(String guest) {
        return TABLE.get(guest);
    }

    static List<String> endless() {
        return ENDLESS;
    }
}
