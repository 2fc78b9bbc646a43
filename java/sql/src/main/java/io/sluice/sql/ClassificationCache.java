package io.sluice.sql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is known of templates: bounded in entries and in bytes, searched by bytes that are compared, not trusted.
 *
 * <p>Sets of {@link #WAYS} entries; a new one takes the place of the one that was used longest ago. Templates that are used stay, however
 * many new ones come.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> A search neither locks nor allocates.
 */
final class ClassificationCache {
    static final int WAYS = 4;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long FACTOR = 0x9e3779b97f4a7c15L;

    /** A template and what its statements do. */
    private static final class Entry {
        final long hash;
        final byte[] template;
        final Charset charset;
        final Classification classification;
        /** When it was last used, by the clock of {@link #insertions}; races do no harm. */
        int used;

        Entry(long hash, byte[] template, Charset charset, Classification classification) {
            this.hash = hash;
            this.template = template;
            this.charset = charset;
            this.classification = classification;
        }

        long weight() {
            return 64L + template.length + classification.weight();
        }
    }

    private final AtomicReferenceArray<@Nullable Entry> entries;
    private final int setMask;
    private final long maxBytes;
    private final long seed = ThreadLocalRandom.current().nextLong();
    private final ReentrantLock inserting = new ReentrantLock();
    private volatile int insertions;
    private long bytes;
    private int hand;

    /**
     * An empty cache.
     *
     * @param sets a power of two
     */
    ClassificationCache(int sets, long maxBytes) {
        this.entries = new AtomicReferenceArray<>(sets * WAYS);
        this.setMask = sets - 1;
        this.maxBytes = maxBytes;
    }

    /** What is known of a template; null if nothing is. */
    @Nullable
    Classification find(byte[] template, int length, Charset charset) {
        long hash = hash(template, length);
        int first = firstOf(hash);
        for (int i = first; i < first + WAYS; i++) {
            Entry entry = entries.getAcquire(i);
            if (entry != null
                    && entry.hash == hash
                    && Arrays.equals(template, 0, length, entry.template, 0, entry.template.length)
                    && entry.charset.equals(charset)) {
                int now = insertions;
                if (entry.used != now) {
                    entry.used = now;
                }
                return entry.classification;
            }
        }
        return null;
    }

    /** Keeps what was learned of a template. */
    void put(byte[] template, int length, Charset charset, Classification classification) {
        long hash = hash(template, length);
        Entry entry = new Entry(hash, Arrays.copyOf(template, length), charset, classification);
        if (entry.weight() > maxBytes / 16) {
            return;
        }
        inserting.lock();
        try {
            int now = insertions + 1;
            insertions = now;
            entry.used = now;
            set(victim(hash, template, length, charset), entry);
            while (bytes > maxBytes) {
                hand = (hand + 1) % entries.length();
                Entry old = entries.get(hand);
                // What was used since the hand came by last gets another round.
                if (old != null && old != entry && now - old.used > entries.length() / 2) {
                    set(hand, null);
                } else if (old != null && old != entry) {
                    old.used -= entries.length() / 4;
                }
            }
        } finally {
            inserting.unlock();
        }
    }

    private int victim(long hash, byte[] template, int length, Charset charset) {
        int first = firstOf(hash);
        int oldest = first;
        int age = -1;
        for (int i = first; i < first + WAYS; i++) {
            Entry entry = entries.get(i);
            if (entry == null) {
                return i;
            }
            if (entry.hash == hash
                    && entry.charset.equals(charset)
                    && Arrays.equals(template, 0, length, entry.template, 0, entry.template.length)) {
                return i;
            }
            if (insertions - entry.used > age) {
                age = insertions - entry.used;
                oldest = i;
            }
        }
        return oldest;
    }

    private void set(int index, @Nullable Entry entry) {
        Entry old = entries.get(index);
        bytes += (entry == null ? 0 : entry.weight()) - (old == null ? 0 : old.weight());
        entries.setRelease(index, entry);
    }

    /** The entries that are there. */
    int size() {
        int size = 0;
        for (int i = 0; i < entries.length(); i++) {
            size += entries.get(i) == null ? 0 : 1;
        }
        return size;
    }

    /** The bytes that the entries are counted with. */
    long bytes() {
        inserting.lock();
        try {
            return bytes;
        } finally {
            inserting.unlock();
        }
    }

    private int firstOf(long hash) {
        return ((int) (hash >>> 40) & setMask) * WAYS;
    }

    private long hash(byte[] template, int length) {
        long hash = seed ^ length;
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            hash = mix(hash ^ (long) LONGS.get(template, i));
        }
        for (; i < length; i++) {
            hash = mix(hash ^ template[i]);
        }
        return hash;
    }

    private static long mix(long hash) {
        long product = hash * FACTOR;
        return product ^ (product >>> 32);
    }
}
