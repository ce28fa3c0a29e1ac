/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads bytes of an ELF file, and checks that they are in the file. */
#include "elf_bytes.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No table is larger, in bytes. */
#define TABLE_MAX (256u << 20)
/* No path and no name of a library is longer, in bytes. */
#define STRING_MAX 65536

bool
elf_has(const struct elf *elf, uint64_t offset, uint64_t size)
{
	return offset <= elf->size && size <= elf->size - offset;
}

bool
elf_take(struct elf *elf, uint64_t offset, void *to, size_t size)
{
	size_t done = 0;

	if (!elf_has(elf, offset, size))
		return false;
	while (done < size) {
		ssize_t n = pread(fileno(elf->file), (char *)to + done,
		    size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

char *
elf_take_new(struct elf *elf, uint64_t offset, uint64_t n)
{
	char *bytes;

	if (n > TABLE_MAX || !elf_has(elf, offset, n))
		return NULL;
	bytes = text_alloc((size_t)n + 1);
	bytes[n] = '\0';
	if (elf_take(elf, offset, bytes, (size_t)n))
		return bytes;
	free(bytes);
	return NULL;
}

char *
elf_take_string(struct elf *elf, uint64_t offset, uint64_t limit)
{
	uint64_t most;
	char *s;

	if (limit > elf->size || offset >= limit)
		return NULL;
	most = limit - offset < STRING_MAX ? limit - offset : STRING_MAX;
	s = elf_take_new(elf, offset, most);
	if (s != NULL && strlen(s) == most) {
		free(s);
		s = NULL;
	}
	return s;
}

size_t
elf_symbol_size(const struct elf *elf)
{
	return elf->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}
