/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client's connections, what <evhttp.h> leaves out.
 */
#ifndef EVI_HTTP_CLIENT_H
#define EVI_HTTP_CLIENT_H

#include "headers.h"

#pragma GCC visibility push(default)

/*
 * 1.4 exports this, and programs declare and call it.  The first request fails:
 * its callback gets NULL, the connection is closed, the other requests go on.
 * error is 0 for a timeout, 1 for the other side having closed, 2 for a message
 * that is not HTTP.
 */
void evhttp_connection_fail(struct evhttp_connection *evcon, int error);

#pragma GCC visibility pop

#endif
