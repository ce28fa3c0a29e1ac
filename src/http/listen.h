/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets that a server accepts from.
 */
#ifndef EVI_HTTP_LISTEN_H
#define EVI_HTTP_LISTEN_H

#include "http.h"

/* Closes a socket that is accepted from, and frees it. */
void evi_listen_free(struct evhttp_bound_socket *bound);

#endif
