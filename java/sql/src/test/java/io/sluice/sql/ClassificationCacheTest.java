package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClassificationCacheTest {
    private static byte[] template(int i, int length) {
        return (i + " " + "x".repeat(length)).getBytes(UTF_8);
    }

    @Test
    void templateInUseStaysWhileOthersComeAndGo() {
        ClassificationCache cache = new ClassificationCache(4, 1 << 20);
        byte[] hot = template(-1, 10);
        cache.put(hot, hot.length, UTF_8, Classification.EMPTY);

        for (int i = 0; i < 10_000; i++) {
            byte[] other = template(i, 10);
            cache.put(other, other.length, UTF_8, Classification.UNKNOWN);
            assertThat(cache.find(hot, hot.length, UTF_8)).isSameAs(Classification.EMPTY);
        }
        assertThat(cache.size()).isLessThanOrEqualTo(16);
    }

    @Test
    void bytesAreBounded() {
        ClassificationCache cache = new ClassificationCache(1024, 100_000);

        for (int i = 0; i < 5_000; i++) {
            byte[] other = template(i, 1000);
            cache.put(other, other.length, UTF_8, Classification.UNKNOWN);
            assertThat(cache.bytes()).isLessThanOrEqualTo(100_000);
        }
        assertThat(cache.size()).isPositive();
    }

    @Test
    void templateThatIsTooLongIsNotKept() {
        ClassificationCache cache = new ClassificationCache(4, 10_000);
        byte[] big = template(1, 5_000);
        cache.put(big, big.length, UTF_8, Classification.UNKNOWN);

        assertThat(cache.find(big, big.length, UTF_8)).isNull();
    }

    @Test
    void characterSetsAreKeptApart() {
        ClassificationCache cache = new ClassificationCache(4, 10_000);
        byte[] template = template(1, 5);
        cache.put(template, template.length, UTF_8, Classification.UNKNOWN);

        assertThat(cache.find(template, template.length, java.nio.charset.StandardCharsets.ISO_8859_1))
                .isNull();
        assertThat(cache.find(template, template.length - 1, UTF_8)).isNull();
    }
}
