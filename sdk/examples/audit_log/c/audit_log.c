/* Logs every query with what came of it. */
#include "../../../c/sluice.h"

void before(void) {}

void after(void) {
    struct sluice_text query = sluice_query(), error = sluice_error();
    if (error.length) {
        struct sluice_text line = sluice_concat(TEXT("audit: failed: "), query);
        sluice_error_log(sluice_concat(sluice_concat(line, TEXT(": ")), error));
        return;
    }
    struct sluice_result *result = sluice_result();
    int rows = result && result->column_count;
    struct sluice_text count = sluice_number(!result ? 0 : rows ? result->row_count : result->rows_affected);
    struct sluice_text line = sluice_concat(sluice_concat(TEXT("audit: "), count), rows ? TEXT(" rows: ") : TEXT(" changed: "));
    sluice_info(sluice_concat(line, query));
}
