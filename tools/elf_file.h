/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads an ELF file: the libraries it needs, the paths where the loader looks
 * for them, the symbols it uses and defines.  Files of 32 and of 64 bits, in
 * this machine's byte order.  Every offset, count and string of the file is
 * checked against the size of the file, so that a damaged or malicious one
 * gives an error, or fewer symbols, and nothing else.
 */
#ifndef ELF_FILE_H
#define ELF_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "text.h"

enum elf_result {
	ELF_IS_READ,
	ELF_IS_NONE,	 /* not an ELF file: a script, for example */
	ELF_IS_FOREIGN,	 /* of another byte order */
	ELF_IS_UNLINKED, /* an object file, or a core: the loader takes none */
	ELF_IS_DAMAGED,
	ELF_IS_UNREADABLE /* errno says why */
};

struct elf {
	FILE *file;
	uint64_t size;
	char *path;

	bool is_64;
	uint16_t machine; /* EM_* */
	uint16_t type;	  /* ET_* */
	bool is_dynamic;  /* the loader has something to do for it */

	/* NULL: there is none. */
	char *interpreter;
	char *soname;
	char *rpath;
	char *runpath;
	struct strings needed;

	/* For elf_each_dynamic_symbol() and elf_each_full_symbol() alone. */
	struct elf_table {
		uint64_t symbols; /* offset in the file; 0: no such table */
		uint64_t n;	  /* of symbols */
		uint64_t strings; /* offset of their names */
		uint64_t strings_size; /* in bytes */
	} dynamic_table, full_table;
};

struct elf_symbol {
	const char *name;
	bool is_defined;
	bool is_weak;
	bool is_code; /* a function, as far as the table says */
};

/*
 * Reads the file, which has to be a regular one.  Where the result is
 * ELF_IS_READ the caller ends with elf_close(); otherwise there is nothing to
 * close.
 */
enum elf_result elf_open(struct elf *elf, const char *path);
void elf_close(struct elf *elf); /* NULL does nothing */

/*
 * Closes the file alone: what elf_open() has read stays, but there are no
 * symbols and no strings any more.
 */
void elf_close_file(struct elf *elf);

/*
 * Calls cb for each symbol of the dynamic table, which the loader uses, or of
 * the full one, which strip(1) removes.  The name lives as long as the call.
 * -1: part of the table is not in the file; cb was called for the other part.
 */
typedef void (*elf_symbol_cb)(const struct elf_symbol *symbol, void *arg);
int elf_each_dynamic_symbol(struct elf *elf, elf_symbol_cb cb, void *arg);
int elf_each_full_symbol(struct elf *elf, elf_symbol_cb cb, void *arg);

/*
 * Calls cb for each string of 4 to 255 printable ASCII characters that ends
 * with a NUL, anywhere in the file.  -1: it could not be read to its end.
 */
typedef void (*elf_string_cb)(const char *s, void *arg);
int elf_each_string(struct elf *elf, elf_string_cb cb, void *arg);

/* "x86-64", "i386", "aarch64"; or "machine 42". The caller frees it. */
char *elf_machine_name(const struct elf *elf);

/* Whether a process can have both of them in it. */
bool elf_is_same_machine(const struct elf *a, const struct elf *b);

#endif
