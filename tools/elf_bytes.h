/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes of an ELF file.  All that is read of one is read here, so that nothing
 * outside of the file is ever asked for.
 */
#ifndef ELF_BYTES_H
#define ELF_BYTES_H

#include "elf_file.h"

/* Whether `size` bytes from the offset on are in the file. */
bool elf_has(const struct elf *elf, uint64_t offset, uint64_t size);

/* Copies from the file; false: not all of it is there. */
bool elf_take(struct elf *elf, uint64_t offset, void *to, size_t size);

/*
 * n bytes of the file and a NUL, or NULL: they are not there, or they are more
 * than 256 MB, so that a sparse file takes no memory.  The caller frees them.
 */
char *elf_take_new(struct elf *elf, uint64_t offset, uint64_t n);

/*
 * The string at the offset, or NULL: it does not end before `limit`, or has
 * 64 KB or more.  The caller frees it.
 */
char *elf_take_string(struct elf *elf, uint64_t offset, uint64_t limit);

/* How many bytes a symbol has in the file. */
size_t elf_symbol_size(const struct elf *elf);

#endif
