/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading from descriptors, for bufferevent.c. */
#ifndef EVI_EVBUFFER_IO_H
#define EVI_EVBUFFER_IO_H

#include "evbuffer.h"

/* How many bytes evbuffer_read() reads at most if its caller sets no limit. */
size_t evi_evbuffer_io_default_limit(const struct evbuffer *buf);

#endif
