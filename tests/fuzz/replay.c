/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A main() for the fuzzers where there is no libFuzzer: runs each file that it
 * is given, and each file in a folder that it is given, in a process of its
 * own, and counts those that ended without a fault.
 */
#include <sys/wait.h>
#include <errno.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SIZE ((size_t)1 << 20)
#define MAX_SECONDS 120 /* for each file; none needs a second */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Runs a file's bytes in a block of exactly their length, so that ASan notices
 * if one byte more is read.
 */
static void
run(const char *path)
{
	static uint8_t all[MAX_SIZE];
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t size;

	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	size = fread(all, 1, sizeof all, file);
	fclose(file);
	data = malloc(size > 0 ? size : 1);
	memcpy(data, all, size);
	alarm(MAX_SECONDS);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	exit(0);
}

/* Runs a file in a child; returns whether it ended without a fault. */
static int
run_apart(const char *path)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		run(path);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (status != 0)
		fprintf(stderr, "failed: %s\n", path);
	return status == 0;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int
main(int argc, char **argv)
{
	static FTS
	    *files; /* static, or LeakSanitizer complains in the children */
	int passed = 0, failed = 0;
	FTSENT *entry;

	if (argc < 3) {
		fprintf(stderr, "usage: %s NAME FILE|FOLDER...\n", argv[0]);
		return 2;
	}
	files = fts_open(argv + 2, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	while (files != NULL && (entry = fts_read(files)) != NULL) {
		if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP)
			continue;
		if (run_apart(entry->fts_path))
			passed++;
		else
			failed++;
	}
	printf("fuzz %s: %d inputs, %d passed, %d failed\n", argv[1],
	    passed + failed, passed, failed);
	return failed != 0 || passed == 0;
}
