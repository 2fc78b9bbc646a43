package io.sluice.sql;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * An estimate of how large a regular expression becomes when its counted repetitions are written out, before anything is built of it.
 *
 * <p>RE2 writes them out: {@code ((a{1000}){1000}){1000}} is a thousand million instructions.
 */
final class RegexSize {
    private final String regex;
    private int at;

    private RegexSize(String regex) {
        this.regex = regex;
    }

    /** The places of the expression after repetition; at least its size, and more where it is not well-formed. */
    static long of(String regex) {
        return new RegexSize(regex).measure();
    }

    private long measure() {
        Deque<Long> outer = new ArrayDeque<>();
        long sum = 0;
        long item = 0;
        while (at < regex.length()) {
            char c = regex.charAt(at++);
            if (c == '(') {
                outer.push(saturatedSum(sum, item));
                sum = 0;
                item = 0;
            } else if (c == ')') {
                long group = saturatedSum(sum, item);
                sum = outer.isEmpty() ? 0 : outer.pop();
                item = group;
            } else if (c == '{') {
                item = saturatedProduct(item, repetitions());
            } else {
                sum = saturatedSum(sum, item);
                item = 1;
                skipRestOf(c);
            }
        }
        long size = saturatedSum(sum, item);
        while (!outer.isEmpty()) {
            size = saturatedSum(size, outer.pop());
        }
        return size;
    }

    private void skipRestOf(char c) {
        if (c == '\\') {
            at++;
        } else if (c == '[') {
            int end = regex.indexOf(']', at + 1);
            at = end < 0 ? regex.length() : end + 1;
        }
    }

    /** The larger number of {@code n,m}, at least 1; what is none is text and counts as 1. */
    private long repetitions() {
        long largest = 1;
        long number = 0;
        for (int i = at; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(1_000_000, number * 10 + (c - '0'));
            } else if (c == ',' || c == '}') {
                largest = Math.max(largest, number);
                number = 0;
                if (c == '}') {
                    at = i + 1;
                    return largest;
                }
            } else {
                return 1;
            }
        }
        return 1;
    }

    private static long saturatedSum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private static long saturatedProduct(long a, long b) {
        return a != 0 && b > Long.MAX_VALUE / a ? Long.MAX_VALUE : a * b;
    }
}
