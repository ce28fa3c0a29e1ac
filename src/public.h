/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The public headers, for the files that implement them.  What they declare is
 * exported; everything else in the library is hidden.  <sys/queue.h> comes
 * first, so that <event.h> declares the heads of its queues as well.
 */
#ifndef EVI_PUBLIC_H
#define EVI_PUBLIC_H

#include "support/queue.h"

#pragma GCC visibility push(default)
#include <event.h>
#include <evdns.h>
#include <evutil.h>
#include <evcompat.h>
#pragma GCC visibility pop

#endif
