/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buffered connections, what <event.h> leaves out: libevent 1.4 exports this
 * name, and programs declare and use it, so it keeps 1.4's spelling.
 */
#ifndef EVI_BUFFEREVENT_H
#define EVI_BUFFEREVENT_H

#include "public.h"

#pragma GCC visibility push(default)

/*
 * For evbuffer_setcb() of a bufferevent's input, with the bufferevent for its
 * argument: reads on once the input holds less than the high mark, and takes
 * itself away then.
 */
void bufferevent_read_pressure_cb(struct evbuffer *input, size_t old,
    size_t now, void *bev);

#pragma GCC visibility pop

#endif
