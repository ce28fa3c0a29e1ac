/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the symbols and the strings of an ELF file. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf_bytes.h"
#include "elf_file.h"

/* Symbols are read in pieces of this many. */
#define PIECE 1024
/* The file is scanned in pieces of this many bytes. */
#define BLOCK 65536
#define STRING_MIN 4
#define STRING_MAX 255

static Elf64_Sym
symbol_at(const struct elf *elf, const char *symbols, size_t i)
{
	Elf64_Sym symbol;
	Elf32_Sym narrow;

	if (elf->is_64) {
		memcpy(&symbol, symbols + i * sizeof(symbol), sizeof(symbol));
		return symbol;
	}
	memcpy(&narrow, symbols + i * sizeof(narrow), sizeof(narrow));
	return (Elf64_Sym){
	    .st_name = narrow.st_name,
	    .st_info = narrow.st_info,
	    .st_other = narrow.st_other,
	    .st_shndx = narrow.st_shndx,
	};
}

static void
pass_symbol(const Elf64_Sym *symbol, const char *name, elf_symbol_cb cb,
    void *arg)
{
	unsigned bind = ELF64_ST_BIND(symbol->st_info);
	unsigned type = ELF64_ST_TYPE(symbol->st_info);
	struct elf_symbol it = {
	    .name = name,
	    .is_defined = symbol->st_shndx != SHN_UNDEF,
	    .is_weak = bind == STB_WEAK,
	    .is_code = type == STT_FUNC || type == STT_GNU_IFUNC,
	};

	if (name[0] != '\0')
		cb(&it, arg);
}

static int
each_symbol(struct elf *elf, const struct elf_table *t, elf_symbol_cb cb,
    void *arg)
{
	size_t size = elf_symbol_size(elf);
	char *strings, *symbols;
	int result = 0;

	if (t->n == 0)
		return 0;
	strings = elf_take_new(elf, t->strings, t->strings_size);
	if (strings == NULL)
		return -1;
	symbols = text_alloc(PIECE * size);
	for (uint64_t done = 0; done < t->n; done += PIECE) {
		size_t n = t->n - done < PIECE ? t->n - done : PIECE;

		if (!elf_take(elf, t->symbols + done * size, symbols,
			n * size)) {
			result = -1;
			break;
		}
		for (size_t i = 0; i < n; i++) {
			Elf64_Sym symbol = symbol_at(elf, symbols, i);

			if (symbol.st_name < t->strings_size)
				pass_symbol(&symbol, strings + symbol.st_name,
				    cb, arg);
			else
				result = -1;
		}
	}
	free(symbols);
	free(strings);
	return result;
}

int
elf_each_dynamic_symbol(struct elf *elf, elf_symbol_cb cb, void *arg)
{
	return each_symbol(elf, &elf->dynamic_table, cb, arg);
}

int
elf_each_full_symbol(struct elf *elf, elf_symbol_cb cb, void *arg)
{
	return each_symbol(elf, &elf->full_table, cb, arg);
}

/* A string that is being read: its bytes so far. */
struct pending {
	char bytes[STRING_MAX + 1];
	size_t n; /* STRING_MAX + 1: it is too long */
};

static void
take_byte(struct pending *p, char c, elf_string_cb cb, void *arg)
{
	if (c >= 0x20 && c < 0x7f) {
		if (p->n < STRING_MAX)
			p->bytes[p->n] = c;
		p->n += p->n <= STRING_MAX;
		return;
	}
	if (c == '\0' && p->n >= STRING_MIN && p->n <= STRING_MAX) {
		p->bytes[p->n] = '\0';
		cb(p->bytes, arg);
	}
	p->n = 0;
}

int
elf_each_string(struct elf *elf, elf_string_cb cb, void *arg)
{
	struct pending pending = {.n = 0};
	char *block = text_alloc(BLOCK);
	bool ok = true;

	for (uint64_t at = 0; at < elf->size && ok; at += BLOCK) {
		size_t n = elf->size - at < BLOCK ? elf->size - at : BLOCK;

		ok = elf_take(elf, at, block, n);
		for (size_t i = 0; i < n && ok; i++)
			take_byte(&pending, block[i], cb, arg);
	}
	free(block);
	return ok ? 0 : -1;
}
