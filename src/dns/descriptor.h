/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors of the resolver.  A program may have closed all descriptors, and
 * have opened others with the same numbers: those are not closed.
 */
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
 * Opens a nonblocking socket and starts to connect it.  Returns 0; or -1, errno
 * set, and d->fd is -1.
 */
int evi_descriptor_open(struct descriptor *d, const struct address *address,
    int type);

/* Closes the descriptor, if it is still the same file. */
void evi_descriptor_close(struct descriptor *d);

#endif
