/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzing bufferevents: the input is a sequence of calls on the two ends of a
 * connection, each with a bufferevent on it or without, and of what their
 * callbacks do.  The bytes of each direction are numbered, so that at any time
 * all of them can be accounted for: taken out, in the one's input, on their
 * way, and in the other's output.  When the calls are over, what is enabled has
 * to go on by itself; then everything is opened up, and what was written has to
 * arrive.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <event.h>

#include "fuzz.h"

#define NPRIORITIES 3
#define MAX_STEPS 200
#define MAX_WRITTEN ((size_t)64 * 1024) /* in each direction */
#define MAX_ACTS 50			/* in each pass */
#define IDLE_PASSES 10			/* after so many no more will come */
#define LONG_TIME 1000			/* seconds; no timeout ever fires */

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
	CUT,   /* takes back what is not sent */
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
	bool is_shut;		 /* it said that no more will come */
	struct bufferevent *bev; /* NULL: there is none */
	enum act on_read[NACTS_EACH];
	enum act on_write[NACTS_EACH];
	enum act on_error[NACTS_EACH];

	/* EV_READ, EV_WRITE: that direction */
	short failed; /* and nothing was done since */
	short waits;  /* and may do so until it is enabled again */
	short told;   /* the program, of success or failure, at the end */

	bool owes;	/* a write callback for what was written */
	size_t bound;	/* the input may be this long, 0 is no bound */
	size_t heard;	/* what had arrived at the last read callback */
	size_t read_to; /* so far it had come when it was disabled */
	size_t sent_to;

	/* What comes from here: */
	size_t written; /* into the output, and not dropped from there */
	size_t taken;	/* from the other end's input */
};

static struct end ends[2];
static struct event_base *base;
static bool is_pipe; /* from end 0 to end 1 only */
static int depth;
static int acts_left; /* an urgent end may keep a pass from its end */
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

static struct end *
take_end(void)
{
	return &ends[take(2)];
}

/* Often small, and never more than MAX_WRITTEN. */
static size_t
take_size(void)
{
	unsigned n = take(256);

	return n < 192 ? n : take_16();
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

/* These are what e wrote, from the nth on. */
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
on_the_way(const struct end *e)
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
	size_t all = e->taken + in + on_the_way(e) + out;

	if (all > e->written || (all < e->written && is_connected(e)))
		fail("of %zu bytes from %d, %zu were taken, %zu are input, "
		     "%zu are on their way, %zu are output",
		    e->written, id(e), e->taken, in, on_the_way(e), out);
	if (out > 0)
		check_bytes("the output", e, EVBUFFER_DATA(e->bev->output), out,
		    e->written - out);
	if (in > 0)
		check_bytes("the input", e, EVBUFFER_DATA(to->bev->input), in,
		    e->taken);
}

/* What is disabled stands still, and input is not above its mark. */
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

/* It is sent, if that is enabled. */
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

/* As programs change their mind. */
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
	e->told |= EV_WRITE;
	e->owes = false;
	act_all(e, e->on_write, EV_WRITE);
}

/* Whether something has happened that justifies the error. */
static bool
is_true(const struct end *e, short why)
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
	if (!is_true(e, what & ~where))
		fail("error 0x%x on %d, which has none", what, id(e));
	if (e->failed & event)
		fail("error 0x%x on %d once more", what, id(e));
	e->failed |= event;
	e->waits |= event;
	e->told |= event;
	if (event == EV_WRITE)
		e->owes = false;
	act_all(e, e->on_error, event);
}

/*
 * The steps.
 */

static void
step_pass(void)
{
	unsigned n = 1 + take(4);

	begin("%u passes", n);
	while (n-- > 0)
		pass();
}

static void
step_put(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("write(%d, %zu)", id(e), len);
	put(e, len);
}

static void
step_put_buffer(void)
{
	struct end *e = take_end();
	size_t len = take_size();
	struct evbuffer *buf;

	begin("write_buffer(%d, %zu)", id(e), len);
	if (e->bev == NULL)
		return;
	len = room(e, len);
	buf = evbuffer_new();
	evbuffer_add(buf, next_bytes(e), len);
	if (bufferevent_write_buffer(e->bev, buf) != 0)
		fail("it failed");
	wrote(e, len);
	expect("what is left", EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

/* As programs print into the output. */
static void
step_put_by_hand(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("add to output(%d, %zu)", id(e), len);
	if (e->bev == NULL)
		return;
	len = room(e, len);
	if (evbuffer_add(EVBUFFER_OUTPUT(e->bev), next_bytes(e), len) != 0)
		fail("it failed");
	e->written += len;
	e->waits |= EV_WRITE;
	if (len % 2 == 0)
		enable(e, EV_WRITE);
}

static void
step_cut(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("cut output(%d, %zu)", id(e), len);
	cut(e, len);
}

static void
step_get(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("read(%d, %zu)", id(e), len);
	get(e, len);
}

static void
step_drain(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("drain(%d, %zu)", id(e), len);
	if (e->bev == NULL)
		return;
	e->failed &= ~EV_READ;
	other(e)->taken += len < in_input(e) ? len : in_input(e);
	evbuffer_drain(EVBUFFER_INPUT(e->bev), len);
}

static void
step_enable(void)
{
	struct end *e = take_end();
	short events = (EV_READ | EV_WRITE) & (2 * (1 + take(3)));

	begin("enable(%d, 0x%x)", id(e), events);
	enable(e, events);
}

static void
step_disable(void)
{
	struct end *e = take_end();
	short events = (EV_READ | EV_WRITE) & (2 * (1 + take(3)));

	begin("disable(%d, 0x%x)", id(e), events);
	disable(e, events);
}

static void
step_mark(void)
{
	struct end *e = take_end();
	short events = (EV_READ | EV_WRITE) & (2 * (1 + take(3)));
	size_t low = take(64), high = take_size();

	begin("setwatermark(%d, 0x%x, %zu, %zu)", id(e), events, low, high);
	mark(e, events, low, high);
}

static void
step_setcb(void)
{
	struct end *e = take_end();
	unsigned which = take(8);

	for (int i = 0; i < NACTS_EACH; i++) {
		e->on_read[i] = take(NACTS);
		e->on_write[i] = take(NACTS);
		e->on_error[i] = take(NACTS);
	}
	begin("setcb(%d, %u), %d %d %d, %d %d %d", id(e), which, e->on_read[0],
	    e->on_write[0], e->on_error[0], e->on_read[1], e->on_write[1],
	    e->on_error[1]);
	if (e->bev != NULL)
		set_callbacks(e, which);
}

static void
step_settimeout(void)
{
	struct end *e = take_end();
	unsigned which = take(4);

	begin("settimeout(%d), %u", id(e), which);
	if (e->bev != NULL)
		bufferevent_settimeout(e->bev, which & 1 ? LONG_TIME : 0,
		    which & 2 ? LONG_TIME : 0);
}

/* Out of range, it is refused; and perhaps while it is active. */
static void
step_priority(void)
{
	struct end *e = take_end();
	int priority = take(NPRIORITIES + 1), r;

	begin("priority_set(%d, %d)", id(e), priority);
	if (e->bev == NULL)
		return;
	r = bufferevent_priority_set(e->bev, priority);
	if (r != -1 && (r != 0 || priority == NPRIORITIES))
		fail("the result is %d", r);
}

static void
step_free(void)
{
	struct end *e = take_end();

	begin("free(%d)", id(e));
	forget(e);
}

static void
step_new(void)
{
	struct end *e = take_end();
	unsigned how = take(12);

	begin("new(%d), %u", id(e), how);
	make(e, how);
	if (e->bev != NULL)
		set_callbacks(e, 7);
}

static void
step_renew(void)
{
	struct end *e = take_end();

	begin("setfd(%d, the same)", id(e));
	renew(e);
}

static void
step_shut(void)
{
	struct end *e = take_end();

	begin("shutdown(%d)", id(e));
	shut(e);
}

static void
step_close(void)
{
	struct end *e = take_end();

	begin("close(%d)", id(e));
	forget(e);
	if (e->fd != -1)
		close(e->fd);
	e->fd = -1;
}

/*
 * All of it.
 */

/* Sockets, with little room or much, or a pipe. */
static void
connect_ends(unsigned kind)
{
	int fd[2], small = 1, r;

	is_pipe = kind == 2;
	if (is_pipe)
		r = pipe2(fd, O_NONBLOCK);
	else
		r = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd);
	if (r != 0)
		fail("no descriptors: %s", strerror(errno));
	ends[0].fd = fd[is_pipe ? 1 : 0];
	ends[1].fd = fd[is_pipe ? 0 : 1];
	for (int i = 0; i < 2 && kind == 1; i++)
		setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
}

/* Another connection for both; what was on its way is lost. */
static void
step_reconnect(void)
{
	int old[2] = {ends[0].fd, ends[1].fd};
	unsigned kind = take(3);

	begin("setfd(both), kind %u", kind);
	connect_ends(kind);
	for (int i = 0; i < 2; i++) {
		struct end *e = &ends[i];

		other(e)->taken = other(e)->written - in_output(other(e));
		e->is_shut = false;
		if (e->bev != NULL)
			evbuffer_drain(EVBUFFER_INPUT(e->bev), SIZE_MAX);
		e->heard = e->read_to = read_to(e);
		renew(e);
		if (old[i] != -1)
			close(old[i]);
	}
}

/* Passes until nothing moves any more. */
static void
run_out(void)
{
	size_t last = 0;

	for (int idle = 0; idle < IDLE_PASSES; idle++) {
		for (int i = 0; i < 2; i++)
			get(&ends[i], SIZE_MAX);
		pass();
		check();
		if (ends[0].taken + ends[1].taken != last)
			idle = 0;
		last = ends[0].taken + ends[1].taken;
	}
}

static bool
goes_on(const struct end *e, short event)
{
	return e->bev == NULL || (e->bev->enabled & event & ~e->waits);
}

/* What is enabled has gone on, though nobody but took out what came. */
static void
check_enabled(const struct end *e)
{
	if (!is_connected(e) || !goes_on(other(e), EV_READ))
		return;
	expect("what is on its way", on_the_way(e), 0);
	if (!goes_on(e, EV_WRITE) || e->is_shut)
		return;
	expect("what is to be sent", in_output(e), 0);
	if (e->owes)
		fail("%d was not told that all was sent", id(e));
}

/* No marks, nothing disabled. */
static void
open_up(struct end *e)
{
	e->told = 0;
	if (e->bev == NULL)
		return;
	set_callbacks(e, 7);
	mark(e, EV_READ | EV_WRITE, 0, 0);
	enable(e, EV_READ | EV_WRITE);
}

/* All has arrived, or an error was told. */
static void
check_opened(const struct end *e)
{
	const struct end *to = other(e);
	bool is_sending = is_connected(e) && !e->is_shut;

	if (is_connected(e))
		expect("what has arrived", e->taken + in_output(e), e->written);
	if (is_sending)
		expect("what is to be sent", in_output(e), 0);
	if (e->bev == NULL || is_pipe)
		return;
	if ((is_sending || in_output(e) > 0) && !(e->told & EV_WRITE))
		fail("%d was not told whether it can write", id(e));
	if ((to->fd == -1 || to->is_shut) && !(e->told & EV_READ))
		fail("%d was not told that no more will come", id(e));
}

static void
finish(void)
{
	begin("the end");
	for (int i = 0; i < 2; i++) {
		memset(ends[i].on_read, 0, sizeof ends[i].on_read);
		memset(ends[i].on_write, 0, sizeof ends[i].on_write);
		memset(ends[i].on_error, 0, sizeof ends[i].on_error);
	}
	run_out();
	check_enabled(&ends[0]);
	check_enabled(&ends[1]);
	begin("the end, opened up");
	open_up(&ends[0]);
	open_up(&ends[1]);
	run_out();
	check_opened(&ends[0]);
	check_opened(&ends[1]);
}

static void (*const steps[])(void) = {
    step_pass,
    step_put,
    step_get,
    step_enable,
    step_disable,
    step_mark,
    step_setcb,
    step_put_buffer,
    step_drain,
    step_put_by_hand,
    step_cut,
    step_free,
    step_new,
    step_renew,
    step_reconnect,
    step_shut,
    step_close,
    step_settimeout,
    step_priority,
};
#define NSTEPS (sizeof steps / sizeof steps[0])

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	signal(SIGPIPE, SIG_IGN);
	fuzz_start(data, size);
	memset(ends, 0, sizeof ends);
	if (bytes[1][0] == 0)
		make_bytes();
	base = event_init();
	event_priority_init(NPRIORITIES);
	connect_ends(take(3));
	make(&ends[0], take(12));
	if (take(2))
		make(&ends[1], take(12));
	for (int i = 0; i < 2; i++)
		if (ends[i].bev != NULL)
			set_callbacks(&ends[i], 7);
	while (fuzz_has_more(MAX_STEPS)) {
		steps[take(NSTEPS)]();
		check();
	}
	finish();
	for (int i = 0; i < 2; i++) {
		forget(&ends[i]);
		if (ends[i].fd != -1)
			close(ends[i].fd);
	}
	event_base_free(base);
	return 0;
}
