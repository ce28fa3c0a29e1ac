/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ends of bufferevent.c, and their account; see the header.
 *
 * 1. The bytes of each direction are made once, so that a byte's place in its
 *    direction is known from its value.
 * 2. account_check() finds each byte that was written: taken, in the input, in
 *    the kernel, or in the output.
 * 3. Steps and callbacks change an end only by end_*(), which note what may be
 *    reported then.
 * 4. The callbacks check that they may be called, and do by act_all() what the
 *    end says.
 */
#include "bufferevent_account.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define MAX_WRITTEN ((size_t)64 * 1024) /* in each direction */
#define MAX_ACTS 50			/* in each pass */

struct end ends[2];
struct event_base *account_base;
bool account_is_pipe;
static int depth;
/* How many acts are left in this pass, which an urgent end could prolong. */
static int acts_left;
static unsigned char bytes[2][MAX_WRITTEN]; /* of each direction */
static unsigned char block[MAX_WRITTEN];

int
end_id(const struct end *e)
{
	return (int)(e - ends);
}

struct end *
end_other(const struct end *e)
{
	return &ends[1 - end_id(e)];
}

/*
 * The bytes.
 */

void
account_make_bytes(void)
{
	if (bytes[1][0] != 0)
		return;
	for (size_t i = 0; i < MAX_WRITTEN; i++) {
		bytes[0][i] = (unsigned char)(i * 31 + (i >> 8) * 17);
		bytes[1][i] = (unsigned char)(i * 29 + (i >> 8) * 19 + 1);
	}
}

size_t
end_room(const struct end *e, size_t len)
{
	size_t most = MAX_WRITTEN - e->written;

	return len < most ? len : most;
}

const unsigned char *
end_next_bytes(const struct end *e)
{
	return bytes[end_id(e)] + e->written;
}

/* Checks that these are the bytes that e wrote, from the nth on. */
static void
check_bytes(const char *where, const struct end *e, const unsigned char *data,
    size_t len, size_t n)
{
	const unsigned char *want = bytes[end_id(e)] + n;
	size_t i = 0;

	if (len == 0 || memcmp(data, want, len) == 0)
		return;
	while (data[i] == want[i])
		i++;
	fail("byte %zu from %d in %s is 0x%02x, not 0x%02x", n + i, end_id(e),
	    where, data[i], want[i]);
}

size_t
end_in_output(const struct end *e)
{
	return e->bev != NULL ? EVBUFFER_LENGTH(e->bev->output) : 0;
}

size_t
end_in_input(const struct end *e)
{
	return e->bev != NULL ? EVBUFFER_LENGTH(e->bev->input) : 0;
}

bool
end_is_connected(const struct end *e)
{
	return e->fd != -1 && end_other(e)->fd != -1 &&
	       !(account_is_pipe && end_id(e) == 1);
}

/* How far this end has read, and how far it has sent. */

size_t
end_read_to(const struct end *e)
{
	return end_other(e)->taken + end_in_input(e);
}

static size_t
sent_to(const struct end *e)
{
	return e->written - end_in_output(e);
}

size_t
end_in_kernel(const struct end *e)
{
	int n = 0;

	if (end_is_connected(e) && ioctl(end_other(e)->fd, FIONREAD, &n) != 0)
		fail("FIONREAD: %s", strerror(errno));
	return n;
}

static void
check_direction(const struct end *e)
{
	const struct end *to = end_other(e);
	size_t out = end_in_output(e), in = end_in_input(to);
	size_t all = e->taken + in + end_in_kernel(e) + out;

	if (all > e->written || (all < e->written && end_is_connected(e)))
		fail("of %zu bytes from %d, %zu were taken, %zu are input, "
		     "%zu are on their way, %zu are output",
		    e->written, end_id(e), e->taken, in, end_in_kernel(e), out);
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
		expect("what a disabled end has read", end_read_to(e),
		    e->read_to);
	if (!(e->bev->enabled & EV_WRITE))
		expect("what a disabled end has sent", sent_to(e), e->sent_to);
	if (e->bound != 0 && end_in_input(e) > e->bound)
		fail("%zu are in the input of %d, above its mark at %zu",
		    end_in_input(e), end_id(e), e->bound);
}

void
account_check(void)
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

void
end_wrote(struct end *e, size_t len)
{
	e->written += len;
	e->failed &= ~EV_WRITE;
	if (len == 0 || !(e->bev->enabled & EV_WRITE))
		return;
	e->waits &= ~EV_WRITE;
	e->owes = e->bev->writecb != NULL;
}

void
end_put(struct end *e, size_t len)
{
	ssize_t n;

	len = end_room(e, len);
	if (e->bev != NULL) {
		if (bufferevent_write(e->bev, end_next_bytes(e), len) != 0)
			fail("bufferevent_write(%d) failed", end_id(e));
		end_wrote(e, len);
	} else if (e->fd != -1 && len > 0) {
		n = write(e->fd, end_next_bytes(e), len);
		e->written += n > 0 ? n : 0;
	}
}

void
end_get(struct end *e, size_t len)
{
	struct end *from = end_other(e);
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

void
end_forget(struct end *e)
{
	if (e->bev == NULL)
		return;
	e->written -= end_in_output(e);
	end_other(e)->taken += end_in_input(e);
	bufferevent_free(e->bev);
	e->bev = NULL;
	e->bound = 0;
	e->owes = false;
}

void
end_set_callbacks(struct end *e, unsigned which)
{
	e->owes = false;
	bufferevent_setcb(e->bev, which & 1 ? read_cb : NULL,
	    which & 2 ? write_cb : NULL, which & 4 || IS_14 ? error_cb : NULL,
	    e);
}

void
end_make(struct end *e, unsigned how)
{
	if (e->bev != NULL || e->fd == -1)
		return;
	e->bev = bufferevent_new(e->fd, NULL, NULL, error_cb, e);
	if (e->bev == NULL)
		fail("no memory");
	if (how & 1)
		bufferevent_base_set(account_base, e->bev);
	if (how & 2)
		bufferevent_priority_set(e->bev, how % NPRIORITIES);
	e->heard = end_read_to(e);
	e->failed = e->waits = 0;
	e->owes = false;
	e->read_to = end_read_to(e);
}

void
end_enable(struct end *e, short events)
{
	if (e->bev == NULL)
		return;
	bufferevent_enable(e->bev, events);
	e->failed = 0;
	e->waits &= ~events;
}

void
end_mark(struct end *e, short events, size_t low, size_t high)
{
	size_t len = end_in_input(e);

	if (e->bev == NULL)
		return;
	bufferevent_setwatermark(e->bev, events, low, high);
	if (events & EV_READ)
		e->bound = high == 0 || high > len ? high : len;
	e->failed = 0;
}

void
end_renew(struct end *e)
{
	if (e->bev == NULL)
		return;
	bufferevent_setfd(e->bev, e->fd);
	e->failed = 0;
	e->waits = EV_READ | EV_WRITE;
	e->owes = false;
}

void
end_cut(struct end *e, size_t len)
{
	if (len >= end_in_output(e))
		return;
	e->written -= end_in_output(e) - len;
	EVBUFFER_LENGTH(EVBUFFER_OUTPUT(e->bev)) = len;
}

void
end_shut(struct end *e)
{
	if (e->fd == -1 || account_is_pipe)
		return;
	shutdown(e->fd, SHUT_WR);
	e->is_shut = true;
}

void
end_disable(struct end *e, short events)
{
	if (e->bev == NULL)
		return;
	if (e->bev->enabled & events & EV_READ)
		e->read_to = end_read_to(e);
	if (e->bev->enabled & events & EV_WRITE)
		e->sent_to = sent_to(e);
	if (events & EV_WRITE)
		e->owes = false;
	bufferevent_disable(e->bev, events);
}

void
account_pass(void)
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
		end_get(e, 5);
		break;
	case TAKE_ALL:
		end_get(e, SIZE_MAX);
		break;
	case REPLY:
		end_put(e, 7);
		break;
	case REPLY_MUCH:
		end_put(e, 5000);
		break;
	case STOP:
		end_disable(e, direction);
		break;
	case STOP_BOTH:
		end_disable(e, EV_READ | EV_WRITE);
		break;
	case STOP_OTHER:
		end_disable(end_other(e), direction);
		break;
	case GO:
		end_enable(e, EV_READ | EV_WRITE);
		break;
	case MARK:
		end_mark(e, direction, 3, 9);
		break;
	case UNMARK:
		end_mark(e, direction, 0, 0);
		break;
	case RENEW:
		end_renew(e);
		end_enable(e, EV_READ | EV_WRITE);
		break;
	case CUT:
		end_cut(e, 1);
		break;
	case SHUT:
		end_shut(e);
		break;
	case FREE:
		end_forget(e);
		break;
	case FREE_OTHER:
		end_forget(end_other(e));
		break;
	case WRITE_OTHER:
		end_put(end_other(e), 11);
		break;
	case LOOP:
		if (depth++ == 0)
			account_pass();
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
		fail("a callback for %d after it was freed", end_id(e));
	if (!(bev->enabled & event))
		fail("a callback for %d, which is disabled", end_id(e));
	account_check();
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct end *e = arg;
	size_t arrived = end_read_to(e);

	check_called(e, bev, EV_READ);
	if (arrived <= e->heard)
		fail("nothing new has arrived at %d", end_id(e));
	if (end_in_input(e) < bev->wm_read.low)
		fail("%zu have arrived at %d, below its mark at %zu",
		    end_in_input(e), end_id(e), bev->wm_read.low);
	e->heard = arrived;
	act_all(e, e->on_read, EV_READ);
}

static void
write_cb(struct bufferevent *bev, void *arg)
{
	struct end *e = arg;

	check_called(e, bev, EV_WRITE);
	if (end_in_output(e) > bev->wm_write.low)
		fail("%zu are to be sent by %d, above its mark at %zu",
		    end_in_output(e), end_id(e), bev->wm_write.low);
	e->notified |= EV_WRITE;
	e->owes = false;
	act_all(e, e->on_write, EV_WRITE);
}

/* Whether something has happened that may cause this error. */
static bool
may_be_reported(const struct end *e, short why)
{
	const struct end *to = end_other(e);

	if (why == EVBUFFER_EOF)
		return to->is_shut || to->fd == -1;
	return why == EVBUFFER_ERROR &&
	       (e->is_shut || to->fd == -1 || account_is_pipe);
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
		fail("error 0x%x on %d, which has none", what, end_id(e));
	if (e->failed & event)
		fail("error 0x%x on %d once more", what, end_id(e));
	e->failed |= event;
	e->waits |= event;
	e->notified |= event;
	if (event == EV_WRITE)
		e->owes = false;
	act_all(e, e->on_error, event);
}
