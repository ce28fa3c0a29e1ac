/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions for tagged data that <event.h> does not declare.  libevent 1.4
 * exports their names, and programs declare and call them.
 */
#ifndef EVI_EVTAG_H
#define EVI_EVTAG_H

#include "public.h"

#pragma GCC visibility push(default)

/*
 * Removes a number, as encode_int() appends it, from the start of buf.  Returns
 * 0; -1 if there is no number or only a part of one, and buf is not changed.
 */
int evtag_decode_int(ev_uint32_t *number, struct evbuffer *buf);

/*
 * Appends a tag.  Returns its length in bytes; -1 without memory, and buf is
 * not changed.
 */
int evtag_encode_tag(struct evbuffer *buf, ev_uint32_t tag);

/*
 * Removes a tag from the start of buf; tag may be NULL.  Returns its length in
 * bytes; -1 if there is no complete tag, and buf is not changed.
 */
int evtag_decode_tag(ev_uint32_t *tag, struct evbuffer *buf);

#pragma GCC visibility pop

#endif
