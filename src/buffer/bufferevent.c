/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct bufferevent: a descriptor, two evbuffers, and two events that move
 * bytes between the descriptor and the buffers.  It uses the loop through
 * <event.h>.
 *
 * 1.4 waits for the descriptor to be writable whenever there is something to
 * write, and adds both events again after each use.  Here they stay added while
 * they are needed, which takes no system call.  And output is sent early,
 * without waiting first, which nearly always succeeds:
 *
 *  1. An early send is not made inside the caller's bufferevent_write(), but
 *     from the loop, by event_active() of the write event.  So several writes
 *     become one send, and the loop calls all callbacks.
 *  2. What a read callback writes is sent when the callback returns, while the
 *     bytes are in the processor's cache.  The write event then only calls the
 *     write callback.
 *  3. An early send takes one credit, and each time the kernel reports that the
 *     descriptor is ready the credit is full again.  So a program that writes
 *     in each write callback cannot keep the loop from polling, and nothing is
 *     sent early to a descriptor that was never ready, as while it connects.
 *  4. Early sends are made to sockets alone, because send(2) has a flag not to
 *     block.
 */
#include "bufferevent.h"

#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "evbuffer_io.h"
#include "support/util.h"

/*
 * At most this many early sends are made between two reports of the kernel, so
 * this many writes at most may keep other descriptors waiting.
 */
#define CREDIT 8
/*
 * A value of bev->credit: nothing is sent early, because the descriptor is not
 * a socket.
 */
#define NOT_A_SOCKET (-1)

/* A flag in bev->error: the write event reports it, not the read event. */
#define REPORT_ON_WRITE 0x80

/*
 * For call_readcb(), to find the bufferevent that a read callback has written
 * to.  If frees is the same as before the callback, that bufferevent was not
 * freed.
 */
static _Thread_local struct {
	struct bufferevent *written; /* the last one with an early send */
	unsigned long frees;	     /* calls of bufferevent_free() */
} recent;

/* --- helpers --- */

/* Adds the event.  1.4: with 0 seconds, a running timeout is not changed. */
static int
wait_for(struct event *ev, int seconds)
{
	struct timeval tv = {seconds, 0};

	return event_add(ev, seconds != 0 ? &tv : NULL);
}

/* Adds the event again after it was ready; with 0 seconds it has no timeout. */
static int
wait_again(struct event *ev, int seconds)
{
	if (seconds == 0 && event_pending(ev, EV_TIMEOUT, NULL))
		event_del(ev);
	return wait_for(ev, seconds);
}

/*
 * Deletes the event and calls the error callback, which may free the
 * bufferevent.  The caller must not use it afterwards.
 */
static void
report_failure(struct bufferevent *bev, struct event *ev, short what)
{
	int error = what & EVBUFFER_ERROR ? errno : 0;

	event_del(ev);
	errno = error;
	if (bev->errorcb != NULL)
		bev->errorcb(bev, what, bev->cbarg);
}

/* The kernel has reported that the descriptor is ready. */
static void
renew_credit(struct bufferevent *bev)
{
	if (bev->credit != NOT_A_SOCKET)
		bev->credit = CREDIT;
}

/* --- writing --- */

/* Errors that a socket returns only once; bev->error is an index, 0: none. */
static const int socket_errors[] = {0, ECONNRESET, ECONNREFUSED, ETIMEDOUT,
    EHOSTUNREACH, ENETUNREACH, ECONNABORTED};

/* The index of the error in socket_errors; 0: it is not there. */
static unsigned char
index_of_error(int error)
{
	unsigned char i = sizeof(socket_errors) / sizeof(socket_errors[0]) - 1;

	while (socket_errors[i] != error && i > 0)
		i--;
	return i;
}

/*
 * Sends as many bytes as the descriptor takes.  is_ready: the kernel has
 * reported that it is writable.  Otherwise this is an early send, which does
 * not block and does not raise SIGPIPE.  It stores an error in bev->error
 * instead of reporting it, because bytes that can be read are reported first:
 * 1.4 waits before it writes, and so finds them.
 */
static ssize_t
transmit(struct bufferevent *bev, int fd, bool is_ready)
{
	struct evbuffer *output = bev->output;
	ssize_t n;

	if (is_ready && bev->credit == NOT_A_SOCKET)
		return evbuffer_write(output, fd);
	n = send(fd, EVBUFFER_DATA(output), EVBUFFER_LENGTH(output),
	    is_ready ? 0 : MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		evbuffer_drain(output, (size_t)n);
	if (n != -1)
		return n;
	if (errno == ENOTSOCK) {
		bev->credit = NOT_A_SOCKET;
		return is_ready ? evbuffer_write(output, fd) : -1;
	}
	if (!is_ready && index_of_error(errno) != 0)
		bev->error = index_of_error(errno);
	return -1;
}

/*
 * Reports the error of an early send as if the kernel had just reported it: by
 * the read event, unless that is not added or has read bytes instead.
 */
static void
report_early_error(struct bufferevent *bev)
{
	bool by_reading = !(bev->error & REPORT_ON_WRITE) &&
			  event_pending(&bev->ev_read, EV_READ, NULL);

	errno = socket_errors[bev->error & ~REPORT_ON_WRITE];
	bev->error = 0;
	if (by_reading)
		report_failure(bev, &bev->ev_read,
		    EVBUFFER_READ | EVBUFFER_ERROR);
	else
		report_failure(bev, &bev->ev_write,
		    EVBUFFER_WRITE | EVBUFFER_ERROR);
}

/*
 * Adds the write event.  -1 without memory.  1.4: no error for a descriptor
 * that cannot be polled.
 */
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
	/* For an early send the event is activated without being added. */
	bool is_ready = event_pending(ev, EV_WRITE, NULL) != 0;
	ssize_t n = 1; /* as after a send, if there is no output */

	if (what == EV_TIMEOUT) {
		report_failure(bev, ev, EVBUFFER_WRITE | EVBUFFER_TIMEOUT);
		return;
	}
	if (is_ready && bev->error != 0) {
		report_early_error(bev);
		return;
	}
	if (is_ready)
		renew_credit(bev);
	if (EVBUFFER_LENGTH(bev->output) > 0)
		n = transmit(bev, fd, is_ready);
	if (n == -1 && (!is_ready || evi_util_is_transient(errno))) {
		if (wait_to_write(bev) == -1)
			report_failure(bev, ev,
			    EVBUFFER_WRITE | EVBUFFER_ERROR);
		return;
	}
	if (n > 0 && EVBUFFER_LENGTH(bev->output) == 0)
		event_del(ev);
	else if (n > 0 && wait_to_write(bev) == -1)
		n = -1;
	if (n <= 0) {
		report_failure(bev, ev,
		    EVBUFFER_WRITE | (n == 0 ? EVBUFFER_EOF : EVBUFFER_ERROR));
		return;
	}
	if (bev->writecb != NULL &&
	    EVBUFFER_LENGTH(bev->output) <= bev->wm_write.low)
		bev->writecb(bev, bev->cbarg);
}

/*
 * Has the loop send the output, early if there is credit.  -1 without memory.
 */
static int
schedule_write(struct bufferevent *bev)
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

/* Cancels an early send, and waiting. */
static void
stop_writing(struct bufferevent *bev)
{
	if (recent.written == bev)
		recent.written = NULL;
	event_del(&bev->ev_write);
}

/*
 * Makes the early send for which the write event is active.  The event then
 * calls the write callback.  With a low mark above 0 that callback may have to
 * be called after each send, so nothing is sent here.
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
		event_active(ev, EV_WRITE, 1); /* the event tries again */
}

/* --- reading --- */

static bool
is_full(const struct bufferevent *bev)
{
	return bev->wm_read.high != 0 &&
	       EVBUFFER_LENGTH(bev->input) >= bev->wm_read.high;
}

/* Stops reading until the input is shorter than the high mark. */
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

/* How many bytes evbuffer_read() may read; -1: no limit. */
static int
read_limit(const struct bufferevent *bev)
{
	size_t room, most;

	if (bev->wm_read.high == 0)
		return -1;
	room = bev->wm_read.high - EVBUFFER_LENGTH(bev->input);
	most = evi_evbuffer_io_default_limit(bev->input);
	if (room > most)
		room = most;
	return room < INT_MAX ? (int)room : INT_MAX;
}

/*
 * Calls the read callback, and sends what it has written to this bufferevent or
 * to another one.
 */
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
		report_failure(bev, &bev->ev_read,
		    EVBUFFER_READ | EVBUFFER_TIMEOUT);
		return;
	}
	if (is_full(bev)) {
		pause_reading(bev);
		return;
	}
	n = evbuffer_read(bev->input, fd, read_limit(bev));
	if (n == 0 && bev->error != 0) {
		report_early_error(bev);
		return;
	}
	if (n == 0 || (n == -1 && !evi_util_is_transient(errno))) {
		report_failure(bev, &bev->ev_read,
		    EVBUFFER_READ | (n == 0 ? EVBUFFER_EOF : EVBUFFER_ERROR));
		return;
	}
	renew_credit(bev);
	if (bev->error != 0)
		bev->error |= REPORT_ON_WRITE;
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

/* 1.4: the write event is never active, so the priority can be changed. */
int
bufferevent_priority_set(struct bufferevent *bev, int priority)
{
	if (event_priority_set(&bev->ev_read, priority) == -1)
		return -1;
	if (event_priority_set(&bev->ev_write, priority) == 0)
		return 0;
	if (!event_pending(&bev->ev_write, EV_WRITE, NULL))
		return -1; /* it is active because of a timeout */
	event_del(&bev->ev_write);
	event_priority_set(&bev->ev_write, priority);
	return schedule_write(bev);
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

/* 1.4: the events get the default priority. */
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
 * Schedules the write of len bytes that the caller will append to the output.
 * *begun: the write event was added or activated for them.  -1 without memory.
 */
static int
begin_write(struct bufferevent *bev, size_t len, bool *begun)
{
	bool is_added;

	*begun = false;
	if (len == 0 || !(bev->enabled & EV_WRITE))
		return 0;
	is_added = event_pending(&bev->ev_write, EV_WRITE, NULL) != 0;
	if (schedule_write(bev) == -1)
		return -1;
	*begun = !is_added;
	return 0;
}

/* The bytes could not be appended. */
static int
cancel_write(struct bufferevent *bev, bool begun)
{
	if (begun)
		event_del(&bev->ev_write);
	errno = ENOMEM;
	return -1;
}

int
bufferevent_write(struct bufferevent *bev, const void *data, size_t len)
{
	bool begun;

	if (begin_write(bev, len, &begun) == -1 ||
	    evbuffer_add(bev->output, data, len) == -1)
		return cancel_write(bev, begun);
	return 0;
}

int
bufferevent_write_buffer(struct bufferevent *bev, struct evbuffer *buf)
{
	bool begun;

	if (begin_write(bev, EVBUFFER_LENGTH(buf), &begun) == -1 ||
	    evbuffer_add_buffer(bev->output, buf) == -1)
		return cancel_write(bev, begun);
	return 0;
}

size_t
bufferevent_read(struct bufferevent *bev, void *data, size_t len)
{
	return (size_t)evbuffer_remove(bev->input, data, len);
}

/*
 * Waits for the descriptor to be writable even without output, because programs
 * learn that way that a connection is made.  If that fails, reading stays as it
 * was.
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

/* 1.4: any change of a mark resumes reading if the input is not full. */
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
