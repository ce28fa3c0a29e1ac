/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzing bufferevents: the input is a sequence of calls on the two ends of a
 * connection, each with a bufferevent on it or without, and of what their
 * callbacks do.  The bytes of each direction are numbered, so that at any time
 * all of them can be accounted for: read by the program, in the input of one
 * end, in the kernel, and in the output of the other end.  After the calls,
 * directions that are enabled have to make progress by themselves; then all are
 * enabled without marks, and everything that was written has to arrive.
 *
 * 1. connect_ends() connects the two ends, and the input's first numbers say
 *    which of them gets a bufferevent.
 * 2. Each step is a function of its own, step_*(), which the input's next
 *    number selects; it does by bufferevent_account.h what changes the account.
 * 3. account_check() compares the account with the bytes after each step.
 * 4. finish() stops the callbacks' acts, and runs the loop until nothing moves:
 *    check_enabled() is about the directions that are enabled, then open_up()
 *    enables all, and check_opened() wants all bytes to have arrived.
 */
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <event.h>

#include "bufferevent_account.h"
#include "fuzz.h"

#define MAX_STEPS 200
#define IDLE_PASSES 10 /* in a row: then nothing moves any more */
#define LONG_TIME 1000 /* seconds; no timeout ever fires */

static struct end *
take_end(void)
{
	return &ends[take(2)];
}

/* A number of bytes, often small, and at most MAX_WRITTEN. */
static size_t
take_size(void)
{
	unsigned n = take(256);

	return n < 192 ? n : take_16();
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
		account_pass();
}

static void
step_put(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("write(%d, %zu)", end_id(e), len);
	end_put(e, len);
}

static void
step_put_buffer(void)
{
	struct end *e = take_end();
	size_t len = take_size();
	struct evbuffer *buf;

	begin("write_buffer(%d, %zu)", end_id(e), len);
	if (e->bev == NULL)
		return;
	len = end_room(e, len);
	buf = evbuffer_new();
	evbuffer_add(buf, end_next_bytes(e), len);
	if (bufferevent_write_buffer(e->bev, buf) != 0)
		fail("it failed");
	end_wrote(e, len);
	expect("what is left", EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

/* Some programs print into the output buffer directly. */
static void
step_put_directly(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("add to output(%d, %zu)", end_id(e), len);
	if (e->bev == NULL)
		return;
	len = end_room(e, len);
	if (evbuffer_add(EVBUFFER_OUTPUT(e->bev), end_next_bytes(e), len) != 0)
		fail("it failed");
	e->written += len;
	e->waits |= EV_WRITE;
	if (len % 2 == 0)
		end_enable(e, EV_WRITE);
}

static void
step_cut(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("cut output(%d, %zu)", end_id(e), len);
	end_cut(e, len);
}

static void
step_get(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("read(%d, %zu)", end_id(e), len);
	end_get(e, len);
}

static void
step_drain(void)
{
	struct end *e = take_end();
	size_t len = take_size();

	begin("drain(%d, %zu)", end_id(e), len);
	if (e->bev == NULL)
		return;
	e->failed &= ~EV_READ;
	end_other(e)->taken += len < end_in_input(e) ? len : end_in_input(e);
	evbuffer_drain(EVBUFFER_INPUT(e->bev), len);
}

static void
step_enable(void)
{
	struct end *e = take_end();
	short events = (EV_READ | EV_WRITE) & (2 * (1 + take(3)));

	begin("enable(%d, 0x%x)", end_id(e), events);
	end_enable(e, events);
}

static void
step_disable(void)
{
	struct end *e = take_end();
	short events = (EV_READ | EV_WRITE) & (2 * (1 + take(3)));

	begin("disable(%d, 0x%x)", end_id(e), events);
	end_disable(e, events);
}

static void
step_mark(void)
{
	struct end *e = take_end();
	short events = (EV_READ | EV_WRITE) & (2 * (1 + take(3)));
	size_t low = take(64), high = take_size();

	begin("setwatermark(%d, 0x%x, %zu, %zu)", end_id(e), events, low, high);
	end_mark(e, events, low, high);
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
	begin("setcb(%d, %u), %d %d %d, %d %d %d", end_id(e), which,
	    e->on_read[0], e->on_write[0], e->on_error[0], e->on_read[1],
	    e->on_write[1], e->on_error[1]);
	if (e->bev != NULL)
		end_set_callbacks(e, which);
}

static void
step_settimeout(void)
{
	struct end *e = take_end();
	unsigned which = take(4);

	begin("settimeout(%d), %u", end_id(e), which);
	if (e->bev != NULL)
		bufferevent_settimeout(e->bev, which & 1 ? LONG_TIME : 0,
		    which & 2 ? LONG_TIME : 0);
}

/*
 * Sets a priority, which is refused if it is out of range, perhaps while the
 * event is active.
 */
static void
step_priority(void)
{
	struct end *e = take_end();
	int priority = take(NPRIORITIES + 1), r;

	begin("priority_set(%d, %d)", end_id(e), priority);
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

	begin("free(%d)", end_id(e));
	end_forget(e);
}

static void
step_new(void)
{
	struct end *e = take_end();
	unsigned how = take(12);

	begin("new(%d), %u", end_id(e), how);
	end_make(e, how);
	if (e->bev != NULL)
		end_set_callbacks(e, 7);
}

static void
step_renew(void)
{
	struct end *e = take_end();

	begin("setfd(%d, the same)", end_id(e));
	end_renew(e);
}

static void
step_shut(void)
{
	struct end *e = take_end();

	begin("shutdown(%d)", end_id(e));
	end_shut(e);
}

static void
step_close(void)
{
	struct end *e = take_end();

	begin("close(%d)", end_id(e));
	end_forget(e);
	if (e->fd != -1)
		close(e->fd);
	e->fd = -1;
}

/*
 * A run, from its first step to the last checks.
 */

/* Sockets, with little room or much, or a pipe. */
static void
connect_ends(unsigned kind)
{
	int fd[2], small = 1, r;

	account_is_pipe = kind == 2;
	if (account_is_pipe)
		r = pipe2(fd, O_NONBLOCK);
	else
		r = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd);
	if (r != 0)
		fail("no descriptors: %s", strerror(errno));
	ends[0].fd = fd[account_is_pipe ? 1 : 0];
	ends[1].fd = fd[account_is_pipe ? 0 : 1];
	for (int i = 0; i < 2 && kind == 1; i++)
		setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
}

/* Gives both ends a new connection; what was in the kernel is lost. */
static void
step_reconnect(void)
{
	int old[2] = {ends[0].fd, ends[1].fd};
	unsigned kind = take(3);

	begin("setfd(both), kind %u", kind);
	connect_ends(kind);
	for (int i = 0; i < 2; i++) {
		struct end *e = &ends[i];

		end_other(e)->taken =
		    end_other(e)->written - end_in_output(end_other(e));
		e->is_shut = false;
		if (e->bev != NULL)
			evbuffer_drain(EVBUFFER_INPUT(e->bev), SIZE_MAX);
		e->heard = e->read_to = end_read_to(e);
		end_renew(e);
		if (old[i] != -1)
			close(old[i]);
	}
}

/* Runs passes of the loop until IDLE_PASSES in a row have moved no byte. */
static void
run_out(void)
{
	size_t last = 0;

	for (int idle = 0; idle < IDLE_PASSES; idle++) {
		for (int i = 0; i < 2; i++)
			end_get(&ends[i], SIZE_MAX);
		account_pass();
		account_check();
		if (ends[0].taken + ends[1].taken != last)
			idle = 0;
		last = ends[0].taken + ends[1].taken;
	}
}

static bool
continues(const struct end *e, short event)
{
	return e->bev == NULL || (e->bev->enabled & event & ~e->waits);
}

/*
 * Directions that are enabled have made progress, although the program did
 * nothing but read the input.
 */
static void
check_enabled(const struct end *e)
{
	if (!end_is_connected(e) || !continues(end_other(e), EV_READ))
		return;
	expect("what is on its way", end_in_kernel(e), 0);
	if (!continues(e, EV_WRITE) || e->is_shut)
		return;
	expect("what is to be sent", end_in_output(e), 0);
	if (e->owes)
		fail("%d did not learn that all was sent", end_id(e));
}

/* Enables both directions of an end, without marks. */
static void
open_up(struct end *e)
{
	e->notified = 0;
	if (e->bev == NULL)
		return;
	end_set_callbacks(e, 7);
	end_mark(e, EV_READ | EV_WRITE, 0, 0);
	end_enable(e, EV_READ | EV_WRITE);
}

/* Everything that was written has arrived, or an error was reported. */
static void
check_opened(const struct end *e)
{
	const struct end *to = end_other(e);
	bool is_sending = end_is_connected(e) && !e->is_shut;

	if (end_is_connected(e))
		expect("what has arrived", e->taken + end_in_output(e),
		    e->written);
	if (is_sending)
		expect("what is to be sent", end_in_output(e), 0);
	if (e->bev == NULL || account_is_pipe)
		return;
	if ((is_sending || end_in_output(e) > 0) && !(e->notified & EV_WRITE))
		fail("%d did not learn whether it can write", end_id(e));
	if ((to->fd == -1 || to->is_shut) && !(e->notified & EV_READ))
		fail("%d did not learn that no more will come", end_id(e));
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
    step_put_directly,
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
	account_make_bytes();
	account_base = event_init();
	event_priority_init(NPRIORITIES);
	connect_ends(take(3));
	end_make(&ends[0], take(12));
	if (take(2))
		end_make(&ends[1], take(12));
	for (int i = 0; i < 2; i++)
		if (ends[i].bev != NULL)
			end_set_callbacks(&ends[i], 7);
	while (fuzz_has_more(MAX_STEPS)) {
		steps[take(NSTEPS)]();
		account_check();
	}
	finish();
	for (int i = 0; i < 2; i++) {
		end_forget(&ends[i]);
		if (ends[i].fd != -1)
			close(ends[i].fd);
	}
	event_base_free(account_base);
	return 0;
}
