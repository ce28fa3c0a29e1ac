/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tagged data, what <event.h> leaves out: libevent 1.4 exports these names, and
 * programs declare and call them, so they keep 1.4's spelling and prototypes.
 */
#ifndef EVI_EVTAG_H
#define EVI_EVTAG_H

#include "public.h"

#pragma GCC visibility push(default)

/*
 * Takes a number, as encode_int() appends it, off the front.  Returns 0; -1
 * where there is none, or only a part of one, and buf is as before.
 */
int evtag_decode_int(ev_uint32_t *number, struct evbuffer *buf);

/*
 * Append a tag, and take one off the front; tag may be NULL there.  Return the
 * number of bytes that it takes; -1 and buf is as before.
 */
int evtag_encode_tag(struct evbuffer *buf, ev_uint32_t tag);
int evtag_decode_tag(ev_uint32_t *tag, struct evbuffer *buf);

#pragma GCC visibility pop

#endif
