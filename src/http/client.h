/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client's connections, beside <evhttp.h>.
 */
#ifndef EVI_HTTP_CLIENT_H
#define EVI_HTTP_CLIENT_H

#include "headers.h"

#pragma GCC visibility push(default)

/*
 * 1.4 exports this, and programs declare and call it.  The first request fails:
 * its callback gets NULL, the connection closes, and the other requests
 * continue over a new one.  error is 0 for a timeout, 1 if the server has
 * closed, 2 for a message that is not HTTP; any other number counts as 1.  A
 * server's connection is freed.
 */
void evhttp_connection_fail(struct evhttp_connection *evcon, int error);

#pragma GCC visibility pop

#endif
