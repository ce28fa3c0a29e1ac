/* SPDX-License-Identifier: BSD-3-Clause */
/* Notices that a file has changed, by what stat(2) says of it. */
#include "file.h"

#include <sys/stat.h>

#include <errno.h>

/*
 * A file system's clock ticks, every few milliseconds or once a second.  Two
 * changes within a tick may have the same stamp.
 */
#define TICK 2 /* seconds, at most */

struct file_names evi_file_names = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
};

static bool
is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
is_same(const struct file_stamp *a, const struct file_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       is_same_time(&a->written, &b->written) &&
	       is_same_time(&a->changed, &b->changed);
}

/* If stat(2) fails there is no such file, except for lack of memory. */
static void
take(struct file_stamp *stamp, const char *path, time_t now)
{
	struct stat st;

	if (stat(path, &st) == -1) {
		*stamp = (struct file_stamp){.is_reliable = errno != ENOMEM};
		return;
	}
	*stamp = (struct file_stamp){
	    .is_reliable = st.st_ctim.tv_sec + TICK <= now,
	    .dev = st.st_dev,
	    .ino = st.st_ino,
	    .size = st.st_size,
	    .written = st.st_mtim,
	    .changed = st.st_ctim,
	};
}

enum file_change
evi_file_check(struct file_stamp *stamp, const char *path, time_t now)
{
	struct file_stamp before = *stamp;

	take(stamp, path, now);
	if (!is_same(&before, stamp))
		return FILE_DIFFERS;
	return before.is_reliable ? FILE_IS_SAME : FILE_MAY_DIFFER;
}

void
evi_file_distrust(struct file_stamp *stamp)
{
	stamp->is_reliable = false;
}
