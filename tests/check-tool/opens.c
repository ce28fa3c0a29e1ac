/* SPDX-License-Identifier: BSD-3-Clause */
/* A program that loads a libevent itself. */
#include <dlfcn.h>
#include <stddef.h>

int
main(void)
{
	return dlopen("libevent-1.4.so.2", RTLD_NOW) == NULL;
}
