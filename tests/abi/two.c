/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program for two.sh.  "two" makes a base.  "two FILE" sets a log function,
 * loads the shared library FILE, makes a base, and prints what the log function
 * got.
 */
#include <dlfcn.h>
#include <stdio.h>

#include <event.h>

static void
log_cb(int severity, const char *msg)
{
	printf("%d %s\n", severity, msg);
}

int
main(int argc, char **argv)
{
	if (argc > 1) {
		event_set_log_callback(log_cb);
		if (dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) == NULL) {
			fprintf(stderr, "%s\n", dlerror());
			return 1;
		}
	}
	event_init();
	return 0;
}
