/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Elements of header lists.  Each thread keeps some freed ones for the next
 * request: its headers nearly always have the lengths of the last one's, and
 * allocating three blocks for each header would be most of a request's cost.
 */
#ifndef EVI_HTTP_ELEMENT_H
#define EVI_HTTP_ELEMENT_H

#include "public.h"
#include "support/queue.h"

#include <stddef.h>

/* The longest head whose list evi_element_release_list() takes, in bytes. */
#define EVI_SHORT_HEAD 4096

/*
 * Makes an element, on no list, with copies of these bytes.  The element, its
 * key and its value are a block of malloc(3) each.  Returns NULL without
 * memory.
 */
struct evkeyval *evi_element_new(const char *key, size_t key_len,
    const char *value, size_t value_len);

/*
 * Releases an element that is on no list: keeps or frees it.  A program may
 * have made it; its blocks must come from malloc(3), and a string may be NULL.
 */
void evi_element_release(struct evkeyval *kv);

/*
 * Releases all elements of a list, without checking the lengths of their
 * strings.  The list must be that of a head of EVI_SHORT_HEAD bytes or less; a
 * longer string that a program has added is kept until the next request.
 */
void evi_element_release_list(struct evkeyvalq *list);

/* Frees the elements that this thread keeps.  For tests that count memory. */
void evi_element_free_spares(void);

#endif
