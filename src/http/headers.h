/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Header lists, beside <evhttp.h>: functions that append bytes that a parser
 * has checked, and that find the elements of a header's value.
 *
 * An element, its key and its value are a block of malloc(3) each, as programs
 * build and change such lists directly.
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
 * Appends a header with copies of these bytes, which are not checked; they must
 * not have a NUL.  Returns 0; -1 without memory, and the list is as before.
 */
int evi_headers_append(struct evkeyvalq *headers, const char *key,
    size_t key_len, const char *value, size_t value_len);

/*
 * Appends text, a folded line, to the value of the last header.  Returns 0; -1
 * if the list is empty or without memory, and the list is as before.  Takes
 * time in proportion to the length of the whole value.
 */
int evi_headers_fold(struct evkeyvalq *headers, const char *text, size_t len);

/* Removes every header called key. */
void evi_headers_remove_all(struct evkeyvalq *headers, const char *key);

/*
 * Whether token is an element of list, the value of one header.  Commas
 * separate the elements (RFC 9110 5.6.1); case, and blanks and tabs around an
 * element, are ignored.  For lists of tokens only: a comma inside a quoted
 * string separates elements, too.
 */
bool evi_headers_value_has(const char *list, const char *token);

/*
 * Whether token is an element of the value of any header called key, by
 * evi_headers_value_has(): all of these make up one list (RFC 9110 5.3).
 */
bool evi_headers_has_token(const struct evkeyvalq *headers, const char *key,
    const char *token);

#endif
