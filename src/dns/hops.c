/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Goes through a path name by name, as the kernel does: see
 * path_resolution(7).
 */
#include "hops.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as in the kernel */

struct walk {
	char at[PATH_MAX];   /* a directory, no links in it; "" is the root */
	char rest[PATH_MAX]; /* to go from there */
	char name[NAME_MAX + 1];
	int links; /* followed */
};

/* Takes the next name from the rest. */
static bool
next_name(struct walk *w)
{
	const char *name = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(name, "/");

	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(w->name, name, len);
	w->name[len] = '\0';
	memmove(w->rest, name + len, strlen(name + len) + 1);
	return true;
}

static void
go_up(struct walk *w)
{
	char *slash = strrchr(w->at, '/');

	if (slash != NULL)
		*slash = '\0';
}

/* Puts the target of a link before the rest. */
static bool
follow(struct walk *w, const char *target)
{
	char rest[PATH_MAX];
	int n = snprintf(rest, sizeof(rest), "%s%s", target, w->rest);

	if (++w->links > LINKS_MAX || n < 0 || (size_t)n >= sizeof(rest))
		return false;
	memcpy(w->rest, rest, (size_t)n + 1);
	if (*target == '/')
		*w->at = '\0';
	return true;
}

/* Goes to the name, or where it leads. */
static bool
enter(struct walk *w)
{
	char path[PATH_MAX], target[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s", w->at, w->name);
	ssize_t n;

	if (len < 0 || (size_t)len >= sizeof(path))
		return false;
	n = readlink(path, target, sizeof(target) - 1);
	if (n >= 0) {
		target[n] = '\0';
		return follow(w, target);
	}
	if (errno != EINVAL) /* which says that it is no link */
		return false;
	memcpy(w->at, path, (size_t)len + 1);
	return true;
}

int
evi_hops_walk(const char *path,
    int (*visit)(void *arg, const char *directory, const char *name), void *arg)
{
	struct walk w = {.links = 0};

	if (strlen(path) >= sizeof(w.rest))
		return 0;
	strcpy(w.rest, path);
	while (next_name(&w)) {
		if (strcmp(w.name, ".") == 0)
			continue;
		if (strcmp(w.name, "..") == 0) {
			go_up(&w);
			continue;
		}
		if (visit(arg, *w.at != '\0' ? w.at : "/", w.name) == -1)
			return -1;
		if (!enter(&w))
			return 0;
	}
	return *w.at != '\0' ? visit(arg, w.at, NULL) : 0;
}
