package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What the docs call free of allocation. */
class AllocationIT {
    private static final int CALLS = 20_000;

    static long allocatedBytes(Runnable body) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 3; i++) {
            body.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        body.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void rawCallsDoNotAllocate() {
        try (Sandbox box = Sandbox.of("numbers")) {
            Instance instance = box.instance();
            Func none = instance.func("none");
            Func add = instance.func("add");
            Func sum4 = instance.func("sum4");
            long[] sum = new long[1];
            assertThat(allocatedBytes(() -> {
                        for (int i = 0; i < CALLS; i++) {
                            none.callRaw();
                            sum[0] += add.callRaw(i, 1) + sum4.callRaw(i, 1, 2, 3) + box.store.fuelUsed();
                        }
                    }))
                    .isLessThan(CALLS / 20);
        }
    }

    @Test
    void memoryAccessDoesNotAllocate() {
        try (Sandbox box = Sandbox.of("memory")) {
            Memory memory = box.instance().memory("memory");
            byte[] bytes = new byte[64];
            assertThat(allocatedBytes(() -> {
                        for (int i = 0; i < CALLS; i++) {
                            memory.writeLong(i, i);
                            memory.read(i, bytes);
                            memory.write(i, bytes);
                            memory.copy(0, i, 16);
                            bytes[0] = memory.readByte(i);
                        }
                    }))
                    .isLessThan(CALLS / 20);
        }
    }
}
