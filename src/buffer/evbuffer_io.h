/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between buffers and descriptors, what <event.h> leaves out.
 */
#ifndef EVI_EVBUFFER_IO_H
#define EVI_EVBUFFER_IO_H

#include "evbuffer.h"

/* How much evbuffer_read() takes when its caller sets no limit. */
size_t evi_evbuffer_io_default(const struct evbuffer *buf);

#endif
