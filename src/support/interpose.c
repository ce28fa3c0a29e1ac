/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The check for other libevents.  The program's event_init() is then perhaps
 * not ours, so this runs where we are reached for certain: when the library is
 * loaded, and again when the program gives us its log callback or makes a base
 * through us, if something was loaded since.
 */
#include "interpose.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "log.h"

/* An object in memory: the program, or a shared library. */
struct object {
	const void *start; /* NULL: none */
	const char *file;
};

static struct object
object_at(const void *addr)
{
	Dl_info info;

	if (addr == NULL || dladdr(addr, &info) == 0)
		return (struct object){NULL, NULL};
	return (struct object){info.dli_fbase, info.dli_fname};
}

/* The object that a program's call of the function reaches. */
static struct object
object_of(const char *function)
{
	return object_at(dlsym(RTLD_DEFAULT, function));
}

static struct object
ourselves(void)
{
	return object_at((const void *)&ourselves);
}

/*
 * Whose functions stand in front, if not ours.  A program that is linked
 * statically has everything in one object, and the linker has already refused
 * what would be wrong there.  A program that takes the address of a function
 * may have an entry of its own for it, so two are looked at.
 */
static struct object
in_front(void)
{
	struct object theirs = object_of("event_add");

	if (theirs.start != ourselves().start &&
	    theirs.start == object_of("event_get_method").start)
		return theirs;
	return (struct object){NULL, NULL};
}

static void
warn_of_front(struct object front)
{
	if (front.start == NULL)
		return;
	if (front.start == object_of("ev_loop_new").start)
		event_warnx("this program calls libev's emulation of libevent, "
			    "whose struct event is another one, instead of "
			    "libevcompat: put -levcompat before -lev on its "
			    "link line");
	else
		event_warnx("this program calls the libevent in %s instead of "
			    "libevcompat in %s: there can be one libevent in a "
			    "process",
		    front.file, ourselves().file);
}

/* Whether the file's name is that of a libevent, whatever its version. */
static bool
is_libevent(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;

	return strncmp(name, "libevent", 8) == 0 && strstr(name, ".so") != NULL;
}

/* Another libevent that is loaded, behind us: what uses it may reach us. */
static int
warn_of_other(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct object front = *(struct object *)arg;
	struct object it = {NULL, info->dlpi_name};

	(void)size;
	for (int i = 0; i < info->dlpi_phnum && it.start == NULL; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			it = object_at(
			    (const void *)(info->dlpi_addr +
					   info->dlpi_phdr[i].p_vaddr));
	if (!is_libevent(info->dlpi_name) || it.start == front.start ||
	    it.start == ourselves().start)
		return 0;
	event_warnx("another libevent, %s, is loaded beside libevcompat in %s: "
		    "calls that mean the one may reach the other; there can be "
		    "one libevent in a process",
	    info->dlpi_name, ourselves().file);
	return 1;
}

static void
warn(void)
{
	struct object front = in_front();

	warn_of_front(front);
	dl_iterate_phdr(warn_of_other, &front);
}

/* How many objects have been loaded so far. */
static int
count_loaded(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	*(unsigned long long *)arg = info->dlpi_adds;
	return 1;
}

void
evi_interpose_warn(bool again)
{
	static atomic_ullong known;
	unsigned long long n = 0;

	dl_iterate_phdr(count_loaded, &n);
	if (atomic_exchange(&known, n) != n || again)
		warn();
}

/* The program's log may show what standard error does not. */
static void
log_is_set_cb(void)
{
	evi_interpose_warn(true);
}

__attribute__((constructor)) static void
warn_at_load(void)
{
	evi_log_listen(log_is_set_cb);
	evi_interpose_warn(true);
}
