package io.sluice.runtime.abi;

import java.time.Duration;
import java.util.Map;

/** The numbers of this package that cross the boundary. */
public final class WescaleCodes {
    private WescaleCodes() {}

    /** Adds them as {@code group.NAME}. */
    public static void addTo(Map<String, Long> codes) {
        codes.put("block.FUEL_USED", (long) ExchangeBlock.FUEL_USED);
        codes.put("block.MEMORY_BYTES", (long) ExchangeBlock.MEMORY_BYTES);
        codes.put("block.OUTCOME", (long) ExchangeBlock.OUTCOME);
        codes.put("block.QUERY_LENGTH", (long) ExchangeBlock.QUERY_LENGTH);
        codes.put("block.ERROR_LENGTH", (long) ExchangeBlock.ERROR_LENGTH);
        codes.put("block.RESULT_LENGTH", (long) ExchangeBlock.RESULT_LENGTH);
        codes.put("block.QUERY_OFFSET", (long) ExchangeBlock.QUERY_OFFSET);
        codes.put("block.ERROR_OFFSET", (long) ExchangeBlock.ERROR_OFFSET);
        codes.put("block.RESULT_OFFSET", (long) ExchangeBlock.RESULT_OFFSET);
        codes.put("block.LOG_OFFSET", (long) ExchangeBlock.LOG_OFFSET);
        codes.put("block.LOG_LENGTH", (long) ExchangeBlock.LOG_LENGTH);
        codes.put("block.LOG_DROPPED", (long) ExchangeBlock.LOG_DROPPED);
        codes.put("block.NEEDED_BYTES", (long) ExchangeBlock.NEEDED_BYTES);
        codes.put("block.LIVE", (long) ExchangeBlock.LIVE);
        codes.put("block.PROPERTIES_OFFSET", (long) ExchangeBlock.PROPERTIES_OFFSET);
        codes.put("block.PROPERTIES_LENGTH", (long) ExchangeBlock.PROPERTIES_LENGTH);
        codes.put("block.ERROR_CODE", (long) ExchangeBlock.ERROR_CODE);
        codes.put("block.SQL_STATE", (long) ExchangeBlock.SQL_STATE);
        codes.put("block.DATA", (long) ExchangeBlock.DATA);
        codes.put("wescale.STAGE_BEFORE", (long) WescaleInstance.STAGE_BEFORE);
        codes.put("wescale.STAGE_AFTER", (long) WescaleInstance.STAGE_AFTER);
        codes.put("wescale.STAGE_START", (long) WescaleInstance.STAGE_START);
        codes.put("wescale.FLAG_FRESH", (long) WescaleInstance.FLAG_FRESH);
        codes.put("wescale.FLAG_RELEASE", (long) WescaleInstance.FLAG_RELEASE);
        codes.put("wescale.FLAG_PROPERTIES", (long) WescaleInstance.FLAG_PROPERTIES);
        codes.put("wescale.TRAIT_DIALECT_A", (long) WescaleInstance.TRAIT_DIALECT_A);
        codes.put("wescale.TRAIT_DIALECT_B", (long) WescaleInstance.TRAIT_DIALECT_B);
        codes.put("wescale.TRAIT_USES_LOCKS", (long) WescaleInstance.TRAIT_USES_LOCKS);
        codes.put("wescale.TRAIT_GETS_PROPERTIES", (long) WescaleInstance.TRAIT_GETS_PROPERTIES);
        codes.put("wescale.OUTCOME_ERROR_CODE", (long) WescaleInstance.ERROR_CODE);
        codes.put("wescale.OUTCOME_ERROR_CHANGED", (long) WescaleInstance.ERROR_CHANGED);
        codes.put("wescale.OUTCOME_QUERY_CHANGED", (long) WescaleInstance.QUERY_CHANGED);
        codes.put("wescale.OUTCOME_ERROR_SET", (long) WescaleInstance.ERROR_SET);
        codes.put("wescale.OUTCOME_RESULT_SET", (long) WescaleInstance.RESULT_SET);
        codes.put("wescale.OUTCOME_LOG", (long) WescaleInstance.LOG);
        codes.put("wescale.OUTCOME_RESULT_CHANGED", (long) WescaleInstance.RESULT_CHANGED);
        codes.put("wescale.OUTCOME_OVERFLOW", (long) WescaleInstance.OVERFLOW);
        long[] limits = WescaleInstance.limits(
                new long[9],
                WescaleConfig.defaults()
                        .withStartFuel(1)
                        .withStartDeadline(Duration.ofNanos(2))
                        .withMaxOutputBytes(3));
        String[] names = {"", "START_FUEL", "START_DEADLINE_NANOS", "MAX_OUTPUT_BYTES"};
        for (int i = 9; i < limits.length; i++) {
            codes.put("store." + names[(int) limits[i]], (long) i);
        }
        for (int i = 0; i < WescaleInstance.PROPERTIES.size(); i++) {
            codes.put("property." + WescaleInstance.PROPERTIES.get(i), (long) i);
        }
        String[] shared = {"", "MAX_KEY_BYTES", "MAX_VALUE_BYTES", "MAX_ENTRIES", "MAX_TOTAL_BYTES"};
        long[] sharedValues = SharedLimits.defaults()
                .withMaxKeyBytes(1)
                .withMaxValueBytes(2)
                .withMaxEntries(3)
                .withMaxTotalBytes(4)
                .values();
        for (int i = 0; i < sharedValues.length; i++) {
            codes.put("shared." + shared[(int) sharedValues[i]], (long) i);
        }
    }
}
