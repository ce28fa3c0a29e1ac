/* SPDX-License-Identifier: BSD-3-Clause */
/* A program that prints how it was started, and on which libevent. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

#include <event.h>

int
main(int argc, char **argv)
{
	const char *path = getenv("LD_LIBRARY_PATH");
	Dl_info info = {0};

	event_init();
	dladdr(dlsym(RTLD_DEFAULT, "event_init"), &info);
	printf("version %s\n", event_get_version());
	printf("library %s\n", info.dli_fname != NULL ? info.dli_fname : "?");
	printf("path %s\n", path != NULL ? path : "");
	printf("pid %ld\n", (long)getpid());
	printf("arguments ");
	for (int i = 1; i < argc; i++)
		printf("<%s>", argv[i]);
	printf("\n");
	return argc == 3 && strcmp(argv[1], "status") == 0 ? atoi(argv[2]) : 0;
}
