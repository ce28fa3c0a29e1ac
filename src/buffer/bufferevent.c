/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct bufferevent: a descriptor, two evbuffers, and two events that move the
 * bytes between them.  It is above the loop and knows of it what <event.h>
 * says.
 *
 * 1.4 waits for the descriptor to be writable whenever there is something to
 * write, and adds both events anew after each use.  Here they stay added for as
 * long as they are wanted, which costs no system call; and what is to be
 * written is sent ahead, without waiting first, which nearly always works:
 *
 *  1. Not inside the caller's bufferevent_write(), but from the loop, through
 *     an event_active() of the event for writing.  So several writes are one
 *     send, and the callbacks come from where they always do.
 *  2. What a read callback writes is sent when that returns, as long as it is
 *     in the cache; the event then only calls the write callback.
 *  3. Only while there is credit.  Waiting for the kernel brings it, sending
 *     ahead uses it up: so a program that writes more each time it has written
 *     cannot keep the loop from polling, and nothing is sent ahead to a
 *     descriptor that was not ready before, as it is while connecting.
 *  4. Only to sockets, where a send can be told not to block.
 */
#include "bufferevent.h"
#include "evbuffer_io.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

/* How often one may send ahead before the kernel has to be waited for. */
#define CREDIT 8
/* It is no socket. */
#define NO_CREDIT (-1)

/* Or'ed to the number of an error that was found ahead. */
#define LEFT_TO_WRITING 0x80

/*
 * Which bufferevent was the last that is to be sent to ahead, and how many were
 * freed.  If that is none since a callback began, the former is still there.
 */
static _Thread_local struct {
	struct bufferevent *written;
	unsigned long frees;
} recent;

/* --- helpers --- */

/* 1.4: without a timeout, one that is running goes on. */
static int
wait_for(struct event *ev, int seconds)
{
	struct timeval tv = {seconds, 0};

	return event_add(ev, seconds != 0 ? &tv : NULL);
}

/* The same after it was ready, which ended the timeout. */
static int
wait_again(struct event *ev, int seconds)
{
	if (seconds == 0 && event_pending(ev, EV_TIMEOUT, NULL))
		event_del(ev);
	return wait_for(ev, seconds);
}

/* May free it, so this comes last. */
static void
fail(struct bufferevent *bev, struct event *ev, short what)
{
	int why = what & EVBUFFER_ERROR ? errno : 0;

	event_del(ev);
	errno = why;
	if (bev->errorcb != NULL)
		bev->errorcb(bev, what, bev->cbarg);
}

static bool
is_for_now(int error)
{
	return error == EAGAIN || error == EINTR || error == EINPROGRESS;
}

/* The kernel was waited for. */
static void
bring_credit(struct bufferevent *bev)
{
	if (bev->credit != NO_CREDIT)
		bev->credit = CREDIT;
}

/* --- writing --- */

/* With these a socket says only once that it has failed. */
static const int socket_errors[] = {0, ECONNRESET, ECONNREFUSED, ETIMEDOUT,
    EHOSTUNREACH, ENETUNREACH, ECONNABORTED};

/* Its number among them; 0 for others. */
static unsigned char
socket_error(int error)
{
	unsigned char i = sizeof(socket_errors) / sizeof(socket_errors[0]) - 1;

	while (socket_errors[i] != error && i > 0)
		i--;
	return i;
}

/*
 * Sends what the descriptor takes.  Ahead of waiting for it that is without
 * blocking, and no error is told: 1.4 would wait, find that there is
 * something to read as well, and tell of what happened first, without the
 * signal that comes with EPIPE.
 */
static ssize_t
transmit(struct bufferevent *bev, int fd, bool waited)
{
	struct evbuffer *output = bev->output;
	ssize_t n;

	if (waited && bev->credit == NO_CREDIT)
		return evbuffer_write(output, fd);
	n = send(fd, EVBUFFER_DATA(output), EVBUFFER_LENGTH(output),
	    waited ? 0 : MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		evbuffer_drain(output, (size_t)n);
	if (n != -1)
		return n;
	if (errno == ENOTSOCK) {
		bev->credit = NO_CREDIT;
		return waited ? evbuffer_write(output, fd) : -1;
	}
	if (!waited && socket_error(errno) != 0)
		bev->error = socket_error(errno);
	return -1;
}

/*
 * The error that was found ahead is told as if waiting had found it: by
 * reading, unless that is not wanted or found bytes instead.
 */
static void
tell_error(struct bufferevent *bev)
{
	bool by_reading = !(bev->error & LEFT_TO_WRITING) &&
			  event_pending(&bev->ev_read, EV_READ, NULL);

	errno = socket_errors[bev->error & ~LEFT_TO_WRITING];
	bev->error = 0;
	if (by_reading)
		fail(bev, &bev->ev_read, EVBUFFER_READ | EVBUFFER_ERROR);
	else
		fail(bev, &bev->ev_write, EVBUFFER_WRITE | EVBUFFER_ERROR);
}

/* 1.4: no error where the descriptor is one that cannot be waited for. */
static int
wait_to_write(struct bufferevent *bev)
{
	struct event *ev = &bev->ev_write;

	if (wait_again(ev, bev->timeout_write) == 0 || errno != ENOMEM)
		return 0;
	return event_pending(ev, EV_WRITE, NULL) ? 0 : -1;
}

static void
writable_cb(int fd, short what, void *arg)
{
	struct bufferevent *bev = arg;
	struct event *ev = &bev->ev_write;
	bool waited = event_pending(ev, EV_WRITE, NULL) != 0;
	ssize_t n = 1;

	if (what == EV_TIMEOUT) {
		fail(bev, ev, EVBUFFER_WRITE | EVBUFFER_TIMEOUT);
		return;
	}
	if (waited && bev->error != 0) {
		tell_error(bev);
		return;
	}
	if (waited)
		bring_credit(bev);
	if (EVBUFFER_LENGTH(bev->output) > 0)
		n = transmit(bev, fd, waited);
	if (n == -1 && (!waited || is_for_now(errno))) {
		if (wait_to_write(bev) == -1)
			fail(bev, ev, EVBUFFER_WRITE | EVBUFFER_ERROR);
		return;
	}
	if (n > 0 && EVBUFFER_LENGTH(bev->output) == 0)
		event_del(ev);
	else if (n > 0 && wait_to_write(bev) == -1)
		n = -1;
	if (n <= 0) {
		fail(bev, ev,
		    EVBUFFER_WRITE | (n == 0 ? EVBUFFER_EOF : EVBUFFER_ERROR));
		return;
	}
	if (bev->writecb != NULL &&
	    EVBUFFER_LENGTH(bev->output) <= bev->wm_write.low)
		bev->writecb(bev, bev->cbarg);
}

/* There is something to send, or will be.  -1 without memory. */
static int
write_soon(struct bufferevent *bev)
{
	struct event *ev = &bev->ev_write;

	if (event_pending(ev, EV_WRITE, NULL)) {
		wait_for(ev, bev->timeout_write);
		return 0;
	}
	if (bev->credit <= 0)
		return wait_to_write(bev);
	bev->credit--;
	event_active(ev, EV_WRITE, 1);
	recent.written = bev;
	return 0;
}

/* It is not to be sent to ahead any more. */
static void
stop_writing(struct bufferevent *bev)
{
	if (recent.written == bev)
		recent.written = NULL;
	event_del(&bev->ev_write);
}

/*
 * The event for writing is active, or was: sends right now, and leaves what is
 * to be told to the event.  With a low mark there may be something to tell
 * after each send.
 */
static void
send_now(struct bufferevent *bev)
{
	struct event *ev = &bev->ev_write;

	if (!event_pending(ev, EV_WRITE, NULL) || bev->wm_write.low != 0 ||
	    EVBUFFER_LENGTH(bev->output) == 0)
		return;
	transmit(bev, ev->ev_fd, false);
	if (EVBUFFER_LENGTH(bev->output) == 0) {
		if (bev->writecb == NULL)
			event_del(ev);
		return;
	}
	event_del(ev);
	if (wait_to_write(bev) == -1)
		event_active(ev, EV_WRITE, 1); /* which tries again */
}

/* --- reading --- */

static bool
is_full(const struct bufferevent *bev)
{
	return bev->wm_read.high != 0 &&
	       EVBUFFER_LENGTH(bev->input) >= bev->wm_read.high;
}

/* Reads no more until the input has shrunk below the high mark. */
static void
pause_reading(struct bufferevent *bev)
{
	event_del(&bev->ev_read);
	evbuffer_setcb(bev->input, bufferevent_read_pressure_cb, bev);
}

static void
resume_reading(struct bufferevent *bev)
{
	if (is_full(bev))
		return;
	if ((bev->enabled & EV_READ) &&
	    wait_for(&bev->ev_read, bev->timeout_read) == -1 && errno == ENOMEM)
		return; /* the next change tries again */
	if (bev->input->cb == bufferevent_read_pressure_cb)
		evbuffer_setcb(bev->input, NULL, NULL);
}

void
bufferevent_read_pressure_cb(struct evbuffer *input, size_t old, size_t now,
    void *arg)
{
	(void)input;
	(void)old;
	(void)now;
	resume_reading(arg);
}

/* How much evbuffer_read() may take; -1 is without a limit. */
static int
room_below_mark(const struct bufferevent *bev)
{
	size_t room, a_lot;

	if (bev->wm_read.high == 0)
		return -1;
	room = bev->wm_read.high - EVBUFFER_LENGTH(bev->input);
	a_lot = evi_evbuffer_io_default(bev->input);
	if (room > a_lot)
		room = a_lot;
	return room < INT_MAX ? (int)room : INT_MAX;
}

/* What it writes, to this bufferevent or another, is sent when it returns. */
static void
call_readcb(struct bufferevent *bev)
{
	unsigned long frees = recent.frees;

	if (bev->readcb == NULL)
		return;
	recent.written = NULL;
	bev->readcb(bev, bev->cbarg);
	if (recent.written != NULL && recent.frees == frees)
		send_now(recent.written);
}

static void
readable_cb(int fd, short what, void *arg)
{
	struct bufferevent *bev = arg;
	int n;

	if (what == EV_TIMEOUT) {
		fail(bev, &bev->ev_read, EVBUFFER_READ | EVBUFFER_TIMEOUT);
		return;
	}
	if (is_full(bev)) {
		pause_reading(bev);
		return;
	}
	n = evbuffer_read(bev->input, fd, room_below_mark(bev));
	if (n == 0 && bev->error != 0) {
		tell_error(bev);
		return;
	}
	if (n == 0 || (n == -1 && !is_for_now(errno))) {
		fail(bev, &bev->ev_read,
		    EVBUFFER_READ | (n == 0 ? EVBUFFER_EOF : EVBUFFER_ERROR));
		return;
	}
	bring_credit(bev);
	if (bev->error != 0)
		bev->error |= LEFT_TO_WRITING;
	wait_again(&bev->ev_read, bev->timeout_read);
	if (n == -1 || EVBUFFER_LENGTH(bev->input) < bev->wm_read.low)
		return;
	if (is_full(bev))
		pause_reading(bev);
	call_readcb(bev);
}

/* --- the interface --- */

static void
set_events(struct bufferevent *bev, int fd)
{
	event_set(&bev->ev_read, fd, EV_READ | EV_PERSIST, readable_cb, bev);
	event_set(&bev->ev_write, fd, EV_WRITE | EV_PERSIST, writable_cb, bev);
	bev->credit = 0;
	bev->error = 0;
}

struct bufferevent *
bufferevent_new(int fd, evbuffercb readcb, evbuffercb writecb,
    everrorcb errorcb, void *cbarg)
{
	struct bufferevent *bev = calloc(1, sizeof(*bev));

	if (bev == NULL)
		return NULL;
	bev->input = evbuffer_new();
	bev->output = evbuffer_new();
	if (bev->input == NULL || bev->output == NULL) {
		evbuffer_free(bev->input);
		evbuffer_free(bev->output);
		free(bev);
		return NULL;
	}
	set_events(bev, fd);
	bev->enabled = EV_WRITE;
	bufferevent_setcb(bev, readcb, writecb, errorcb, cbarg);
	return bev;
}

void
bufferevent_free(struct bufferevent *bev)
{
	if (bev == NULL)
		return;
	recent.frees++;
	event_del(&bev->ev_read);
	event_del(&bev->ev_write);
	evbuffer_free(bev->input);
	evbuffer_free(bev->output);
	free(bev);
}

int
bufferevent_base_set(struct event_base *base, struct bufferevent *bev)
{
	bev->ev_base = base;
	if (event_base_set(base, &bev->ev_read) == -1)
		return -1;
	return event_base_set(base, &bev->ev_write);
}

/* What is to be sent ahead is active.  1.4: it would only be waited for. */
int
bufferevent_priority_set(struct bufferevent *bev, int priority)
{
	if (event_priority_set(&bev->ev_read, priority) == -1)
		return -1;
	if (event_priority_set(&bev->ev_write, priority) == 0)
		return 0;
	if (!event_pending(&bev->ev_write, EV_WRITE, NULL))
		return -1; /* a timeout that is about to be told */
	event_del(&bev->ev_write);
	event_priority_set(&bev->ev_write, priority);
	return write_soon(bev);
}

void
bufferevent_setcb(struct bufferevent *bev, evbuffercb readcb,
    evbuffercb writecb, everrorcb errorcb, void *cbarg)
{
	bev->readcb = readcb;
	bev->writecb = writecb;
	bev->errorcb = errorcb;
	bev->cbarg = cbarg;
}

/* 1.4: the priority becomes that of any new event. */
void
bufferevent_setfd(struct bufferevent *bev, int fd)
{
	event_del(&bev->ev_read);
	stop_writing(bev);
	set_events(bev, fd);
	if (bev->ev_base != NULL)
		bufferevent_base_set(bev->ev_base, bev);
}

/*
 * Something is about to be put in the output.  1: the event for writing was
 * added for it, 0: it need not be.  -1 without memory.
 */
static int
announce(struct bufferevent *bev, size_t len)
{
	bool pending = event_pending(&bev->ev_write, EV_WRITE, NULL) != 0;

	if (len == 0 || !(bev->enabled & EV_WRITE))
		return 0;
	return write_soon(bev) == -1 ? -1 : !pending;
}

/* It came to nothing. */
static int
call_off(struct bufferevent *bev, int announced)
{
	if (announced == 1)
		event_del(&bev->ev_write);
	errno = ENOMEM;
	return -1;
}

int
bufferevent_write(struct bufferevent *bev, const void *data, size_t len)
{
	int announced = announce(bev, len);

	if (announced == -1 || evbuffer_add(bev->output, data, len) == -1)
		return call_off(bev, announced);
	return 0;
}

int
bufferevent_write_buffer(struct bufferevent *bev, struct evbuffer *buf)
{
	int announced = announce(bev, EVBUFFER_LENGTH(buf));

	if (announced == -1 || evbuffer_add_buffer(bev->output, buf) == -1)
		return call_off(bev, announced);
	return 0;
}

size_t
bufferevent_read(struct bufferevent *bev, void *data, size_t len)
{
	return (size_t)evbuffer_remove(bev->input, data, len);
}

/*
 * Writing is waited for: programs learn this way that they are connected.  A
 * call that fails leaves reading as it was.
 */
int
bufferevent_enable(struct bufferevent *bev, short events)
{
	bool was_reading = event_pending(&bev->ev_read, EV_READ, NULL);

	if ((events & EV_READ) &&
	    wait_for(&bev->ev_read, bev->timeout_read) == -1)
		return -1;
	if ((events & EV_WRITE) &&
	    wait_for(&bev->ev_write, bev->timeout_write) == -1) {
		if ((events & EV_READ) && !was_reading)
			event_del(&bev->ev_read);
		return -1;
	}
	bev->enabled |= events;
	return 0;
}

int
bufferevent_disable(struct bufferevent *bev, short events)
{
	if (events & EV_READ)
		event_del(&bev->ev_read);
	if (events & EV_WRITE)
		stop_writing(bev);
	bev->enabled &= (short)~events;
	return 0;
}

void
bufferevent_settimeout(struct bufferevent *bev, int read_secs, int write_secs)
{
	bev->timeout_read = read_secs;
	bev->timeout_write = write_secs;
	if (event_pending(&bev->ev_read, EV_READ, NULL))
		wait_for(&bev->ev_read, read_secs);
	if (event_pending(&bev->ev_write, EV_WRITE, NULL))
		wait_for(&bev->ev_write, write_secs);
}

/* 1.4: any change has reading tried again. */
void
bufferevent_setwatermark(struct bufferevent *bev, short events, size_t low,
    size_t high)
{
	if (events & EV_READ)
		bev->wm_read = (struct event_watermark){low, high};
	if (events & EV_WRITE)
		bev->wm_write = (struct event_watermark){low, high};
	resume_reading(bev);
}
