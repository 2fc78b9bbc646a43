package io.sluice.mysql;

/**
 * What a plugin takes for a query, before and after together, in half of the queries and in 99 of 100 at most; to an eighth, and 0 if it was
 * not called.
 *
 * @param nanosP50 the time, half
 * @param nanosP99 the time, 99 of 100
 * @param fuelP50 the fuel, half
 * @param fuelP99 the fuel, 99 of 100
 */
public record PluginTimes(long nanosP50, long nanosP99, long fuelP50, long fuelP99) {}
