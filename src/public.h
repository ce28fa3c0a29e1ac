/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The public headers as the files that implement them see them: what these
 * headers declare is exported, everything else in the library is hidden.
 * <sys/queue.h> comes first, so that the queue heads are declared as well.
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
