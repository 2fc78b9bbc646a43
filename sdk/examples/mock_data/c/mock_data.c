/* Replaces every value by a made-up one of its kind; NULL stays NULL. */
#include "../../../c/sluice.h"

static struct sluice_text made_up(const struct sluice_column *column, sluice_u32 row) {
    switch (column->type) {
        case SLUICE_DATE: return TEXT("2000-01-01");
        case SLUICE_TIME: return TEXT("00:00:00");
        case SLUICE_DATETIME:
        case SLUICE_TIMESTAMP: return TEXT("2000-01-01 00:00:00");
        case SLUICE_YEAR: return TEXT("2000");
        case SLUICE_JSON: return TEXT("{}");
        case SLUICE_INT8: case SLUICE_UINT8: case SLUICE_INT16: case SLUICE_UINT16: case SLUICE_INT24: case SLUICE_UINT24:
        case SLUICE_INT32: case SLUICE_UINT32: case SLUICE_INT64: case SLUICE_UINT64: case SLUICE_FLOAT32: case SLUICE_FLOAT64:
        case SLUICE_DECIMAL: return sluice_number(row + 1);
        default: return sluice_concat(sluice_concat(column->name, TEXT(" ")), sluice_number(row + 1));
    }
}

void before(void) {}

void after(void) {
    struct sluice_result *result = sluice_result();
    if (!result || !result->row_count) {
        return;
    }
    for (sluice_u32 row = 0; row < result->row_count; row++) {
        for (sluice_u32 column = 0; column < result->column_count; column++) {
            if (sluice_value(result, row, column).data) {
                sluice_set_value(result, row, column, made_up(&result->columns[column], row));
            }
        }
    }
    sluice_set_result(result);
}
