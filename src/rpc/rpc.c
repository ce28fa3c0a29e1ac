/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The path of a call: the one thing that server and pool must have in common.
 */
#include "rpc.h"

#include <stdlib.h>
#include <string.h>

char *
evi_rpc_path(const char *name)
{
	static const char prefix[] = "/.rpc.";
	size_t len = strlen(name);
	char *path = malloc(sizeof prefix + len);

	if (path == NULL)
		return NULL;
	memcpy(path, prefix, sizeof prefix - 1);
	memcpy(path + sizeof prefix - 1, name, len + 1);
	return path;
}
