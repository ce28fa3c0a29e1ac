/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The check for other libevents.  If there is one, the program's event_init()
 * may not be this library's.  So the check runs when the library is loaded.  It
 * runs again when the program sets a log callback, and when it makes a base
 * after something was loaded.
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
	const void *start; /* NULL: there is no such object */
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

/* The object in which the dynamic linker finds the function. */
static struct object
object_with(const char *function)
{
	return object_at(dlsym(RTLD_DEFAULT, function));
}

static struct object
this_library(void)
{
	return object_at((const void *)&this_library);
}

/*
 * The other object whose event_*() functions the program calls instead of this
 * library's, if there is one.  If the program takes the address of a function,
 * dlsym(3) may find that one function in the program itself; so an object
 * counts only if it has two functions.
 */
static struct object
find_interposer(void)
{
	struct object theirs = object_with("event_add");

	if (theirs.start != this_library().start &&
	    theirs.start == object_with("event_get_method").start)
		return theirs;
	return (struct object){NULL, NULL};
}

static void
warn_of_interposer(struct object interposer)
{
	if (interposer.start == NULL)
		return;
	if (interposer.start == object_with("ev_loop_new").start)
		event_warnx("this program calls libev's emulation of libevent, "
			    "whose struct event is another one, instead of "
			    "libevcompat: put -levcompat before -lev on its "
			    "link line");
	else
		event_warnx("this program calls the libevent in %s instead of "
			    "libevcompat in %s: there can be one libevent in a "
			    "process",
		    interposer.file, this_library().file);
}

/* Whether the file's name is that of a libevent, whatever its version. */
static bool
is_libevent(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;

	return strncmp(name, "libevent", 8) == 0 && strstr(name, ".so") != NULL;
}

/*
 * Warns if the object is another libevent that was loaded later: code that was
 * linked with it may call this library instead.  arg is the interposer, which
 * has a warning of its own.
 */
static int
warn_of_other_cb(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct object interposer = *(struct object *)arg;
	struct object object = {NULL, info->dlpi_name};

	(void)size;
	for (int i = 0; i < info->dlpi_phnum && object.start == NULL; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			object = object_at(
			    (const void *)(info->dlpi_addr +
					   info->dlpi_phdr[i].p_vaddr));
	if (!is_libevent(info->dlpi_name) || object.start == interposer.start ||
	    object.start == this_library().start)
		return 0;
	event_warnx("another libevent, %s, is loaded beside libevcompat in %s: "
		    "calls that mean the one may reach the other; there can be "
		    "one libevent in a process",
	    info->dlpi_name, this_library().file);
	return 1;
}

static void
check(void)
{
	struct object interposer = find_interposer();

	warn_of_interposer(interposer);
	dl_iterate_phdr(warn_of_other_cb, &interposer);
}

/* Stores how many objects have been loaded in the process so far. */
static int
count_loaded_cb(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	*(unsigned long long *)arg = info->dlpi_adds;
	return 1;
}

/* Calls check() if an object was loaded since the last call, or if `always`. */
static void
check_loaded(bool always)
{
	static atomic_ullong last; /* objects at the last call */
	unsigned long long n = 0;

	dl_iterate_phdr(count_loaded_cb, &n);
	if (atomic_exchange(&last, n) != n || always)
		check();
}

void
evi_interpose_check(void)
{
	check_loaded(false);
}

/*
 * The warnings at load were written to standard error, which may be closed. The
 * program's log callback gets them again.
 */
static void
log_is_set_cb(void)
{
	check_loaded(true);
}

__attribute__((constructor)) static void
check_at_load(void)
{
	evi_log_listen(log_is_set_cb);
	check_loaded(true);
}
