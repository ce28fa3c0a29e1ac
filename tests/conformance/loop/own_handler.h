/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A signal handler of the program's own, and whether it is there.
 */
#ifndef CONFORMANCE_OWN_HANDLER_H
#define CONFORMANCE_OWN_HANDLER_H

#include <signal.h>
#include <string.h>

extern volatile sig_atomic_t own_calls;

void own_handler(int sig);

void set_own_handler(int sig);

/* The kernel's own flag, which glibc shows but does not name. */
#define RESTORER 0x04000000

void check_own_handler(int sig);

#endif
