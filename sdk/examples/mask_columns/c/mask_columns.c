/* Shows the columns password and card_number as ****, by whatever name the query calls them; NULL stays NULL. */
#include "../../../c/sluice.h"

static int is_masked(struct sluice_text name) {
    return sluice_equal_ignoring_case(name, TEXT("password")) || sluice_equal_ignoring_case(name, TEXT("card_number"));
}

void before(void) {}

void after(void) {
    struct sluice_result *result = sluice_result();
    int changed = 0;
    if (!result) {
        return;
    }
    for (sluice_u32 column = 0; column < result->column_count; column++) {
        if (!is_masked(result->columns[column].name) && !is_masked(result->columns[column].org_name)) {
            continue;
        }
        sluice_set_type(result, column, SLUICE_VARCHAR);
        changed = 1;
        for (sluice_u32 row = 0; row < result->row_count; row++) {
            if (sluice_value(result, row, column).data) {
                sluice_set_value(result, row, column, TEXT("****"));
            }
        }
    }
    if (changed) {
        sluice_set_result(result);
    }
}
