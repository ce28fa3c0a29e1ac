/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Callbacks by path.
 */
#ifndef EVI_HTTP_DISPATCH_H
#define EVI_HTTP_DISPATCH_H

#include "http.h"

/* Calls the program's callback for a request, or answers 404. */
void evi_dispatch_request(struct evhttp *http, struct http_request *req);

/* Frees all callbacks of a server. */
void evi_dispatch_clear(struct evhttp *http);

#endif
