/* SPDX-License-Identifier: BSD-3-Clause */
/* The pieces in which the bytes arrive that a parser of HTTP reads. */
#ifndef REGRESS_HTTP_BYTES_H
#define REGRESS_HTTP_BYTES_H

#include <stddef.h>

/*
 * The ways in which bytes arrive: all at once, one by one, and in pieces that a
 * way's number decides.
 */
enum way {
	WHOLE,
	BYTE_BY_BYTE,
	FIRST_RANDOM,
	WAYS = 30
};

/*
 * How many of len bytes have arrived after the next piece, if `given` had
 * before.  *seed is 0 at first.
 */
size_t next_given(int way, unsigned int *seed, size_t given, size_t len);

#endif
