/* SPDX-License-Identifier: BSD-3-Clause */
/* The descriptors that a set watches. */
#ifndef EVI_IO_H
#define EVI_IO_H

#include <stdbool.h>

#include "alloc.h"
#include "public.h"

struct slot;
struct watch;

#define EVI_NO_FD (-1)

/* The descriptors of a set.  struct watch, which is the set, embeds it. */
struct descriptors {
	struct slot **chunks; /* by descriptor; NULL where there are no slots */
	int nchunks;
	/*
	 * The first and the last descriptor on the list of changes; the first
	 * is EVI_NO_FD if the list is empty.
	 */
	int changed, changed_last;
	/*
	 * The descriptor that lost an event last and is not on the list of
	 * changes for that yet; or EVI_NO_FD.
	 */
	int deleted;
	struct growing_array array; /* libev's, by descriptor */
};

void evi_io_init(struct descriptors *d);

/*
 * Watches ev->ev_fd for the EV_READ and EV_WRITE of ev->ev_events.  The kernel
 * learns of it in the next pass.  -1 with EBADF for a descriptor that is not
 * open, EINVAL for the loop's own, ELOOP for an epoll set that has the loop's
 * own in it, ENOMEM.
 */
int evi_io_add(struct watch *w, struct event *ev);

/* Stops watching an event. */
void evi_io_del(struct watch *w, struct event *ev);

/*
 * Whether the number is in use: an event waits for it, open or closed, or it is
 * the epoll set that libev is going to close.
 */
bool evi_io_is_in_use(const struct watch *w, int fd);

/* A number above all descriptors for which evi_io_is_in_use() is true. */
int evi_io_end(const struct watch *w);

/* Whether evi_io_flush() may have anything to do. */
static inline bool
evi_io_has_changes(const struct descriptors *d)
{
	return d->changed != EVI_NO_FD || d->deleted != EVI_NO_FD;
}

/*
 * Passes all descriptors that have changed to libev.  -1 with EBADF if the
 * program has closed the epoll set; the changes stay on the list then.
 */
int evi_io_flush(struct watch *w);

/*
 * Has the next flush add the descriptors again that were closed: they may be
 * open by now.
 */
void evi_io_retry(struct watch *w);

/* Stops watching every descriptor that the program has closed. */
void evi_io_drop_closed(struct watch *w);

/* Whether any event waits for a descriptor that the program has closed. */
bool evi_io_has_closed(const struct watch *w);

/*
 * Stops the watchers of all descriptors.  For a loop of the program's, which
 * exists after the set.
 */
void evi_io_stop(struct watch *w);

/* Calls drop_cb for every event that waits for a descriptor. */
void evi_io_drain(struct watch *w, void (*drop_cb)(struct event *));

/* Frees the slots. */
void evi_io_free(struct watch *w);

#endif
