/* SPDX-License-Identifier: BSD-3-Clause */
/* What kind of byte a parser of HTTP sees. */
#ifndef EVI_HTTP_BYTES_H
#define EVI_HTTP_BYTES_H

#include <stdbool.h>

static inline bool
is_blank(char c)
{
	/* Most bytes are above ' ': the first comparison rejects them. */
	return (unsigned char)c <= ' ' && (c == ' ' || c == '\t');
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether a byte may not be in text: a control byte other than a tab. */
static inline bool
is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

/* The value of a hexadecimal digit, or -1. */
static inline int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
