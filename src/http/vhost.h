/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual hosts: servers for several hosts.
 */
#ifndef EVI_HTTP_VHOST_H
#define EVI_HTTP_VHOST_H

#include "http.h"

/* Initializes the hosts of a server: none. */
void evi_vhost_init(struct virtual_hosts *hosts);

/* Finds the server for a request's host: http, or a virtual host below it. */
struct evhttp *evi_vhost_find(struct evhttp *http, struct evhttp_request *req);

/* Frees all aliases of a server. */
void evi_vhost_clear_aliases(struct evhttp *http);

#endif
