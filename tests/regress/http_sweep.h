/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Has each allocation on the way of something fail, one after the other.
 */
#ifndef REGRESS_HTTP_SWEEP_H
#define REGRESS_HTTP_SWEEP_H

#include "http/element.h"

#include "test.h"
#include "wrap.h"

void quiet_cb(int severity, const char *msg);

/*
 * Calls func with arg and each number of an allocation, and whether all from
 * there are to fail, until it returns false: none has failed.  The second time
 * each way nothing more may be left than the first time.
 */
void each_fails(bool (*func)(const void *, long, bool), const void *arg);

#endif
