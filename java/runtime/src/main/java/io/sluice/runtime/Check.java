package io.sluice.runtime;

import java.time.Duration;
import java.util.Objects;

/** Checks of arguments, with messages that name what was found and what is allowed. */
final class Check {
    private Check() {}

    static long range(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw outOfRange(name, value, low, high);
        }
        return value;
    }

    static int range(String name, int value, int low, int high) {
        if (value < low || value > high) {
            throw outOfRange(name, value, low, high);
        }
        return value;
    }

    private static IllegalArgumentException outOfRange(String name, long value, long low, long high) {
        return new IllegalArgumentException(name + " is " + value + ", it must be " + low + " to " + high);
    }

    /** A duration that fits nanoseconds in a {@code long}. */
    static Duration positive(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be 1 ns to 292 years");
        }
        return value;
    }

    /** Bytes of an array that a copy reads or writes. */
    static void array(String name, byte[] array, int offset, int length) {
        Objects.requireNonNull(array, name);
        if ((offset | length) < 0 || offset > array.length - length) {
            throw new IndexOutOfBoundsException(name + ": " + length + " bytes at offset " + offset
                    + " do not lie inside its " + array.length + " bytes");
        }
    }
}
