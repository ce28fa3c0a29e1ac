/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that closes all descriptors it finds, and opens others under the
 * same numbers, which are none of the library's business then.
 */
#ifndef HELPERS_DNS_OTHERS_H
#define HELPERS_DNS_OTHERS_H

#include <sys/socket.h>
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

#define MAX_OTHERS 64
#define AWAY 200

/* A file, pipe or socket under a number that was the library's. */
struct other {
	int fd, peer; /* peer -1: a file */
	dev_t dev;
	ino_t ino;
};

/* Still there, with what was in it, and nothing more. */
void check_others(void);

/* How many there are. */
int count_others(void);

enum numbers {
	NONE,
	ALL_BUT_THE_BASE, /* which must have its numbers to start over */
	ALL
};

void close_from(int fd);

/* Closes all, and opens others. */
void change_descriptors(enum numbers which);

#endif
