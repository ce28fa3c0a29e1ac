/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server's listening sockets.
 */
#ifndef EVI_HTTP_LISTEN_H
#define EVI_HTTP_LISTEN_H

#include "http.h"

/* Closes a listening socket, and frees it. */
void evi_listen_free(struct evhttp_bound_socket *bound);

#endif
