/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors of the resolver, and no other ones under the same numbers. */
#ifndef EVI_DESCRIPTOR_H
#define EVI_DESCRIPTOR_H

#include <sys/types.h>

#include "conf/address.h"

/* A descriptor, and which file it was when it was opened. */
struct descriptor {
	int fd; /* -1: none */
	dev_t dev;
	ino_t ino;
};

/*
 * Opens a socket that does not block and starts to connect it.  0, or -1 and
 * errno, and then there is none.
 */
int evi_descriptor_open(struct descriptor *d, const struct address *address,
    int type);

/*
 * Closes it, if it is still the same file: a program may have closed all that
 * it found, and opened others under the same numbers.
 */
void evi_descriptor_close(struct descriptor *d);

#endif
