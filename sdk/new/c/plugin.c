#include "sluice.h"

/* Runs before a query is executed. */
void before(void) {
    /* Your logic goes here; this one lets no DROP through. */
    struct sluice_tokens tokens = sluice_tokens(sluice_query());
    if (sluice_is(sluice_next(&tokens), TEXT("drop"))) {
        sluice_reject(TEXT("NAME lets no DROP through"));
    }
}

/* Runs when it was executed, or refused: sluice_result() and sluice_error() say which. */
void after(void) {}
