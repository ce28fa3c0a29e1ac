/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Spare blocks: large blocks of one size that buffers have given back, some of
 * which each thread keeps for the next buffer that needs one.  Fetched anew
 * from the system such a block costs more than what passes through it.
 */
#ifndef EVI_SPARE_H
#define EVI_SPARE_H

#include <stddef.h>

/*
 * What to ask malloc(3) for, for a block of that size.  Many programs put a NUL
 * behind the content, and in 1.4 there nearly always is a byte for it.
 */
#define EVI_BLOCK(size) ((size) + 1)

#define EVI_SPARE_SIZE ((size_t)262144)

/* A block of EVI_SPARE_SIZE bytes that free(3) may end; NULL without memory. */
unsigned char *evi_spare_take(void);

/* Takes such a block, to keep or to free it. */
void evi_spare_give(unsigned char *block);

#endif
