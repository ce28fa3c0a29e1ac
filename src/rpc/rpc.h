/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shared by the files of evrpc: the public headers, and the path of a call.
 * evrpc uses <event.h> and <evhttp.h> as any program does.
 */
#ifndef EVI_RPC_RPC_H
#define EVI_RPC_RPC_H

#define EVCOMPAT_HTTP
#define EVCOMPAT_RPC

#include "public.h"

#pragma GCC visibility push(default)
#include <evhttp.h>
#include <evrpc.h>
#pragma GCC visibility pop

/* The path of the POST requests for calls of that name.  From malloc(3); NULL
 * without memory. */
char *evi_rpc_path(const char *name);

#endif
