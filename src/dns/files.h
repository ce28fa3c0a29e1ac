/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which files the resolver reads, and notice of their changes: through one
 * inotify descriptor for all, as an event on a base, so that it costs nothing
 * while nothing changes.
 */
#ifndef EVI_FILES_H
#define EVI_FILES_H

#include <stdbool.h>

struct event_base;
struct evi_files;

/* Where the machine's files are.  Tests put others here. */
struct evi_file_names {
	const char *resolv_conf;
	const char *hosts;
	const char *nsswitch;
};
extern struct evi_file_names evi_file_names;

/*
 * Calls changed(arg), from the loop of base, whenever something may have
 * happened to a watched file: written, replaced, removed, made, whatever the
 * symbolic links on its way.  Once for many changes that come together.
 * NULL, errno set, where that cannot be had.
 */
struct evi_files *
evi_files_new(struct event_base *base, void (*changed)(void *arg), void *arg);

/*
 * The name of a file that does not depend on the directory one is in; from
 * malloc, NULL without memory.
 */
char *evi_files_absolute(const char *path);

/*
 * Watches one more file, which need not exist.  A relative path starts from the
 * directory that is current now.  0, or -1 and errno.
 */
int evi_files_watch(struct evi_files *files, const char *path);

/* Whether its descriptor is still the one it opened. */
bool evi_files_are_followed(const struct evi_files *files);

/*
 * Ends it.  Closes its descriptor only if that is still the one it opened: the
 * program may have closed all it knew of.  May be called inside changed().  In
 * a child of fork() it has to be freed and made anew before the loop runs.
 */
void evi_files_free(struct evi_files *files);

#endif
