/* Values and locks that queries share: of this plugin, or of all plugins of the host. Dialect B's own; plugins of dialect C may import them. */
#ifndef SHARED_STATE_H
#define SHARED_STATE_H

#include "guest.h"

enum scope { MODULE = 0, GLOBAL = 1 };

IMPORT(SetValueByKeyOnHost) u32 set_value(u32 scope, u64 module, const void *key, u32 key_length, const void *value, u32 length);
IMPORT(GetValueByKeyOnHost) u32 get_value(u32 scope, u64 module, const void *key, u32 key_length, u8 **value, u32 *length);

#ifdef LOCKS_WITHOUT_RESULT
IMPORT(LockOnHost) void lock(u32 scope, u64 module);
IMPORT(UnlockOnHost) void unlock(u32 scope, u64 module);
#else
IMPORT(LockOnHost) u32 lock(u32 scope, u64 module);
IMPORT(UnlockOnHost) u32 unlock(u32 scope, u64 module);
#endif

#endif
