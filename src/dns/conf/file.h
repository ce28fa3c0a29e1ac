/* SPDX-License-Identifier: BSD-3-Clause */
/* The files that are read: where they are, and whether one has changed. */
#ifndef EVI_CONF_FILE_H
#define EVI_CONF_FILE_H

#include <sys/types.h>
#include <stdbool.h>
#include <time.h>

/* Where the machine's files are.  Tests put others here. */
struct file_names {
	const char *resolv_conf;
	const char *hosts;
	const char *nsswitch;
};
extern struct file_names evi_file_names;

/* What stat(2) said of a file.  All zero: it was not checked yet. */
struct file_stamp {
	bool is_reliable; /* a later change shows in the members below */
	dev_t dev;	  /* this and the rest zero: there is no such file */
	ino_t ino;
	off_t size;
	struct timespec written, changed;
};

enum file_change {
	FILE_IS_SAME,
	FILE_MAY_DIFFER, /* it was too young, at the last check, to tell */
	FILE_DIFFERS	 /* or was not checked before */
};

/*
 * Compares a file with its stamp, which is brought up to date: one stat(2). now
 * is time(2).  The caller reads the file after this, so that the next check
 * finds what changes meanwhile.
 */
enum file_change
evi_file_check(struct file_stamp *stamp, const char *path, time_t now);

/*
 * Has the next check say that the file may differ, as it could not be read or
 * used.
 */
void evi_file_distrust(struct file_stamp *stamp);

#endif
