/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites of evrpc share: the beginning of a hook, with the parameters
 * of the libevent that it is built with.
 */
#ifndef HELPERS_RPC_H
#define HELPERS_RPC_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parcel.h"

/* libevent 2.x gives hooks one argument more, the first. */
#ifdef EVENT__NUMERIC_VERSION
#define HOOK(name)                                                             \
	static int name(void *unused __attribute__((unused)),                  \
	    struct evhttp_request *req __attribute__((unused)),                \
	    struct evbuffer *payload __attribute__((unused)),                  \
	    void *arg __attribute__((unused)))
#else
#define HOOK(name)                                                             \
	static int name(struct evhttp_request *req __attribute__((unused)),    \
	    struct evbuffer *payload __attribute__((unused)),                  \
	    void *arg __attribute__((unused)))
#endif

#define DE_AD "\336\255"

#endif
