/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls that kvd answers and kv makes.
 */
#ifndef EXAMPLES_KV_H
#define EXAMPLES_KV_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>
#include <evhttp.h>
#include <evrpc.h>

#include "kv.gen.h"

EVRPC_HEADER(Put, entry, version)
EVRPC_HEADER(Get, key, found)
EVRPC_HEADER(List, key, listing)
EVRPC_HEADER(Await, key, found)

#endif
