/* The import module "sluice", version 1: what Sluice offers beside the WeScale ABI. A plugin that imports it runs on no other host. */
#ifndef SLUICE_H
#define SLUICE_H

#include "../c/guest.h"

#define SLUICE(name) __attribute__((import_module("sluice"), import_name(#name)))

SLUICE(version) u32 version(void);
SLUICE(get_configuration) u32 get_configuration(u8 **value, u32 *length);
SLUICE(get_property) u32 get_property(const void *name, u32 name_length, u8 **value, u32 *length);
SLUICE(set_error) u32 set_error(u32 code, const void *state, u32 state_length, const void *message, u32 length);
SLUICE(clear_error) u32 clear_error(void);
SLUICE(add_counter) u32 add_counter(const void *name, u32 name_length, u64 delta);

#endif
