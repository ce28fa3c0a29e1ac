/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libevent 1.4 exports but no header of its declares: found by name, as
 * other implementations may lack it.
 */
#ifndef HELPERS_SYMBOL_H
#define HELPERS_SYMBOL_H

#include <dlfcn.h>

/* The address of the named function or variable; fails the test if none. */
void *symbol(const char *name);

#endif
