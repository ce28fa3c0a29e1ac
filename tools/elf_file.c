/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads ELF files.  In this order:
 *
 * 1. The headers, of either class, as those of 64 bits.
 * 2. The segments: the interpreter, and the dynamic segment, whose addresses
 *    offset_of() translates, as the loader does.
 * 3. The number of dynamic symbols.  No field has it; it follows from the hash
 *    tables.
 * 4. The sections, which are optional: the full symbol table, and the length of
 *    the dynamic one if there is no hash table.
 */
#include "elf_file.h"

#include "elf_bytes.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More segments, sections or entries than any linker makes. */
#define SEGMENTS_MAX 4096
#define SECTIONS_MAX (1u << 20)
#define NEEDED_MAX 4096
#define SYMBOLS_MAX (16u << 20)

struct segments {
	Elf64_Phdr *at;
	size_t n;
};

/* Addresses of tables, as the dynamic segment has them; 0: no such table. */
struct dynamic {
	uint64_t strings;
	uint64_t strings_size;
	uint64_t symbols;
	uint64_t hash;
	uint64_t gnu_hash;
	uint64_t soname; /* these three are offsets in the strings, plus 1 */
	uint64_t rpath;
	uint64_t runpath;
};

static Elf64_Ehdr
widen_header(const Elf32_Ehdr *h)
{
	return (Elf64_Ehdr){
	    .e_type = h->e_type,
	    .e_machine = h->e_machine,
	    .e_phoff = h->e_phoff,
	    .e_phentsize = h->e_phentsize,
	    .e_phnum = h->e_phnum,
	    .e_shoff = h->e_shoff,
	    .e_shentsize = h->e_shentsize,
	    .e_shnum = h->e_shnum,
	    .e_shstrndx = h->e_shstrndx,
	};
}

static enum elf_result
read_header(struct elf *elf, Elf64_Ehdr *header)
{
	unsigned char ident[EI_NIDENT];
	unsigned char ours =
	    BYTE_ORDER == LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB;
	Elf32_Ehdr narrow;

	if (!elf_take(elf, 0, ident, sizeof(ident)) ||
	    memcmp(ident, ELFMAG, SELFMAG) != 0)
		return ELF_IS_NONE;
	if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
		return ELF_IS_DAMAGED;
	if (ident[EI_DATA] != ours)
		return ident[EI_DATA] == ELFDATA2LSB ||
			       ident[EI_DATA] == ELFDATA2MSB
			   ? ELF_IS_FOREIGN
			   : ELF_IS_DAMAGED;
	elf->is_64 = ident[EI_CLASS] == ELFCLASS64;
	if (elf->is_64) {
		if (!elf_take(elf, 0, header, sizeof(*header)))
			return ELF_IS_DAMAGED;
	} else {
		if (!elf_take(elf, 0, &narrow, sizeof(narrow)))
			return ELF_IS_DAMAGED;
		*header = widen_header(&narrow);
	}
	elf->machine = header->e_machine;
	elf->type = header->e_type;
	return elf->type == ET_EXEC || elf->type == ET_DYN ? ELF_IS_READ
							   : ELF_IS_UNLINKED;
}

static bool
read_segment(struct elf *elf, uint64_t offset, Elf64_Phdr *segment)
{
	Elf32_Phdr narrow;

	if (elf->is_64)
		return elf_take(elf, offset, segment, sizeof(*segment));
	if (!elf_take(elf, offset, &narrow, sizeof(narrow)))
		return false;
	*segment = (Elf64_Phdr){
	    .p_type = narrow.p_type,
	    .p_offset = narrow.p_offset,
	    .p_vaddr = narrow.p_vaddr,
	    .p_filesz = narrow.p_filesz,
	};
	return true;
}

static bool
read_segments(struct elf *elf, const Elf64_Ehdr *header,
    struct segments *segments)
{
	size_t step = elf->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (header->e_phnum == 0)
		return true;
	if (header->e_phnum > SEGMENTS_MAX || header->e_phentsize != step ||
	    !elf_has(elf, header->e_phoff, header->e_phnum * step))
		return false;
	segments->at = text_alloc(header->e_phnum * sizeof(*segments->at));
	for (size_t i = 0; i < header->e_phnum; i++)
		if (!read_segment(elf, header->e_phoff + i * step,
			&segments->at[i]))
			return false;
	segments->n = header->e_phnum;
	return true;
}

/* The offset in the file of an address; 0 if the file does not have it. */
static uint64_t
offset_of(const struct elf *elf, const struct segments *segments,
    uint64_t address)
{
	for (size_t i = 0; i < segments->n; i++) {
		const Elf64_Phdr *s = &segments->at[i];
		uint64_t inside = address - s->p_vaddr;

		if (s->p_type == PT_LOAD && address >= s->p_vaddr &&
		    inside < s->p_filesz && elf_has(elf, s->p_offset, inside))
			return s->p_offset + inside;
	}
	return 0;
}

static const Elf64_Phdr *
find_segment(const struct segments *segments, uint32_t type)
{
	for (size_t i = 0; i < segments->n; i++)
		if (segments->at[i].p_type == type)
			return &segments->at[i];
	return NULL;
}

static bool
read_interpreter(struct elf *elf, const struct segments *segments)
{
	const Elf64_Phdr *s = find_segment(segments, PT_INTERP);

	if (s == NULL)
		return true;
	if (!elf_has(elf, s->p_offset, s->p_filesz))
		return false;
	elf->interpreter =
	    elf_take_string(elf, s->p_offset, s->p_offset + s->p_filesz);
	return elf->interpreter != NULL;
}

/* Reads an entry of the dynamic segment; false if it is not in the file. */
static bool
read_entry(struct elf *elf, uint64_t offset, Elf64_Dyn *entry)
{
	Elf32_Dyn narrow;

	if (elf->is_64)
		return elf_take(elf, offset, entry, sizeof(*entry));
	if (!elf_take(elf, offset, &narrow, sizeof(narrow)))
		return false;
	entry->d_tag = narrow.d_tag;
	entry->d_un.d_val = narrow.d_un.d_val;
	return true;
}

static void
note_entry(struct dynamic *d, const Elf64_Dyn *entry)
{
	uint64_t value = entry->d_un.d_val;

	switch (entry->d_tag) {
	case DT_STRTAB:
		d->strings = value;
		break;
	case DT_STRSZ:
		d->strings_size = value;
		break;
	case DT_SYMTAB:
		d->symbols = value;
		break;
	case DT_HASH:
		d->hash = value;
		break;
	case DT_GNU_HASH:
		d->gnu_hash = value;
		break;
	case DT_SONAME:
		d->soname = value + 1;
		break;
	case DT_RPATH:
		d->rpath = value + 1;
		break;
	case DT_RUNPATH:
		d->runpath = value + 1;
		break;
	}
}

/* Returns a string of the dynamic segment by its offset plus 1, or NULL. */
static char *
dynamic_string(struct elf *elf, uint64_t place)
{
	const struct elf_table *t = &elf->dynamic_table;

	if (place == 0 || place - 1 >= t->strings_size)
		return NULL;
	return elf_take_string(elf, t->strings + place - 1,
	    t->strings + t->strings_size);
}

/*
 * Returns the number of symbols by DT_GNU_HASH.  All symbols that the loader
 * can find are in chains; the last one of the last chain is the last of all.
 */
static uint64_t
count_by_gnu_hash(struct elf *elf, uint64_t at)
{
	/* Buckets, first symbol, words of the filter, shift. */
	uint32_t head[4];
	uint64_t buckets, chains, last = 0;
	uint32_t *bucket;

	if (at == 0 || !elf_take(elf, at, head, sizeof(head)))
		return 0;
	buckets = at + sizeof(head) + (uint64_t)head[2] * (elf->is_64 ? 8 : 4);
	chains = buckets + (uint64_t)head[0] * 4;
	bucket = (uint32_t *)elf_take_new(elf, buckets, (uint64_t)head[0] * 4);
	if (bucket == NULL)
		return 0;
	for (uint32_t i = 0; i < head[0]; i++)
		last = bucket[i] > last ? bucket[i] : last;
	free(bucket);
	if (last < head[1])
		return head[1];
	for (; last < SYMBOLS_MAX; last++) {
		uint32_t hash;

		if (!elf_take(elf, chains + (last - head[1]) * 4, &hash, 4))
			return 0;
		if (hash & 1)
			return last + 1;
	}
	return 0;
}

static uint64_t
count_by_hash(struct elf *elf, uint64_t at)
{
	uint32_t head[2]; /* buckets, chains: one for each symbol */

	if (at == 0 || !elf_take(elf, at, head, sizeof(head)))
		return 0;
	return head[1];
}

/* Shortens a table to the part that is in the file. */
static void
limit_table(const struct elf *elf, struct elf_table *t)
{
	uint64_t most;

	if (t->symbols > elf->size || t->symbols == 0)
		t->symbols = t->n = 0;
	most = (elf->size - t->symbols) / elf_symbol_size(elf);
	if (t->n > most)
		t->n = most;
	if (t->n > SYMBOLS_MAX)
		t->n = SYMBOLS_MAX;
	if (t->strings > elf->size)
		t->strings = elf->size;
	if (t->strings_size > elf->size - t->strings)
		t->strings_size = elf->size - t->strings;
}

/* Reads the entries up to DT_NULL; `needed` has the places of the names. */
static bool
read_entries(struct elf *elf, const Elf64_Phdr *segment, struct dynamic *d,
    uint64_t *needed, size_t *n_needed)
{
	size_t step = elf->is_64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);

	if (!elf_has(elf, segment->p_offset, segment->p_filesz))
		return false;
	for (uint64_t at = 0; at + step <= segment->p_filesz; at += step) {
		Elf64_Dyn entry;

		if (!read_entry(elf, segment->p_offset + at, &entry))
			return false;
		if (entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag != DT_NEEDED) {
			note_entry(d, &entry);
			continue;
		}
		if (*n_needed == NEEDED_MAX)
			return false;
		needed[(*n_needed)++] = entry.d_un.d_val + 1;
	}
	return true;
}

static bool
read_names(struct elf *elf, const struct dynamic *d, const uint64_t *needed,
    size_t n_needed)
{
	elf->soname = dynamic_string(elf, d->soname);
	elf->rpath = dynamic_string(elf, d->rpath);
	elf->runpath = dynamic_string(elf, d->runpath);
	for (size_t i = 0; i < n_needed; i++) {
		char *name = dynamic_string(elf, needed[i]);

		if (name == NULL)
			return false;
		strings_add(&elf->needed, name);
		free(name);
	}
	return true;
}

static bool
read_dynamic(struct elf *elf, const struct segments *segments)
{
	const Elf64_Phdr *segment = find_segment(segments, PT_DYNAMIC);
	struct elf_table *t = &elf->dynamic_table;
	struct dynamic d = {0};
	uint64_t *needed;
	size_t n_needed = 0;
	bool ok;

	if (segment == NULL)
		return true;
	elf->is_dynamic = true;
	needed = text_alloc(NEEDED_MAX * sizeof(*needed));
	ok = read_entries(elf, segment, &d, needed, &n_needed);
	if (ok) {
		t->strings = offset_of(elf, segments, d.strings);
		t->strings_size = t->strings > 0 ? d.strings_size : 0;
		t->symbols = offset_of(elf, segments, d.symbols);
		t->n = count_by_hash(elf, offset_of(elf, segments, d.hash));
		if (t->n == 0)
			t->n = count_by_gnu_hash(elf,
			    offset_of(elf, segments, d.gnu_hash));
		ok = t->strings + t->strings_size <= elf->size &&
		     read_names(elf, &d, needed, n_needed);
	}
	free(needed);
	return ok;
}

static bool
read_section(struct elf *elf, const Elf64_Ehdr *header, uint64_t i,
    Elf64_Shdr *section)
{
	size_t step = elf->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	Elf32_Shdr narrow;

	if (header->e_shoff > elf->size)
		return false;
	if (elf->is_64)
		return elf_take(elf, header->e_shoff + i * step, section, step);
	if (!elf_take(elf, header->e_shoff + i * step, &narrow, step))
		return false;
	*section = (Elf64_Shdr){
	    .sh_type = narrow.sh_type,
	    .sh_offset = narrow.sh_offset,
	    .sh_size = narrow.sh_size,
	    .sh_link = narrow.sh_link,
	};
	return true;
}

/* Finds a table by its section; no change if the sections are malformed. */
static void
read_table(struct elf *elf, const Elf64_Ehdr *header, const Elf64_Shdr *symbols,
    struct elf_table *table)
{
	Elf64_Shdr strings;

	if (!read_section(elf, header, symbols->sh_link, &strings) ||
	    strings.sh_type != SHT_STRTAB)
		return;
	*table = (struct elf_table){
	    .symbols = symbols->sh_offset,
	    .n = symbols->sh_size / elf_symbol_size(elf),
	    .strings = strings.sh_offset,
	    .strings_size = strings.sh_size,
	};
}

static void
read_sections(struct elf *elf, const Elf64_Ehdr *header)
{
	size_t step = elf->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	Elf64_Shdr section;
	uint64_t n = header->e_shnum;

	if (header->e_shoff == 0 || header->e_shentsize != step)
		return;
	/* With more than 65,279 sections the number is in the first one. */
	if (n == 0 && read_section(elf, header, 0, &section))
		n = section.sh_size;
	if (n > SECTIONS_MAX)
		return;
	for (uint64_t i = 0; i < n; i++) {
		if (!read_section(elf, header, i, &section))
			return;
		if (section.sh_type == SHT_SYMTAB)
			read_table(elf, header, &section, &elf->full_table);
		else if (section.sh_type == SHT_DYNSYM &&
			 elf->dynamic_table.n == 0)
			read_table(elf, header, &section, &elf->dynamic_table);
	}
}

static enum elf_result
read_all(struct elf *elf)
{
	struct segments segments = {0};
	enum elf_result result;
	Elf64_Ehdr header;

	result = read_header(elf, &header);
	if (result != ELF_IS_READ)
		return result;
	if (!read_segments(elf, &header, &segments) ||
	    !read_interpreter(elf, &segments) || !read_dynamic(elf, &segments))
		result = ELF_IS_DAMAGED;
	free(segments.at);
	if (result != ELF_IS_READ)
		return result;
	read_sections(elf, &header);
	limit_table(elf, &elf->dynamic_table);
	limit_table(elf, &elf->full_table);
	return ELF_IS_READ;
}

/* Opens without blocking, which a FIFO without a writer would do. */
static FILE *
open_regular(const char *path, uint64_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	FILE *file;

	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (file = fdopen(fd, "r")) != NULL) {
		*size = (uint64_t)st.st_size;
		return file;
	}
	close(fd);
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	return NULL;
}

enum elf_result
elf_open(struct elf *elf, const char *path)
{
	enum elf_result result;

	*elf = (struct elf){0};
	elf->file = open_regular(path, &elf->size);
	if (elf->file == NULL)
		return ELF_IS_UNREADABLE;
	elf->path = text_copy(path);
	result = read_all(elf);
	if (result != ELF_IS_READ)
		elf_close(elf);
	return result;
}

void
elf_close_file(struct elf *elf)
{
	if (elf->file != NULL)
		fclose(elf->file);
	elf->file = NULL;
	elf->dynamic_table = elf->full_table = (struct elf_table){0};
}

void
elf_close(struct elf *elf)
{
	if (elf == NULL)
		return;
	elf_close_file(elf);
	free(elf->path);
	free(elf->interpreter);
	free(elf->soname);
	free(elf->rpath);
	free(elf->runpath);
	strings_free(&elf->needed);
	*elf = (struct elf){0};
}

char *
elf_machine_name(const struct elf *elf)
{
	static const struct {
		uint16_t machine;
		const char *of_32;
		const char *of_64;
	} names[] = {
	    {EM_X86_64, "x32", "x86-64"},
	    {EM_386, "i386", NULL},
	    {EM_AARCH64, "aarch64 (ILP32)", "aarch64"},
	    {EM_ARM, "arm", NULL},
	    {EM_RISCV, "riscv32", "riscv64"},
	    {EM_PPC, "powerpc", NULL},
	    {EM_PPC64, NULL, "powerpc64"},
	    {EM_S390, "s390", "s390x"},
	    {EM_MIPS, "mips", "mips64"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *name = elf->is_64 ? names[i].of_64 : names[i].of_32;

		if (names[i].machine == elf->machine && name != NULL)
			return text_copy(name);
	}
	return text_format("machine %u, %d bits", elf->machine,
	    elf->is_64 ? 64 : 32);
}

bool
elf_is_same_machine(const struct elf *a, const struct elf *b)
{
	return a->machine == b->machine && a->is_64 == b->is_64;
}
