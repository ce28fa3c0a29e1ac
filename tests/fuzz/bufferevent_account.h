/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The two ends of bufferevent.c's connection, and the account that is kept of
 * them: where each byte is, and which callbacks may be called.  The functions
 * by which steps and callbacks change an end are here as well, as they also
 * change the account; so are the callbacks.
 */
#ifndef FUZZ_BUFFEREVENT_ACCOUNT_H
#define FUZZ_BUFFEREVENT_ACCOUNT_H

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <event.h>

#include "fuzz.h"

#define NPRIORITIES 3
#define MAX_WRITTEN ((size_t)64 * 1024) /* in each direction */
#define MAX_ACTS 50			/* in each pass */

/* What a callback does. */
enum act {
	NOTHING,
	TAKE_SOME,
	TAKE_ALL,
	REPLY,
	REPLY_MUCH,
	STOP, /* disables its direction */
	STOP_BOTH,
	STOP_OTHER,
	GO, /* enables both */
	MARK,
	UNMARK,
	RENEW, /* sets the same descriptor */
	CUT,   /* removes what is not sent */
	SHUT,
	FREE,
	FREE_OTHER,
	WRITE_OTHER,
	LOOP, /* runs the loop inside itself */
	NACTS
};

#define NACTS_EACH 2 /* in each callback, one after the other */

/* One end of the connection. */
struct end {
	int fd;			 /* -1: closed */
	bool is_shut;		 /* has called shutdown(SHUT_WR) */
	struct bufferevent *bev; /* or NULL */
	enum act on_read[NACTS_EACH];
	enum act on_write[NACTS_EACH];
	enum act on_error[NACTS_EACH];

	/* Sets of EV_READ and EV_WRITE: the directions that */
	short failed;	/* have reported an error, and were not enabled since */
	short waits;	/* may stand still until they are enabled again */
	short notified; /* have called back in the final phase */

	bool owes;	/* a write callback is due */
	size_t bound;	/* of the input's length, in bytes; 0: none */
	size_t heard;	/* bytes that had arrived at the last read callback */
	size_t read_to; /* bytes that had arrived when reading was disabled */
	size_t sent_to; /* bytes that were sent when writing was disabled */

	/* Bytes that this end has written, as far as they were */
	size_t written; /* into its output, less those cut from there */
	size_t taken;	/* read by the program from the other end's input */
};

static struct end ends[2];
static struct event_base *base;
static bool is_pipe; /* not a socket pair: from end 0 to end 1 only */
static int depth;
/* How many acts are left in this pass, which an urgent end could prolong. */
static int acts_left;
static unsigned char bytes[2][MAX_WRITTEN]; /* of each direction */
static unsigned char block[MAX_WRITTEN];

static int
id(const struct end *e)
{
	return (int)(e - ends);
}

static struct end *
other(const struct end *e)
{
	return &ends[1 - id(e)];
}

/*
 * The bytes.
 */

static void
make_bytes(void)
{
	for (size_t i = 0; i < MAX_WRITTEN; i++) {
		bytes[0][i] = (unsigned char)(i * 31 + (i >> 8) * 17);
		bytes[1][i] = (unsigned char)(i * 29 + (i >> 8) * 19 + 1);
	}
}

/* How many of len bytes e may still write. */
static size_t
room(const struct end *e, size_t len)
{
	size_t most = MAX_WRITTEN - e->written;

	return len < most ? len : most;
}

static const unsigned char *
next_bytes(const struct end *e)
{
	return bytes[id(e)] + e->written;
}

/* Checks that these are the bytes that e wrote, from the nth on. */
static void
check_bytes(const char *where, const struct end *e, const unsigned char *data,
    size_t len, size_t n)
{
	const unsigned char *want = bytes[id(e)] + n;
	size_t i = 0;

	if (len == 0 || memcmp(data, want, len) == 0)
		return;
	while (data[i] == want[i])
		i++;
	fail("byte %zu from %d in %s is 0x%02x, not 0x%02x", n + i, id(e),
	    where, data[i], want[i]);
}

static size_t
in_output(const struct end *e)
{
	return e->bev != NULL ? EVBUFFER_LENGTH(e->bev->output) : 0;
}

static size_t
in_input(const struct end *e)
{
	return e->bev != NULL ? EVBUFFER_LENGTH(e->bev->input) : 0;
}

/* Whether what e writes can reach the other end. */
static bool
is_connected(const struct end *e)
{
	return e->fd != -1 && other(e)->fd != -1 && !(is_pipe && id(e) == 1);
}

/* How far this end has read, and how far it has sent. */

static size_t
read_to(const struct end *e)
{
	return other(e)->taken + in_input(e);
}

static size_t
sent_to(const struct end *e)
{
	return e->written - in_output(e);
}

static size_t
in_kernel(const struct end *e)
{
	int n = 0;

	if (is_connected(e) && ioctl(other(e)->fd, FIONREAD, &n) != 0)
		fail("FIONREAD: %s", strerror(errno));
	return n;
}

static void
check_direction(const struct end *e)
{
	const struct end *to = other(e);
	size_t out = in_output(e), in = in_input(to);
	size_t all = e->taken + in + in_kernel(e) + out;

	if (all > e->written || (all < e->written && is_connected(e)))
		fail("of %zu bytes from %d, %zu were taken, %zu are input, "
		     "%zu are on their way, %zu are output",
		    e->written, id(e), e->taken, in, in_kernel(e), out);
	if (out > 0)
		check_bytes("the output", e, EVBUFFER_DATA(e->bev->output), out,
		    e->written - out);
	if (in > 0)
		check_bytes("the input", e, EVBUFFER_DATA(to->bev->input), in,
		    e->taken);
}

/*
 * A direction that is disabled makes no progress, and the input is not longer
 * than its mark.
 */
static void
check_bounds(const struct end *e)
{
	if (e->bev == NULL)
		return;
	if (!(e->bev->enabled & EV_READ))
		expect("what a disabled end has read", read_to(e), e->read_to);
	if (!(e->bev->enabled & EV_WRITE))
		expect("what a disabled end has sent", sent_to(e), e->sent_to);
	if (e->bound != 0 && in_input(e) > e->bound)
		fail("%zu are in the input of %d, above its mark at %zu",
		    in_input(e), id(e), e->bound);
}

static void
check(void)
{
	for (int i = 0; i < 2; i++) {
		check_direction(&ends[i]);
		check_bounds(&ends[i]);
	}
}

/*
 * What is done to an end, by steps and by callbacks.
 */

static void read_cb(struct bufferevent *bev, void *arg);
static void write_cb(struct bufferevent *bev, void *arg);
static void error_cb(struct bufferevent *bev, short what, void *arg);

/*
 * Accounts for len bytes that were written, which are sent if writing is
 * enabled.
 */
static void
wrote(struct end *e, size_t len)
{
	e->written += len;
	e->failed &= ~EV_WRITE;
	if (len == 0 || !(e->bev->enabled & EV_WRITE))
		return;
	e->waits &= ~EV_WRITE;
	e->owes = e->bev->writecb != NULL;
}

static void
put(struct end *e, size_t len)
{
	ssize_t n;

	len = room(e, len);
	if (e->bev != NULL) {
		if (bufferevent_write(e->bev, next_bytes(e), len) != 0)
			fail("bufferevent_write(%d) failed", id(e));
		wrote(e, len);
	} else if (e->fd != -1 && len > 0) {
		n = write(e->fd, next_bytes(e), len);
		e->written += n > 0 ? n : 0;
	}
}

static void
get(struct end *e, size_t len)
{
	struct end *from = other(e);
	ssize_t n = 0;

	if (len > sizeof block)
		len = sizeof block;
	if (e->bev != NULL) {
		n = bufferevent_read(e->bev, block, len);
		if (n > 0)
			e->failed &= ~EV_READ;
	} else if (e->fd != -1) {
		n = read(e->fd, block, len);
	}
	if (n > 0) {
		check_bytes("what was read", from, block, n, from->taken);
		from->taken += n;
	}
}

static void
forget(struct end *e)
{
	if (e->bev == NULL)
		return;
	e->written -= in_output(e);
	other(e)->taken += in_input(e);
	bufferevent_free(e->bev);
	e->bev = NULL;
	e->bound = 0;
	e->owes = false;
}

/* 1.4: without an error callback, an error is a crash. */
static void
set_callbacks(struct end *e, unsigned which)
{
	e->owes = false;
	bufferevent_setcb(e->bev, which & 1 ? read_cb : NULL,
	    which & 2 ? write_cb : NULL, which & 4 || IS_14 ? error_cb : NULL,
	    e);
}

static void
make(struct end *e, unsigned how)
{
	if (e->bev != NULL || e->fd == -1)
		return;
	e->bev = bufferevent_new(e->fd, NULL, NULL, error_cb, e);
	if (e->bev == NULL)
		fail("no memory");
	if (how & 1)
		bufferevent_base_set(base, e->bev);
	if (how & 2)
		bufferevent_priority_set(e->bev, how % NPRIORITIES);
	e->heard = read_to(e);
	e->failed = e->waits = 0;
	e->owes = false;
	e->read_to = read_to(e);
}

static void
enable(struct end *e, short events)
{
	if (e->bev == NULL)
		return;
	bufferevent_enable(e->bev, events);
	e->failed = 0;
	e->waits &= ~events;
}

static void
mark(struct end *e, short events, size_t low, size_t high)
{
	size_t len = in_input(e);

	if (e->bev == NULL)
		return;
	bufferevent_setwatermark(e->bev, events, low, high);
	if (events & EV_READ)
		e->bound = high == 0 || high > len ? high : len;
	e->failed = 0;
}

static void
renew(struct end *e)
{
	if (e->bev == NULL)
		return;
	bufferevent_setfd(e->bev, e->fd);
	e->failed = 0;
	e->waits = EV_READ | EV_WRITE;
	e->owes = false;
}

/* Removes bytes from the output that were not sent yet. */
static void
cut(struct end *e, size_t len)
{
	if (len >= in_output(e))
		return;
	e->written -= in_output(e) - len;
	EVBUFFER_LENGTH(EVBUFFER_OUTPUT(e->bev)) = len;
}

static void
shut(struct end *e)
{
	if (e->fd == -1 || is_pipe)
		return;
	shutdown(e->fd, SHUT_WR);
	e->is_shut = true;
}

static void
disable(struct end *e, short events)
{
	if (e->bev == NULL)
		return;
	if (e->bev->enabled & events & EV_READ)
		e->read_to = read_to(e);
	if (e->bev->enabled & events & EV_WRITE)
		e->sent_to = sent_to(e);
	if (events & EV_WRITE)
		e->owes = false;
	bufferevent_disable(e->bev, events);
}

static void
pass(void)
{
	int r;

	if (depth == 0)
		acts_left = MAX_ACTS;
	r = event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK);
	if (r != 0 && r != 1)
		fail("event_loop() is %d, %s", r, strerror(errno));
}

static void
act(struct end *e, enum act what, short direction)
{
	switch (what) {
	case TAKE_SOME:
		get(e, 5);
		break;
	case TAKE_ALL:
		get(e, SIZE_MAX);
		break;
	case REPLY:
		put(e, 7);
		break;
	case REPLY_MUCH:
		put(e, 5000);
		break;
	case STOP:
		disable(e, direction);
		break;
	case STOP_BOTH:
		disable(e, EV_READ | EV_WRITE);
		break;
	case STOP_OTHER:
		disable(other(e), direction);
		break;
	case GO:
		enable(e, EV_READ | EV_WRITE);
		break;
	case MARK:
		mark(e, direction, 3, 9);
		break;
	case UNMARK:
		mark(e, direction, 0, 0);
		break;
	case RENEW:
		renew(e);
		enable(e, EV_READ | EV_WRITE);
		break;
	case CUT:
		cut(e, 1);
		break;
	case SHUT:
		shut(e);
		break;
	case FREE:
		forget(e);
		break;
	case FREE_OTHER:
		forget(other(e));
		break;
	case WRITE_OTHER:
		put(other(e), 11);
		break;
	case LOOP:
		if (depth++ == 0)
			pass();
		depth--;
		break;
	default:
		break;
	}
}

static void
act_all(struct end *e, const enum act *acts, short direction)
{
	enum act copy[NACTS_EACH];

	memcpy(copy, acts, sizeof copy);
	for (int i = 0; i < NACTS_EACH && acts_left-- > 0; i++)
		act(e, copy[i], direction);
}

/*
 * The callbacks.
 */

static void
check_called(const struct end *e, const struct bufferevent *bev, short event)
{
	if (e->bev != bev)
		fail("a callback for %d after it was freed", id(e));
	if (!(bev->enabled & event))
		fail("a callback for %d, which is disabled", id(e));
	check();
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct end *e = arg;
	size_t arrived = read_to(e);

	check_called(e, bev, EV_READ);
	if (arrived <= e->heard)
		fail("nothing new has arrived at %d", id(e));
	if (in_input(e) < bev->wm_read.low)
		fail("%zu have arrived at %d, below its mark at %zu",
		    in_input(e), id(e), bev->wm_read.low);
	e->heard = arrived;
	act_all(e, e->on_read, EV_READ);
}

static void
write_cb(struct bufferevent *bev, void *arg)
{
	struct end *e = arg;

	check_called(e, bev, EV_WRITE);
	if (in_output(e) > bev->wm_write.low)
		fail("%zu are to be sent by %d, above its mark at %zu",
		    in_output(e), id(e), bev->wm_write.low);
	e->notified |= EV_WRITE;
	e->owes = false;
	act_all(e, e->on_write, EV_WRITE);
}

/* Whether something has happened that may cause this error. */
static bool
may_be_reported(const struct end *e, short why)
{
	const struct end *to = other(e);

	if (why == EVBUFFER_EOF)
		return to->is_shut || to->fd == -1;
	return why == EVBUFFER_ERROR && (e->is_shut || to->fd == -1 || is_pipe);
}

static void
error_cb(struct bufferevent *bev, short what, void *arg)
{
	struct end *e = arg;
	short where = what & (EVBUFFER_READ | EVBUFFER_WRITE);
	short event = where == EVBUFFER_READ ? EV_READ : EV_WRITE;

	if (where != EVBUFFER_READ && where != EVBUFFER_WRITE)
		fail("error 0x%x has no direction", what);
	check_called(e, bev, event);
	if (!may_be_reported(e, what & ~where))
		fail("error 0x%x on %d, which has none", what, id(e));
	if (e->failed & event)
		fail("error 0x%x on %d once more", what, id(e));
	e->failed |= event;
	e->waits |= event;
	e->notified |= event;
	if (event == EV_WRITE)
		e->owes = false;
	act_all(e, e->on_error, event);
}

#endif
