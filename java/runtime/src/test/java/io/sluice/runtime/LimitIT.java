package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitIT {
    private static final int PAGE = 65_536;

    private static void limited(Sandbox box, Limit limit, long requested, long allowed, String message) {
        assertThatThrownBy(box::instance)
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(LimitException.class, e -> {
                    assertThat(e.limit()).isEqualTo(limit);
                    assertThat(e.requested()).isEqualTo(requested);
                    assertThat(e.allowed()).isEqualTo(allowed);
                });
    }

    @Test
    void aMemoryThatBeginsTooLargeIsRefused() {
        try (Sandbox box = Sandbox.of("big_memory", Sandbox.STORE.withMaxMemoryBytes(10 * PAGE))) {
            limited(box, Limit.MEMORY_BYTES, 100 * PAGE, 10 * PAGE, "raise maxMemoryBytes");
        }
    }

    @Test
    void aTableThatBeginsTooLargeIsRefused() {
        try (Sandbox box = Sandbox.of("big_table", Sandbox.STORE.withMaxTableElements(999))) {
            limited(box, Limit.TABLE_ELEMENTS, 1000, 999, "raise maxTableElements");
        }
    }

    @Test
    void growingBeyondTheLimitGivesMinusOne() {
        StoreConfig config = Sandbox.STORE.withMaxMemoryBytes(5 * PAGE).withMaxTableElements(8);
        try (Sandbox box = Sandbox.of("unbounded", config)) {
            Instance instance = box.instance();
            Memory memory = instance.memory("memory");
            assertThat(instance.func("grow").callRaw(3)).isEqualTo(1);
            assertThat(instance.func("grow").callRaw(2)).isEqualTo(-1);
            assertThat(memory.grow(2)).isEqualTo(-1);
            assertThat(memory.grow(1)).isEqualTo(4);
            assertThat(memory.pages()).isEqualTo(5);
            Table table = instance.table("table");
            assertThat(instance.func("grow_table").callRaw(7)).isEqualTo(1);
            assertThat(instance.func("grow_table").callRaw(1)).isEqualTo(-1);
            assertThat(table.grow(1, null)).isEqualTo(-1);
            assertThat(table.size()).isEqualTo(8);
        }
    }

    @Test
    void aMemoryEaterEndsAtTheLimit() {
        try (Sandbox box = Sandbox.of("unbounded", Sandbox.STORE.withMaxMemoryBytes(20 * PAGE))) {
            assertThat(box.func("eat").callRaw()).isEqualTo(19);
        }
    }

    @Test
    void theEnginesLimitHoldsToo() {
        EngineConfig small = Sandbox.ENGINE.withMaxMemoryBytes(7 * PAGE).withMaxInstances(10);
        try (Sandbox box = Sandbox.of(small, "unbounded", Sandbox.STORE)) {
            assertThat(box.func("eat").callRaw()).isEqualTo(6);
        }
    }

    @Test
    void countsOfAStoreAreLimited() {
        try (Sandbox box = Sandbox.of("empty", Sandbox.STORE.withMaxInstances(2))) {
            box.instance();
            box.instance();
            limited(box, Limit.INSTANCES, 3, 2, "raise maxInstances");
        }
        try (Sandbox box = Sandbox.of("memory", Sandbox.STORE.withMaxMemories(1))) {
            box.instance();
            limited(box, Limit.MEMORIES, 2, 1, "raise maxMemories");
        }
        try (Sandbox box = Sandbox.of("tables", Sandbox.STORE.withMaxTables(0))) {
            limited(box, Limit.TABLES, 1, 0, "raise maxTables");
        }
    }

    @Test
    void thePoolsSlotsAreLimited() {
        EngineConfig config = Sandbox.ENGINE.withMaxInstances(3);
        try (Sandbox box = Sandbox.of(config, "memory", Sandbox.STORE)) {
            for (int i = 0; i < 3; i++) {
                box.instance();
            }
            assertThatThrownBy(box::instance)
                    .hasMessage("all 3 instances of this engine are in use: close some, or raise maxInstances")
                    .isInstanceOfSatisfying(
                            LimitException.class, e -> assertThat(e.limit()).isEqualTo(Limit.POOL_SLOTS));
            box.store.close();
            try (Store again = Store.create(box.engine, Sandbox.STORE)) {
                assertThat(again.instantiate(box.pre).memory("memory").pages()).isEqualTo(1);
            }
        }
    }

    @Test
    void storesShareABudgetOfMemory() {
        try (MemoryBudget budget = MemoryBudget.of(5 * PAGE);
                Sandbox box = Sandbox.of("unbounded", Sandbox.STORE.withMemoryBudget(budget))) {
            assertThat(budget.limitBytes()).isEqualTo(5 * PAGE);
            assertThat(budget.usedBytes()).isZero();
            Memory first = box.instance().memory("memory");
            List<Store> stores = new ArrayList<>();
            try {
                for (int i = 0; i < 3; i++) {
                    Store store = Store.create(box.engine, Sandbox.STORE.withMemoryBudget(budget));
                    stores.add(store);
                    store.instantiate(box.pre);
                }
                assertThat(budget.usedBytes()).isEqualTo(4 * PAGE);
                assertThat(first.grow(1)).isEqualTo(1);
                assertThat(first.grow(1)).isEqualTo(-1);
                Store last = Store.create(box.engine, Sandbox.STORE.withMemoryBudget(budget));
                stores.add(last);
                assertThatThrownBy(() -> last.instantiate(box.pre))
                        .hasMessageContaining("of the shared memory budget are in use")
                        .isInstanceOfSatisfying(LimitException.class, e -> {
                            assertThat(e.limit()).isEqualTo(Limit.TOTAL_MEMORY);
                            assertThat(e.requested()).isEqualTo(PAGE);
                            assertThat(e.allowed()).isZero();
                        });
            } finally {
                stores.forEach(Store::close);
            }
            assertThat(budget.usedBytes()).isEqualTo(2 * PAGE);
            box.store.close();
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void aBudgetMayBeClosedBeforeItsStores() {
        MemoryBudget budget = MemoryBudget.of(5 * PAGE);
        StoreConfig config = Sandbox.STORE.withMemoryBudget(budget);
        try (Sandbox box = Sandbox.of("unbounded", config)) {
            budget.close();
            budget.close();
            assertThat(budget.isClosed()).isTrue();
            assertThat(box.func("eat").callRaw()).isEqualTo(4);
            assertThatThrownBy(budget::usedBytes)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("memory budget is closed");
            assertThatThrownBy(() -> Store.create(box.engine, config)).hasMessage("memory budget is closed");
        }
        assertThatThrownBy(() -> MemoryBudget.of(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bytes is -1, it must be 0 to 9223372036854775807");
    }
}
