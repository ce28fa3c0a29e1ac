/* SPDX-License-Identifier: BSD-3-Clause */
/* Has each allocation that an operation makes fail, one after the other. */
#ifndef REGRESS_HTTP_SWEEP_H
#define REGRESS_HTTP_SWEEP_H

#include "http/element.h"

#include "test.h"
#include "wrap.h"

void quiet_cb(int severity, const char *msg);

/*
 * Calls func(arg, nth, all) with nth = 1, 2, ... until it returns false.  func
 * has the nth allocation fail, or all from the nth on if `all` is true, and
 * returns whether any failed.  That is done twice each way; the second time no
 * more bytes may stay allocated than after the first.
 */
void each_fails(bool (*func)(const void *, long, bool), const void *arg);

#endif
