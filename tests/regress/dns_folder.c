/* SPDX-License-Identifier: BSD-3-Clause */
/* A folder of the test's own; see the header. */
#include "dns_folder.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/conf/file.h"
#include "test.h"

static char folder[] = "/tmp/evcompat-XXXXXX";

void
folder_open(void)
{
	assert_non_null(mkdtemp(folder));
}

int
memory_file(char path[32], const void *bytes, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

static int
remove_cb(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
folder_close(void)
{
	assert_int_equal(nftw(folder, remove_cb, 8, FTW_DEPTH | FTW_PHYS), 0);
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
}

const char *
path_of(const char *name)
{
	static char paths[8][256];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(*paths), "%s/%s", folder, name);
	return path;
}

void
write_bytes(const char *name, const void *bytes, size_t len)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(close(fd), 0);
}

void
write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

void
replace_file(const char *name, const char *text)
{
	write_file("another", text);
	assert_int_equal(rename(path_of("another"), path_of(name)), 0);
}

void
use_folder(void)
{
	static char paths[3][256];

	strcpy(paths[0], path_of("resolv.conf"));
	strcpy(paths[1], path_of("hosts"));
	strcpy(paths[2], path_of("nsswitch.conf"));
	evi_file_names = (struct file_names){paths[0], paths[1], paths[2]};
}
