/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libevcompat has and libevent never had: its own version, and the libev
 * loop under an event base, so that a program can move to libev watcher by
 * watcher.
 *
 * This header goes with <ev.h> in one source file.  <event.h> does not: the two
 * give EV_READ, EV_WRITE and others different values.
 */
#ifndef EVCOMPAT_H
#define EVCOMPAT_H

#ifdef __cplusplus
extern "C" {
#endif

/* The version of libevcompat that this header belongs to. */
#define EVCOMPAT_VERSION "0.1.0"

struct event_base;
struct ev_loop;

/*
 * The version of the library that runs, which may be newer than the header's;
 * a static string.  event_get_version() speaks of the interface instead.
 */
const char *evcompat_version(void);

/*
 * The libev loop of base; NULL stands for the current base, that of the last
 * event_init().  Returns NULL where there is no base.  The loop belongs to the
 * base: it lives until event_base_free() and must not be destroyed, nor run
 * except through the event_* calls.  Never libev's default loop.
 */
struct ev_loop *evcompat_base_loop(struct event_base *base);

/*
 * The loop for ev_child watchers.  libev takes those in its default loop alone,
 * and that loop then reaps every child of the process, so a base never uses it
 * by itself.  This call makes the default loop, once, and embeds it in the loop
 * of base (NULL: the current base): it runs whenever base runs.  It stays with
 * the base that asked first until that is freed.  Returns NULL with errno set
 * where it cannot be done.
 */
struct ev_loop *evcompat_child_loop(struct event_base *base);

#ifdef __cplusplus
}
#endif

#endif /* EVCOMPAT_H */
