/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The back-end of a libev loop: which system call waits, and the epoll set,
 * which only epoll(7) has.  struct watch embeds struct backend.
 *
 * A base chooses among epoll, poll and select for a loop of its own.  Such a
 * back-end must promise:
 *
 *  1. It reports a descriptor in each pass as long as that is ready, not only
 *     when it becomes ready: events are reported again in the next pass.
 *  2. It learns of changes inside ev_run() alone, so that io.c can check each
 *     descriptor right before.
 *  3. A descriptor that is closed while it is watched does not end the process.
 *     Either the kernel forgets it, or libev only stops its watcher; or the
 *     table says needs_open_fds, and io.c stops the watcher before each pass.
 *  4. ev_loop_fork() gives a child kernel state of its own and leaves that of
 *     the parent as it is.
 *
 * A loop that the program made may have any other back-end.  For one that the
 * table does not know, needs_open_fds is assumed.
 */
#ifndef EVI_BACKEND_H
#define EVI_BACKEND_H

#include <stdbool.h>

#include "kernel.h"

struct ev_loop;

/* A row of the table. */
struct backend_kind {
	unsigned int flag; /* EVBACKEND_* */
	const char *name;  /* for event_get_method() */
	/*
	 * The environment variable that excludes it; NULL: a base never chooses
	 * it.
	 */
	const char *exclude;
	bool has_set; /* it has an epoll set, and so a descriptor */
	/* libev may end the process if it watches a closed descriptor. */
	bool needs_open_fds;
	/* See evi_watch_is_ordered(). */
	bool is_ordered;
};

struct backend {
	const struct backend_kind *kind;
	int fd;	    /* of the epoll set; -1: unknown, or there is none */
	int old_fd; /* of the epoll set that the next pass closes, or -1 */
	struct token token; /* identifies the epoll set */
};

/*
 * The EVBACKEND_* flags of the back-ends that the environment allows a base and
 * that libev has.  0: none.
 */
unsigned int evi_backend_choose(void);

/*
 * Finds out which back-end the loop has.  No loop (NULL) has the name "none".
 */
void evi_backend_init(struct backend *backend, struct ev_loop *loop);

/* The descriptor of the loop's epoll set; -1 if it has another back-end. */
int evi_backend_epoll_fd(struct ev_loop *loop);

/*
 * Puts fd, a descriptor of the base's own, into the epoll set as its token.  It
 * lets evi_backend_is_intact() find out whether the program has closed the
 * epoll set or fd and given the number to another file.
 */
void evi_backend_set_token(struct backend *backend, int fd);

/* Whether the epoll set and the token are still the files that they were. */
bool evi_backend_is_intact(const struct backend *backend);

/*
 * Call it after ev_loop_fork(): notes that the next pass makes another epoll
 * set and closes this one.
 */
void evi_backend_start_over(struct backend *backend);

/*
 * Call it while libev replaces the epoll set: notes that the descriptor of the
 * new one is unknown.
 */
void evi_backend_forget(struct backend *backend);

/* Called by evi_backend_find() if it has to find the descriptor. */
void evi_backend_find_again(struct backend *backend, struct ev_loop *loop);

/*
 * Call it after each pass: finds the descriptor of the epoll set if libev has
 * made a new one.
 */
static inline void
evi_backend_find(struct backend *backend, struct ev_loop *loop)
{
	if (backend->fd == -1 && backend->kind->has_set)
		evi_backend_find_again(backend, loop);
}

#endif
