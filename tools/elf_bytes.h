/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads bytes of an ELF file.  All other files read it through these functions,
 * which check that each byte is in the file.
 */
#ifndef ELF_BYTES_H
#define ELF_BYTES_H

#include "elf_file.h"

/* Whether `size` bytes from the offset on are in the file. */
bool elf_has(const struct elf *elf, uint64_t offset, uint64_t size);

/* Copies from the file; false if not all bytes are in it. */
bool elf_take(struct elf *elf, uint64_t offset, void *to, size_t size);

/*
 * Returns n bytes of the file and a NUL.  NULL if they are not in the file, or
 * are more than 256 MB, so that a sparse file takes no memory.  The caller
 * frees them.
 */
char *elf_take_new(struct elf *elf, uint64_t offset, uint64_t n);

/*
 * Returns the string at the offset.  NULL if it does not end before `limit`, or
 * has 64 KB or more.  The caller frees it.
 */
char *elf_take_string(struct elf *elf, uint64_t offset, uint64_t limit);

/* How many bytes a symbol has in the file. */
size_t elf_symbol_size(const struct elf *elf);

#endif
