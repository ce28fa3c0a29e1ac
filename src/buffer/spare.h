/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Spare blocks: large blocks of one size.  Each thread keeps a few that its
 * buffers have freed, for the next buffer that needs one.  Getting such a block
 * from the kernel costs more time than copying the bytes that pass through it.
 */
#ifndef EVI_SPARE_H
#define EVI_SPARE_H

#include <stddef.h>

/*
 * How many bytes are allocated for a block of that size.  Many programs write a
 * NUL after the content, and in 1.4 there nearly always is a byte for it.
 */
#define EVI_BLOCK(size) ((size) + 1)

/* Bytes of content that a spare block has room for. */
#define EVI_SPARE_SIZE ((size_t)262144)

/*
 * A block of EVI_BLOCK(EVI_SPARE_SIZE) bytes from malloc(3), which is the
 * caller's; NULL without memory.
 */
unsigned char *evi_spare_take(void);

/* Takes such a block: keeps it for the thread, or frees it. */
void evi_spare_give(unsigned char *block);

#endif
