/* Dialect A: its entry points and allocator, and values and locks that queries share, a function for each scope. */
#ifndef DIALECT_A_H
#define DIALECT_A_H

#define GUEST_LEGACY
#include "../c/guest.h"

IMPORT(GetGlobalValueByKeyOnHost) u32 get_global_value(const void *key, u32 key_length, u8 **value, u32 *length);
IMPORT(SetGlobalValueByKeyOnHost) u32 set_global_value(const void *key, u32 key_length, const void *value, u32 length);
IMPORT(GetModuleValueByKeyOnHost) u32 get_module_value(u64 module, const void *key, u32 key_length, u8 **value, u32 *length);
IMPORT(SetModuleValueByKeyOnHost) u32 set_module_value(u64 module, const void *key, u32 key_length, const void *value, u32 length);

#ifdef LOCKS_WITHOUT_RESULT
#define LOCK_RESULT void
#else
#define LOCK_RESULT u32
#endif
#ifdef EARLY_SPELLING
#define MODULE_UNLOCK ModuleUnLockOnHost
#else
#define MODULE_UNLOCK ModuleUnlockOnHost
#endif
#define IMPORT_EXPANDED(name) IMPORT(name)

IMPORT(GlobalLockOnHost) LOCK_RESULT global_lock(void);
IMPORT(GlobalUnlockOnHost) LOCK_RESULT global_unlock(void);
IMPORT(ModuleLockOnHost) LOCK_RESULT module_lock(u64 module);
IMPORT_EXPANDED(MODULE_UNLOCK) LOCK_RESULT module_unlock(u64 module);

#endif
