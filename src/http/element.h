/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Elements of lists of headers, some of which each thread keeps for the next
 * request: its headers have the same lengths as the last one's nearly always,
 * and three blocks for each of them would be most of what a request costs.
 */
#ifndef EVI_HTTP_ELEMENT_H
#define EVI_HTTP_ELEMENT_H

#include "public.h"
#include "support/queue.h"

#include <stddef.h>

/*
 * An element of copies of these bytes, on no list.  It, its key and its value
 * are a block each that free(3) may end.  Returns NULL without memory.
 */
struct evkeyval *evi_element_take(const char *key, size_t key_len,
    const char *value, size_t value_len);

/*
 * Takes an element that is on no list any more, to keep or to free it.  Whoever
 * made it, its blocks have to be such as free(3) ends; NULL strings will do.
 */
void evi_element_give(struct evkeyval *kv);

/*
 * Takes all the elements of a list, without a look at their strings.  So it is
 * for a list that is known to have come in EVI_SHORT_HEAD bytes or less; what a
 * program puts there is kept until the next request, however long.
 */
void evi_element_give_list(struct evkeyvalq *list);
#define EVI_SHORT_HEAD 4096

/* Frees the elements that this thread keeps. */
void evi_element_free_spares(void);

#endif
