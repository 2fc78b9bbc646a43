package io.sluice.mysql;

import io.sluice.sql.FilterDefinition;
import java.util.HashMap;
import java.util.Map;

/**
 * A row of the table of filters; the values as they stand there, by the keys of {@link FilterDefinition}.
 *
 * @param id the row's number; 0 for a filter that is in no table
 * @param created when it was made, as the server writes it
 * @param updated when it was changed last
 * @param name the filter's name
 * @param values what is not empty
 * @param fault why the row defines no filter, where that is known; else empty
 */
record StoredFilter(long id, String created, String updated, String name, Map<String, String> values, String fault) {
    /** The row that a filter will have, without what its table adds. */
    static StoredFilter of(FilterDefinition definition) {
        Map<String, String> values = new HashMap<>();
        for (String key : FilterDefinition.keys()) {
            String value = key.equals("action_args") ? definition.actionArgs() : definition.value(key);
            if (!value.isEmpty()) {
                values.put(key, value);
            }
        }
        return new StoredFilter(0, "", "", definition.name(), Map.copyOf(values), "");
    }

    /**
     * The filter that the row defines.
     *
     * @throws IllegalArgumentException if it defines none
     */
    FilterDefinition definition() {
        if (!fault.isEmpty()) {
            throw new IllegalArgumentException(fault);
        }
        FilterDefinition definition = FilterDefinition.of(name);
        for (String key : FilterDefinition.keys()) {
            String value = values.getOrDefault(key, "");
            if (!value.isEmpty()) {
                definition = definition.with(key, value);
            }
        }
        return definition;
    }

    boolean defines(StoredFilter other) {
        return values.equals(other.values) && fault.equals(other.fault);
    }
}
