/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hostile N FILE...: evcompat-check's readers get damaged copies of the files:
 * cut off everywhere, and with N times a few bytes changed, most of them where
 * headers and tables are.  It is linked with the tool's own files and built
 * with sanitizers, so that an invalid access ends it.  Its random numbers are
 * the same each time.  Files that are not ELF are read as source.
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "judge.h"
#include "report.h"
#include "source.h"

static uint64_t state = 1;
static unsigned long n_read;

/* Marsaglia's xorshift64. */
static uint64_t
number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

struct file {
	unsigned char *bytes;
	size_t size;
	bool is_elf;
};

static struct file
read_whole(const char *path)
{
	struct file file = {.bytes = malloc(1 << 20)};
	FILE *f = fopen(path, "r");

	if (f == NULL || file.bytes == NULL)
		err(1, "%s", path);
	file.size = fread(file.bytes, 1, 1 << 20, f);
	fclose(f);
	file.is_elf = file.size > 4 && memcmp(file.bytes, "\177ELF", 4) == 0;
	return file;
}

/* Has the tool read the bytes, as a file in memory, and print its report. */
static void
check(const unsigned char *bytes, size_t size, bool is_elf, FILE *out)
{
	int fd = memfd_create("hostile", 0);
	struct report report;
	char path[64];

	if (fd == -1 || write(fd, bytes, size) != (ssize_t)size)
		err(1, "a file in memory");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (is_elf)
		judge_file(&report, path);
	else
		source_check(&report, path);
	report_print(out, &report, REPORT_FULL);
	report_json(out, &report);
	report_free(&report);
	close(fd);
	n_read++;
}

static void
cut(const struct file *file, FILE *out)
{
	size_t step = 1;

	/* Cuts the file at each byte of the headers, then at some others. */
	for (size_t size = 0; size < file->size; size += step) {
		step = size < 1024 ? 7 : 1 + file->size / 200;
		check(file->bytes, size, file->is_elf, out);
	}
}

/* Where a change matters most: the headers, or a word that is one of theirs. */
static size_t
place(const struct file *file)
{
	if (number() % 2 == 0 && file->size > 1024)
		return number() % 1024;
	return number() % file->size;
}

static void
change(const struct file *file, unsigned long times, FILE *out)
{
	static const unsigned char telling[] = {0, 1, 0x7f, 0x80, 0xff, 0xfe,
	    '{', '"', '/', '#'};
	unsigned char *bytes = malloc(file->size);

	if (bytes == NULL)
		err(1, "malloc");
	for (unsigned long i = 0; i < times; i++) {
		memcpy(bytes, file->bytes, file->size);
		for (unsigned long n = 1 + number() % 8; n > 0; n--) {
			size_t at = place(file);
			size_t width = 1 + number() % 8;

			for (; width > 0 && at < file->size; width--, at++)
				bytes[at] =
				    number() % 2 == 0
					? (unsigned char)number()
					: telling[number() % sizeof(telling)];
		}
		check(bytes, file->size, file->is_elf, out);
	}
	free(bytes);
}

int
main(int argc, char **argv)
{
	FILE *out = fopen("/dev/null", "w");

	if (argc < 3 || out == NULL)
		errx(64, "usage: hostile N FILE...");
	for (int i = 2; i < argc; i++) {
		struct file file = read_whole(argv[i]);

		check(file.bytes, file.size, file.is_elf, out);
		cut(&file, out);
		change(&file, strtoul(argv[1], NULL, 10), out);
		free(file.bytes);
	}
	fclose(out);
	printf("hostile: %lu damaged files do no harm\n", n_read);
	return 0;
}
