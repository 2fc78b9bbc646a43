/*
 * The guest's side of the WeScale plugin ABI for plugins without a libc: host functions, exports and an allocator. Dialect C; with
 * GUEST_LEGACY defined before, the entry points and the allocator of dialects A and B.
 */
#ifndef GUEST_H
#define GUEST_H

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define EXPORT(name) EXPORT_AS(name)
#define EXPORT_AS(name) __attribute__((export_name(#name)))

enum status { OK = 0, NOT_FOUND = 1, BAD_ARGUMENT = 2, INTERNAL_FAILURE = 10 };

IMPORT(GetAbiVersionOnHost) u32 get_abi_version(u8 **value, u32 *length);
IMPORT(GetRuntimeTypeOnHost) u32 get_runtime_type(u8 **value, u32 *length);
IMPORT(InfoLogOnHost) u32 info_log(const void *text, u32 length);
IMPORT(ErrorLogOnHost) u32 error_log(const void *text, u32 length);
IMPORT(GetQueryOnHost) u32 get_query(u64 ctx, u8 **value, u32 *length);
IMPORT(SetQueryOnHost) u32 set_query(u64 ctx, const void *text, u32 length);
IMPORT(GetErrorMessageOnHost) u32 get_error_message(u64 ctx, u8 **value, u32 *length);
IMPORT(SetErrorMessageOnHost) u32 set_error_message(u64 ctx, const void *text, u32 length);
IMPORT(GetQueryResultOnHost) u32 get_query_result(u64 ctx, u8 **value, u32 *length);
IMPORT(SetQueryResultOnHost) u32 set_query_result(u64 ctx, const void *bytes, u32 length);

/* A string constant as the two arguments that the host functions take. */
#define TEXT(literal) (literal), (sizeof(literal) - 1)

#ifdef GUEST_LEGACY
#define ALLOCATOR proxy_on_memory_allocate
EXPORT(RunBeforeExecutionOnGuest) void run_before(u64 ctx, u64 module);
EXPORT(RunAfterExecutionOnGuest) void run_after(void);
#else
#define ALLOCATOR malloc
EXPORT(RunBeforeExecutionOnGuest) void run_before(u64 ctx);
EXPORT(RunAfterExecutionOnGuest) void run_after(u64 ctx);
#endif

#ifndef GUEST_OWN_MALLOC
/*
 * The heap is a stack of blocks from __heap_base up. A freed block is kept on a list until every block above it is free as well;
 * then the heap shrinks below it. A plugin that frees what it was given therefore ends each call with the heap it began with.
 */
struct block {
    u32 size; /* with this header; a multiple of 8 */
    struct block *next_free;
};

extern u8 __heap_base;
static u8 *heap_top;
static struct block *free_blocks;

EXPORT(ALLOCATOR) void *malloc(u32 length) {
    if (length > 0x7fff0000u) {
        return 0;
    }
    u32 size = (length + (u32)sizeof(struct block) + 7u) & ~7u;
    for (struct block **at = &free_blocks; *at; at = &(*at)->next_free) {
        struct block *found = *at;
        if (found->size >= size) {
            *at = found->next_free;
            return found + 1;
        }
    }
    u32 start = heap_top ? (u32)heap_top : ((u32)&__heap_base + 7u) & ~7u;
    u32 end = start + size;
    u32 have = (u32)__builtin_wasm_memory_size(0) << 16;
    if (end < start) {
        return 0;
    }
    if (end > have && (int)__builtin_wasm_memory_grow(0, (end - have + 0xffffu) >> 16) == -1) {
        return 0;
    }
    struct block *made = (struct block *)start;
    made->size = size;
    heap_top = (u8 *)end;
    return made + 1;
}

EXPORT(free) void free(void *pointer) {
    if (!pointer) {
        return;
    }
    struct block *freed = (struct block *)pointer - 1;
    if ((u8 *)freed + freed->size != heap_top) {
        freed->next_free = free_blocks;
        free_blocks = freed;
        return;
    }
    heap_top = (u8 *)freed;
    for (struct block **at = &free_blocks; *at;) {
        if ((u8 *)*at + (*at)->size == heap_top) {
            heap_top = (u8 *)*at;
            *at = (*at)->next_free;
            at = &free_blocks;
        } else {
            at = &(*at)->next_free;
        }
    }
}
#endif

#endif
