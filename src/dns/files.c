/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Watches files by inotify(7): the file itself, since it may be written through
 * another name or a mount, and each directory on the way to it, since any of
 * them may get another entry of the name that leads on.  After a change that
 * concerns us the way is gone again.
 *
 * A file that is being replaced may be missing, empty or half written for a
 * moment.  So whoever watches is called at once where a writer has closed it,
 * or a new one has been moved to its place, and a little later where something
 * else has happened.
 */
#include "files.h"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hops.h"
#include "support/fork.h"

#define DIRECTORY_EVENTS                                                       \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB |     \
	    IN_DELETE_SELF | IN_MOVE_SELF)
#define FILE_EVENTS                                                            \
	(IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
#define COMPLETE (IN_CLOSE_WRITE | IN_MOVED_TO)
#define SETTLE_MS 100
#define READS_MAX 16 /* in one go */
/*
 * All inotify descriptors look alike to fstat(2), so ours is marked with the
 * signal it would send if it were to send any.
 */
#define MARK SIGURG

/* A name in a directory, or, if NULL, the file itself. */
struct place {
	int wd;
	char *name;
};

struct places {
	struct place *at;
	size_t n;
};

struct evi_files {
	int fd; /* -1: there is none any more */
	dev_t dev;
	ino_t ino;
	unsigned int generation; /* of evi_fork_generation */
	struct event readable, settle;
	struct event_base *base;
	void (*changed)(void *arg);
	void *arg;
	char **paths; /* absolute */
	size_t npaths;
	struct places places;
	bool is_lost; /* the places may be wrong: whatever happens counts */
};

struct evi_file_names evi_file_names = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
};

/* --- places --- */

/* Drops those behind the first n. */
static void
cut(struct places *p, size_t n)
{
	while (p->n > n)
		free(p->at[--p->n].name);
	if (n == 0) {
		free(p->at);
		p->at = NULL;
	}
}

static bool
has_wd(const struct places *p, int wd)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].wd == wd)
			return true;
	return false;
}

/* What is being looked for where. */
struct search {
	int fd;
	struct places *places;
};

/* Whether the error is about the path; otherwise it is about us. */
static bool
is_of_path(int error)
{
	return error == EACCES || error == ELOOP || error == ENAMETOOLONG ||
	       error == ENOENT || error == ENOTDIR;
}

/* What cannot be looked into is passed over. */
static int
watch_place(void *arg, const char *directory, const char *name)
{
	struct search *s = arg;
	struct places *p = s->places;
	struct place *at = realloc(p->at, (p->n + 1) * sizeof(*at));
	uint32_t events = name != NULL ? DIRECTORY_EVENTS : FILE_EVENTS;
	char *copy = NULL;
	int wd;

	if (at == NULL)
		return -1;
	p->at = at;
	if (name != NULL && (copy = strdup(name)) == NULL)
		return -1;
	wd = inotify_add_watch(s->fd, directory, events | IN_MASK_ADD);
	if (wd == -1) {
		free(copy);
		return is_of_path(errno) ? 0 : -1;
	}
	at[p->n++] = (struct place){wd, copy};
	return 0;
}

/* Adds the places of one path.  0, or -1 and there are no more than before. */
static int
add_path(int fd, struct places *p, const char *path)
{
	struct search s = {fd, p};
	size_t n = p->n;
	int saved;

	if (evi_hops_walk(path, watch_place, &s) == 0)
		return 0;
	saved = errno;
	cut(p, n);
	errno = saved;
	return -1;
}

/* Finds all places anew.  If that fails, those that were known stay. */
static void
find_places(struct evi_files *f)
{
	struct places fresh = {NULL, 0};

	f->is_lost = false;
	for (size_t i = 0; i < f->npaths; i++)
		if (add_path(f->fd, &fresh, f->paths[i]) == -1) {
			cut(&fresh, 0);
			f->is_lost = true;
			return;
		}
	for (size_t i = 0; i < f->places.n; i++)
		if (!has_wd(&fresh, f->places.at[i].wd))
			inotify_rm_watch(f->fd, f->places.at[i].wd);
	cut(&f->places, 0);
	f->places = fresh;
}

/* --- what the kernel tells --- */

/* Without a name it is about the directory, or the file, itself. */
static bool
concerns_us(const struct evi_files *f, const struct inotify_event *event)
{
	const struct place *p = f->places.at;

	if (f->is_lost || (event->mask & IN_Q_OVERFLOW))
		return true;
	for (size_t i = 0; i < f->places.n; i++, p++)
		if (p->wd == event->wd &&
		    (event->len == 0 ||
			(p->name != NULL && strcmp(p->name, event->name) == 0)))
			return true;
	return false;
}

/* Which of the IN_* events there were that concern us. */
static uint32_t
sum_up(const struct evi_files *f, const char *events, size_t len)
{
	const struct inotify_event *event;
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += sizeof(*event) + event->len) {
		event = (const void *)(events + i);
		if (concerns_us(f, event))
			sum |= event->mask;
	}
	return sum;
}

static uint32_t
read_events(const struct evi_files *f)
{
	_Alignas(struct inotify_event) char events[4096];
	uint32_t sum = 0;
	ssize_t n;

	for (int i = 0; i < READS_MAX; i++) {
		n = read(f->fd, events, sizeof(events));
		if (n > 0)
			sum |= sum_up(f, events, (size_t)n);
		else if (n == 0 || errno != EINTR)
			break;
	}
	return sum;
}

/* Whether the descriptor is still the one we opened. */
bool
evi_files_are_followed(const struct evi_files *f)
{
	struct stat st;

	return f->fd != -1 && fcntl(f->fd, F_GETSIG) == MARK &&
	       fstat(f->fd, &st) == 0 && st.st_dev == f->dev &&
	       st.st_ino == f->ino;
}

/* --- callbacks --- */

/* The last thing that is done: it may be freed in there. */
static void
tell(struct evi_files *f)
{
	evtimer_del(&f->settle);
	f->changed(f->arg);
}

static void
settle_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell(arg);
}

static int start(struct evi_files *f);

/* Somebody closed our descriptor, and what it was to tell is lost. */
static void
start_over(struct evi_files *f)
{
	event_del(&f->readable);
	cut(&f->places, 0);
	if (start(f) == 0)
		find_places(f);
	tell(f);
}

static void
readable_cb(int fd, short what, void *arg)
{
	struct timeval tv = {0, SETTLE_MS * 1000};
	struct evi_files *f = arg;
	uint32_t events;

	(void)fd;
	(void)what;
	/* What a parent is told of is not for a child to read. */
	if (f->generation != atomic_load(&evi_fork_generation)) {
		tell(f);
		return;
	}
	if (!evi_files_are_followed(f)) {
		start_over(f);
		return;
	}
	events = read_events(f);
	if (events == 0)
		return;
	find_places(f);
	if ((events & COMPLETE) || (!evtimer_pending(&f->settle, NULL) &&
				       evtimer_add(&f->settle, &tv) == -1))
		tell(f);
}

/* --- life --- */

/* Opens the descriptor and waits for events.  0, or -1 and there is none. */
static int
start(struct evi_files *f)
{
	struct stat st;
	int saved;

	f->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (f->fd == -1)
		return -1;
	event_set(&f->readable, f->fd, EV_READ | EV_PERSIST, readable_cb, f);
	event_base_set(f->base, &f->readable);
	if (fcntl(f->fd, F_SETSIG, MARK) == -1 || fstat(f->fd, &st) == -1 ||
	    event_add(&f->readable, NULL) == -1) {
		saved = errno;
		close(f->fd);
		f->fd = -1;
		errno = saved;
		return -1;
	}
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	return 0;
}

struct evi_files *
evi_files_new(struct event_base *base, void (*changed)(void *arg), void *arg)
{
	struct evi_files *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->base = base;
	f->generation = atomic_load(&evi_fork_generation);
	f->changed = changed;
	f->arg = arg;
	evtimer_set(&f->settle, settle_cb, f);
	event_base_set(base, &f->settle);
	if (start(f) == -1) {
		free(f);
		return NULL;
	}
	return f;
}

/* The program may go to another directory. */
char *
evi_files_absolute(const char *path)
{
	char here[PATH_MAX], *absolute;
	size_t size;

	*here = '\0';
	if (*path != '/' && getcwd(here, sizeof(here)) == NULL)
		return NULL;
	size = strlen(here) + strlen(path) + 2;
	absolute = malloc(size);
	if (absolute != NULL)
		snprintf(absolute, size, "%s/%s", here, path);
	return absolute;
}

/* Takes path, which is absolute, if there is no error. */
static int
add(struct evi_files *f, char *path)
{
	char **paths = realloc(f->paths, (f->npaths + 1) * sizeof(*paths));

	if (paths == NULL)
		return -1;
	f->paths = paths;
	if (add_path(f->fd, &f->places, path) == -1)
		return -1;
	paths[f->npaths++] = path;
	return 0;
}

int
evi_files_watch(struct evi_files *f, const char *path)
{
	char *absolute;
	int saved;

	if (!evi_files_are_followed(f)) {
		errno = EBADF;
		return -1;
	}
	absolute = evi_files_absolute(path);
	if (absolute == NULL)
		return -1;
	for (size_t i = 0; i < f->npaths; i++)
		if (strcmp(f->paths[i], absolute) == 0) {
			free(absolute);
			return 0;
		}
	if (add(f, absolute) == 0)
		return 0;
	saved = errno;
	free(absolute);
	errno = saved;
	return -1;
}

void
evi_files_free(struct evi_files *f)
{
	if (f == NULL)
		return;
	if (f->fd != -1)
		event_del(&f->readable);
	evtimer_del(&f->settle);
	if (evi_files_are_followed(f))
		close(f->fd);
	cut(&f->places, 0);
	while (f->npaths > 0)
		free(f->paths[--f->npaths]);
	free(f->paths);
	free(f);
}
