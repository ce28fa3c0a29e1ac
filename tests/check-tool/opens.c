/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that loads a libevent itself; with NEEDS, and that is linked with
 * it, too.
 */
#include <dlfcn.h>
#include <stddef.h>

#ifdef NEEDS
void *event_init(void);
#else
static void *
event_init(void)
{
	return NULL;
}
#endif

int
main(void)
{
	event_init();
	return dlopen("libevent-1.4.so.2", RTLD_NOW) == NULL;
}
