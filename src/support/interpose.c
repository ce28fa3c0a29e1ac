/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The check for libev's emulation in front of us.  The program's event_init()
 * is then libev's, not ours, so this runs where we are reached for certain:
 * when the library is loaded, and again when the program gives us its log
 * callback or makes a base through us.
 */
#include "interpose.h"

#include <dlfcn.h>
#include <stddef.h>

#include "log.h"

/* The start of the object in memory that defines the symbol, or NULL. */
static const void *
object_of(const char *symbol)
{
	void *addr = dlsym(RTLD_DEFAULT, symbol);
	Dl_info info;

	if (addr == NULL || dladdr(addr, &info) == 0)
		return NULL;
	return info.dli_fbase;
}

/*
 * A program that is linked statically has everything in one object, and the
 * linker has already refused what would be wrong there: only a difference
 * between our object and the one that the program's calls reach counts.
 */
static int
is_behind_libev(void)
{
	const void *theirs = object_of("event_add");
	Dl_info info;

	if (theirs == NULL || theirs != object_of("ev_loop_new"))
		return 0;
	return dladdr((const void *)&is_behind_libev, &info) != 0 &&
	       info.dli_fbase != theirs;
}

void
evi_interpose_warn(void)
{
	if (is_behind_libev())
		event_warnx("this program calls libev's emulation of libevent, "
			    "whose struct event is another one, instead of "
			    "libevcompat: put -levcompat before -lev on its "
			    "link line");
}

__attribute__((constructor)) static void
warn_at_load(void)
{
	evi_interpose_warn();
}
