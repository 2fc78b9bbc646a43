package io.sluice.jdbc;

import io.sluice.sql.FilterSet;
import org.jspecify.annotations.Nullable;

/** What every connection of a filtered data source shares. */
record Filtering(FilterSet filters, @Nullable QueryListener listener) {}
