/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Kinds of bytes in URIs and queries (RFC 3986).
 */
#ifndef EVI_HTTP_TEXT_H
#define EVI_HTTP_TEXT_H

#include <stdbool.h>

/* Kinds of bytes.  A byte may be of several; NUL and bytes above 126 are of
 * none. */
enum byte_kind {
	EVI_UNRESERVED = 1, /* a letter, a digit, - . _ ~ (2.3) */
	EVI_SUB_DELIM = 2,  /* ! $ & ' ( ) * + , ; = (2.2) */
	EVI_SCHEME = 4,	    /* a letter, a digit, + - . (3.1) */
	EVI_COLON = 8,
	EVI_AT = 16,
	EVI_SLASH = 32,
	EVI_QUESTION = 64,
	EVI_UNENCODED_14 = 128 /* evhttp_encode_uri() does not encode it */
};

/* The kinds of each byte. */
extern const unsigned char evi_text_kinds[256];

/* Whether a byte is of one of these kinds. */
static inline bool
evi_text_is_kind(char c, unsigned int kinds)
{
	return (evi_text_kinds[(unsigned char)c] & kinds) != 0;
}

#endif
