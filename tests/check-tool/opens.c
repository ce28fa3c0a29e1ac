/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that loads a libevent with dlopen(3); with NEEDS it is also linked
 * with one.
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
