/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Servers for several hosts.
 */
#ifndef EVI_HTTP_VHOST_H
#define EVI_HTTP_VHOST_H

#include "http.h"

/* Finds the server for a request's host: http, or a virtual one of it. */
struct evhttp *evi_vhost_find(struct evhttp *http, struct evhttp_request *req);

/* Frees all other names of a server. */
void evi_vhost_clear_aliases(struct evhttp *http);

#endif
