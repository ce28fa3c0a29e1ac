/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The function of bufferevents that <event.h> does not declare.  libevent 1.4
 * exports its name, and programs declare and use it.
 */
#ifndef EVI_BUFFEREVENT_H
#define EVI_BUFFEREVENT_H

#include "public.h"

#pragma GCC visibility push(default)

/*
 * A callback for evbuffer_setcb() of a bufferevent's input; bev is the
 * bufferevent.  When the input is shorter than the high mark, it resumes
 * reading and removes itself from the input.
 */
void bufferevent_read_pressure_cb(struct evbuffer *input, size_t old,
    size_t now, void *bev);

#pragma GCC visibility pop

#endif
