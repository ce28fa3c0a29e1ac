/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of headers, what <evhttp.h> leaves out: for bytes that a parser has
 * checked, and for the questions that the library asks itself.
 *
 * An element, its key and its value are a block of malloc(3) each, as programs
 * take lists apart and put them together by hand.
 */
#ifndef EVI_HTTP_HEADERS_H
#define EVI_HTTP_HEADERS_H

#ifndef EVCOMPAT_HTTP
#define EVCOMPAT_HTTP
#endif

#include "public.h"

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(default)
#include <evhttp.h>
#pragma GCC visibility pop

/*
 * Appends a header without a look at its bytes, which are copied; a NUL among
 * them would end the string for its readers.  Returns 0; -1 without memory, and
 * the list is as before.
 */
int evi_headers_append(struct evkeyvalq *headers, const char *key,
    size_t key_len, const char *value, size_t value_len);

/*
 * Appends text to the value of the last header, for a folded line.  Returns 0;
 * -1 where the list is empty or there is no memory, and it is as before.  Takes
 * time by the length of the whole value.
 */
int evi_headers_fold(struct evkeyvalq *headers, const char *text, size_t len);

/* Removes every header called key. */
void evi_headers_remove_all(struct evkeyvalq *headers, const char *key);

/* The same of one value; see below. */
bool evi_headers_value_has(const char *list, const char *token);

/*
 * Whether token is an element of the list, separated by commas, that all the
 * headers called key make up together (RFC 9110 5.3, 5.6.1).  Compares without
 * regard to case, and to blanks and tabs around the elements.  For lists of
 * tokens alone: a comma in a quoted string separates, too.
 */
bool evi_headers_has_token(const struct evkeyvalq *headers, const char *key,
    const char *token);

#endif
