/* Dialect B: its entry points and allocator, and values and locks that queries share. */
#ifndef DIALECT_B_H
#define DIALECT_B_H

#define GUEST_LEGACY
#include "../c/shared_state.h"

#endif
