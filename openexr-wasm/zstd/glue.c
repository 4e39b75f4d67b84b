// The zstd library as a WebAssembly module: what src/zstd/library.ts calls, and what the library needs of a C library. Compiled for
// 64 bits, so that the library works in 64-bit registers, and then lowered to a memory of 32 bits (build.sh): hence all exports have
// addresses and sizes of 32 bits.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define EXPORT(name) __attribute__((export_name(#name)))

/** Makes the memory at least so many bytes large: the host does, within its limit. Not 0 if it has. */
__attribute__((import_module("host"), import_name("grow"))) extern uint32_t grow(uint32_t bytes);

// An allocator for a few large blocks: free ones are a list in the order of their addresses, the first that suffices is taken,
// and neighbours are joined.

typedef struct Block {
  /** Bytes with this header. */
  size_t size;
  struct Block *next;
} Block;

#define HEADER sizeof(Block)

extern unsigned char __heap_base;
static Block *freed;
/** Where memory begins that was never allocated. */
static size_t top;

static void *malloc_at_top(size_t size) {
  if (top == 0) top = ((size_t)&__heap_base + 15) & ~(size_t)15;
  size_t const end = top + size;
  if (end > UINT32_MAX || (end > __builtin_wasm_memory_size(0) << 16 && !grow((uint32_t)end))) return NULL;
  Block *const block = (Block *)top;
  block->size = size;
  top = end;
  return block + 1;
}

void *malloc(size_t wanted) {
  if (wanted > UINT32_MAX) return NULL;
  size_t const size = (wanted + HEADER + 15) & ~(size_t)15;
  for (Block **link = &freed; *link != NULL; link = &(*link)->next) {
    Block *const block = *link;
    if (block->size < size) continue;
    if (block->size < size + 4 * HEADER) {
      *link = block->next;
    } else {
      Block *const rest = (Block *)((char *)block + size);
      rest->size = block->size - size;
      rest->next = block->next;
      *link = rest;
      block->size = size;
    }
    return block + 1;
  }
  return malloc_at_top(size);
}

void free(void *memory) {
  if (memory == NULL) return;
  Block *const block = (Block *)memory - 1;
  Block *before = NULL;
  Block **link = &freed;
  while (*link != NULL && *link < block) {
    before = *link;
    link = &before->next;
  }
  block->next = *link;
  *link = block;
  if (block->next != NULL && (char *)block + block->size == (char *)block->next) {
    block->size += block->next->size;
    block->next = block->next->next;
  }
  if (before != NULL && (char *)before + before->size == (char *)block) {
    before->size += block->size;
    before->next = block->next;
  }
}

void *calloc(size_t count, size_t size) {
  void *const memory = malloc(count * size);
  if (memory != NULL) memset(memory, 0, count * size);
  return memory;
}

// One instruction each.
void *memcpy(void *to, const void *from, size_t size) { return __builtin_memcpy(to, from, size); }
void *memmove(void *to, const void *from, size_t size) { return __builtin_memmove(to, from, size); }
void *memset(void *to, int value, size_t size) { return __builtin_memset(to, value, size); }

static void *at(uint32_t address) { return (void *)(size_t)address; }

/** A size, or the negative of an error's code (zstd_errors.h). */
static int32_t result(size_t size) { return ZSTD_isError(size) ? -(int32_t)ZSTD_getErrorCode(size) : (int32_t)size; }

/** The address of uncleared bytes; 0 if there is no room. */
EXPORT(allocate) uint32_t allocate(uint32_t size) { return (uint32_t)(size_t)malloc(size); }

EXPORT(release) void release(uint32_t address) { free(at(address)); }

/** The most bytes that so many can be packed to; the largest number if it is more than that. */
EXPORT(packBound) uint32_t packBound(uint32_t size) {
  size_t const bound = ZSTD_compressBound(size);
  return bound < UINT32_MAX ? (uint32_t)bound : UINT32_MAX;
}

/** Packs bytes into one frame with their number in its header and without a checksum. Returns its size, or an error. */
EXPORT(pack) int32_t pack(uint32_t to, uint32_t capacity, uint32_t from, uint32_t size, int32_t level) {
  static ZSTD_CCtx *context;
  if (context == NULL) context = ZSTD_createCCtx();
  if (context == NULL) return -ZSTD_error_memory_allocation;
  return result(ZSTD_compressCCtx(context, at(to), capacity, at(from), size, level));
}

/** Unpacks one frame. Returns the number of bytes, or an error. */
EXPORT(unpack) int32_t unpack(uint32_t to, uint32_t capacity, uint32_t from, uint32_t size) {
  static ZSTD_DCtx *context;
  if (context == NULL) context = ZSTD_createDCtx();
  if (context == NULL) return -ZSTD_error_memory_allocation;
  return result(ZSTD_decompressDCtx(context, at(to), capacity, at(from), size));
}
