/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors that a set watches.
 */
#ifndef EVI_IO_H
#define EVI_IO_H

#include <stdbool.h>

#include "public.h"

struct watch;

/*
 * Watches ev->ev_fd for the EV_READ and EV_WRITE of ev->ev_events.  The kernel
 * hears of it at the next pass.  -1 with EBADF for a descriptor that is not
 * open, EINVAL for the loop's own, ENOMEM.
 */
int evi_io_add(struct watch *w, struct event *ev);

/* Ends that. */
void evi_io_del(struct watch *w, struct event *ev);

/*
 * Whether the number is that of a descriptor with events, open or not, or of
 * one that libev is going to close.
 */
bool evi_io_has(const struct watch *w, int fd);

/* A number above all of these. */
int evi_io_end(const struct watch *w);

/*
 * Tells libev about all descriptors that have changed.  -1 with EBADF if the
 * kernel's set is gone; they are still changed then.
 */
int evi_io_flush(struct watch *w);

/* Has the next flush try again the descriptors that were closed. */
void evi_io_retry(struct watch *w);

/* Stops watching every descriptor that is closed by now. */
void evi_io_drop_closed(struct watch *w);

/* Whether any event waits for a descriptor that was closed under it. */
bool evi_io_has_dead(const struct watch *w);

/* Stops all watchers there are, on a loop that goes on without us. */
void evi_io_stop(struct watch *w);

/* Calls drop for every event that waits for a descriptor. */
void evi_io_drain(struct watch *w, void (*drop)(struct event *));

/* Frees what is the file's when the set is freed. */
void evi_io_free(struct watch *w);

#endif
