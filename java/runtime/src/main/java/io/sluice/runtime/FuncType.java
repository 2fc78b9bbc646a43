package io.sluice.runtime;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The type of a func: its parameters and results. Immutable; equal if both are. */
public final class FuncType implements ExternType {
    private final List<ValueType> params;
    private final List<ValueType> results;

    private FuncType(List<ValueType> params, List<ValueType> results) {
        this.params = params;
        this.results = results;
    }

    /** The type of a func that takes {@code params} and gives {@code results}. */
    public static FuncType of(List<ValueType> params, List<ValueType> results) {
        Objects.requireNonNull(params, "params");
        Objects.requireNonNull(results, "results");
        return new FuncType(List.copyOf(params), List.copyOf(results));
    }

    /** The parameters' types, immutable. */
    public List<ValueType> params() {
        return params;
    }

    /** The results' types, immutable. */
    public List<ValueType> results() {
        return results;
    }

    /** The {@code long}s that a call by slots needs: two for each parameter or result, whichever are more. */
    int slots() {
        return 2 * Math.max(params.size(), results.size());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FuncType type && params.equals(type.params) && results.equals(type.results);
    }

    @Override
    public int hashCode() {
        return 31 * params.hashCode() + results.hashCode();
    }

    /** As in messages: {@code (i32, i64) -> i32}, {@code () -> ()}. */
    @Override
    public String toString() {
        String to = results.size() == 1 ? results.get(0).toString() : list(results);
        return list(params) + " -> " + to;
    }

    static String list(List<?> types) {
        return types.stream().map(Object::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
