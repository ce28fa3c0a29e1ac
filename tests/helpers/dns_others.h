/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that closes all descriptors it finds, and opens other files under
 * the same numbers.  The library must leave those alone.
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
#define AWAY 200 /* from this number on descriptors are out of the way */

/* A file, pipe or socket under a number that was the library's. */
struct other {
	int fd, peer; /* peer -1: a file */
	dev_t dev;
	ino_t ino;
};

/* Fails the test unless each of those files is still open under its number,
 * and nobody has read from it or written to it. */
void check_others(void);

/* How many files change_descriptors() has opened. */
int count_others(void);

/* Under which numbers change_descriptors() opens files. */
enum numbers {
	NONE,
	ALL_BUT_THE_BASE, /* event_reinit() needs the base's own */
	ALL
};

/* Closes fd and all numbers after it, up to 1023. */
void close_from(int fd);

/* Closes all descriptors from 3 on, and opens files under the numbers
 * chosen. */
void change_descriptors(enum numbers which);

#endif
