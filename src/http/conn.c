/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp_connection: its socket and events.  The plan:
 *
 *  1. ev stays added, persistent, as long as bytes are welcome.  Its timeout is
 *     not moved with each byte, which would cost more than a small request: it
 *     says when to look at the clock, and what is left then is waited for.
 *  2. What comes is read into a block on the stack and given to the reader;
 *     what the reader does not use is kept in input_buffer.  That frame is gone
 *     before anybody is called.  Large bodies are read into the request.
 *  3. What is to be written is output_buffer and then the body of one answer,
 *     which has not been copied: one sendmsg() takes both.
 *  4. close_ev is added only where the socket takes no more.
 */
#include "conn.h"

#include "support/fork.h"
#include "support/log.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define ASSERT_OFFSET(member, on64, on32)                                      \
	_Static_assert(offsetof(struct evhttp_connection, member) ==           \
			   (sizeof(void *) == 8 ? (on64) : (on32)),            \
	    "libevent 1.4 has it elsewhere")
ASSERT_OFFSET(next, 0, 0);
ASSERT_OFFSET(fd, 16, 8);
ASSERT_OFFSET(input_buffer, 280, 156);
ASSERT_OFFSET(output_buffer, 288, 160);
ASSERT_OFFSET(address, 312, 172);
ASSERT_OFFSET(port, 320, 176);
ASSERT_OFFSET(flags, 324, 180);
ASSERT_OFFSET(timeout, 328, 184);
ASSERT_OFFSET(state, 340, 196);
ASSERT_OFFSET(requests, 352, 204);
ASSERT_OFFSET(closecb, 384, 220);
ASSERT_OFFSET(base, 400, 228);
#undef ASSERT_OFFSET

/* What is read at once, but for large bodies. */
#define READ_SIZE 16384
/* A large body is read into the request in pieces of this size. */
#define DIRECT_SIZE 262144
/* A connection keeps a block of this size for what is streamed. */
#define KEPT_OUTPUT 4096

/* Seconds; 1.4's. */
#define DEFAULT_TIMEOUT 50

/* --- time --- */

/* Never later than the precise clock, and up to a tick behind it. */
static struct timespec
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts;
}

/* More than a tick, so that nothing is over too early. */
#define TICK_US 20000

/* How long is waited; false: for ever. */
static bool
time_limit(const struct evhttp_connection *evcon, struct timeval *tv)
{
	if (evcon->is_exact) {
		*tv = evcon->time_limit;
	} else {
		tv->tv_sec =
		    evcon->timeout < 0 ? DEFAULT_TIMEOUT : evcon->timeout;
		tv->tv_usec = 0;
	}
	return evutil_timerisset(tv);
}

/* What is left of the limit, in microseconds; 0 or less: it is over. */
static int64_t
time_remaining(const struct evhttp_connection *evcon,
    const struct timeval *limit)
{
	struct timespec ts = now();
	int64_t passed =
	    (int64_t)(ts.tv_sec - evcon->wait_start.tv_sec) * 1000000 +
	    (ts.tv_nsec - evcon->wait_start.tv_nsec) / 1000;

	return (int64_t)limit->tv_sec * 1000000 + limit->tv_usec + TICK_US -
	       passed;
}

void
evi_conn_restart_timeout(struct evhttp_connection *evcon)
{
	evcon->wait_start = now();
}

void
evi_conn_report_no_memory(struct evhttp_connection *evcon)
{
	event_warnx("evhttp: no memory to go on with a connection");
	evcon->out_of_memory = evcon->is_writing = true;
	event_active(&evcon->close_ev, EV_TIMEOUT, 1);
}

/* Adds ev for reading, if it is to be, with what is left of the time. */
static void
add_reading(struct evhttp_connection *evcon)
{
	struct timeval limit, tv;
	int64_t left;

	evcon->has_timer = !evcon->has_no_timeout && time_limit(evcon, &limit);
	if (evcon->has_timer) {
		left = time_remaining(evcon, &limit);
		if (left < 1)
			left = 1;
		tv.tv_sec = left / 1000000;
		tv.tv_usec = left % 1000000;
	}
	evcon->is_reading = true;
	if (event_add(&evcon->ev, evcon->has_timer ? &tv : NULL) == -1)
		evi_conn_report_no_memory(evcon);
}

void
evi_conn_start_reading(struct evhttp_connection *evcon)
{
	if (evcon->fd == -1 || evcon->is_reading)
		return;
	evi_conn_restart_timeout(evcon);
	add_reading(evcon);
}

void
evi_conn_stop_reading(struct evhttp_connection *evcon)
{
	if (!evcon->is_reading)
		return;
	event_del(&evcon->ev);
	evcon->is_reading = evcon->has_timer = false;
}

void
evi_conn_time_limit_changed(struct evhttp_connection *evcon)
{
	if (!evcon->is_reading)
		return;
	event_del(&evcon->ev);
	evi_conn_restart_timeout(evcon);
	add_reading(evcon);
}

void
evi_conn_wait_for_input(struct evhttp_connection *evcon, bool patient)
{
	struct timeval limit;

	evcon->has_no_timeout = patient;
	if (!patient)
		evi_conn_restart_timeout(evcon);
	if (evcon->is_reading && !patient && !evcon->has_timer &&
	    time_limit(evcon, &limit))
		add_reading(evcon);
	else if (!evcon->is_reading)
		add_reading(evcon);
}

/* The timer may have been set long before the wait began. */
static void
check_timeout(struct evhttp_connection *evcon)
{
	struct timeval limit;

	evcon->is_reading = evcon->has_timer = false;
	if (evcon->unanswered != NULL || evcon->is_paused)
		return; /* what comes is not waited for */
	if (evcon->is_blocked)
		evi_conn_restart_timeout(
		    evcon); /* that has a timeout of its own */
	if (!evcon->has_no_timeout && time_limit(evcon, &limit) &&
	    time_remaining(evcon, &limit) <= 0)
		evcon->role->timed_out_cb(evcon);
	else
		add_reading(evcon);
}

static void
read_cb(int fd, short what, void *arg)
{
	struct evhttp_connection *evcon = arg;

	(void)fd;
	evi_conn_ref(evcon);
	if (what & EV_READ)
		evcon->role->readable_cb(evcon);
	else
		check_timeout(evcon);
	evi_conn_unref(evcon);
}

static void
write_cb(int fd, short what, void *arg)
{
	struct evhttp_connection *evcon = arg;

	(void)fd;
	evcon->is_writing = false;
	evi_conn_ref(evcon);
	if (what & EV_WRITE)
		evcon->role->writable_cb(evcon);
	else
		evcon->role->timed_out_cb(evcon);
	evi_conn_unref(evcon);
}

/* --- life --- */

struct evhttp_connection *
evi_conn_new(const struct conn_role *role)
{
	struct evhttp_connection *evcon = calloc(1, sizeof *evcon);

	if (evcon == NULL)
		return NULL;
	evcon->fd = -1;
	evcon->timeout = -1;
	evcon->role = role;
	evcon->input_buffer = &evcon->input;
	evcon->output_buffer = &evcon->output;
	TAILQ_INIT(&evcon->requests);
	return evcon;
}

void
evi_conn_open(struct evhttp_connection *evcon, int fd, struct event_base *base)
{
	evcon->fd = fd;
	evcon->fork_generation = evi_fork_generation;
	evcon->base = base;
	evcon->out_of_memory = false;
	event_set(&evcon->ev, fd, EV_READ | EV_PERSIST, read_cb, evcon);
	event_set(&evcon->close_ev, fd, EV_WRITE, write_cb, evcon);
	if (base != NULL) {
		event_base_set(base, &evcon->ev);
		event_base_set(base, &evcon->close_ev);
	}
}

/* An empty buffer without a block. */
static void
reset_buffer(struct evbuffer *buf)
{
	evbuffer_drain(buf, buf->off);
	free(buf->orig_buffer);
	buf->buffer = buf->orig_buffer = NULL;
	buf->totallen = 0;
}

static void
stop_events(struct evhttp_connection *evcon)
{
	evi_conn_stop_reading(evcon);
	if (evcon->is_writing)
		event_del(&evcon->close_ev);
	evcon->is_writing = evcon->is_blocked = false;
}

void
evi_conn_close(struct evhttp_connection *evcon)
{
	if (evcon->fd == -1)
		return;
	stop_events(evcon);
	close(evcon->fd);
	evcon->fd = -1;
	free(evcon->peer);
	evcon->peer = NULL;
	evcon->state = EVI_CONN_DISCONNECTED;
	evcon->body = NULL;
	evcon->drain_cb = NULL;
	reset_buffer(&evcon->input);
	reset_buffer(&evcon->output);
}

void
evi_conn_call_closecb(struct evhttp_connection *evcon)
{
	if (!evcon->is_connected)
		return;
	evcon->is_connected = false;
	if (evcon->closecb != NULL)
		evcon->closecb(evcon, evcon->closecb_arg);
}

static void
free_memory(struct evhttp_connection *evcon)
{
	/* An answer given inside the close callback. */
	reset_buffer(&evcon->input);
	reset_buffer(&evcon->output);
	free(evcon->bind_address);
	free(evcon->address);
	free(evcon);
}

void
evi_conn_destroy(struct evhttp_connection *evcon)
{
	evi_conn_close(evcon);
	evcon->is_freed = true;
	if (evcon->refs == 0)
		free_memory(evcon);
}

void
evi_conn_ref(struct evhttp_connection *evcon)
{
	evcon->refs++;
}

void
evi_conn_unref(struct evhttp_connection *evcon)
{
	if (--evcon->refs == 0 && evcon->is_freed)
		free_memory(evcon);
}

int
evi_conn_take_fd(struct evhttp_connection *evcon, struct evbuffer *rest)
{
	int fd = evcon->fd;

	if (fd == -1)
		return -1;
	if (rest != NULL && evbuffer_add_buffer(rest, &evcon->input) == -1)
		return -1;
	stop_events(evcon);
	evcon->fd = -1;
	free(evcon->peer);
	evcon->peer = NULL;
	evcon->is_connected = false;
	evcon->state = EVI_CONN_DISCONNECTED;
	reset_buffer(&evcon->input);
	return fd;
}

/* --- what the program frees --- */

void
evhttp_connection_free(struct evhttp_connection *evcon)
{
	if (evcon != NULL && !evcon->is_freed)
		evcon->role->free_cb(evcon);
}

void
evhttp_request_free(struct evhttp_request *pub)
{
	struct http_request *req = evi_request_of(pub);

	if (req == NULL)
		return;
	if (req->in_last_callback)
		req->is_owned = false;
	else if (req->is_queued)
		pub->evcon->role->free_request_cb(pub->evcon, req);
	else
		evi_request_free(req);
}

/* --- reading --- */

/* There has to be a request to fill, unless its body is dropped. */
static enum read_result
begin_message(struct evhttp_connection *evcon)
{
	if (evcon->reading != NULL || evcon->reader.discards_body)
		return EVI_READ_MORE;
	return evcon->role->begin_cb(evcon);
}

enum read_result
evi_conn_feed(struct evhttp_connection *evcon)
{
	enum read_result result = begin_message(evcon);
	size_t used;

	if (result != EVI_READ_MORE)
		return result;
	result = evi_reader_feed(&evcon->reader, evcon->reading,
	    (const char *)evcon->input.buffer, evcon->input.off, &used);
	evbuffer_drain(&evcon->input, used);
	if (evcon->input.off == 0)
		reset_buffer(&evcon->input);
	return result;
}

/* What is not used of the bytes is kept. */
static enum read_result
feed_bytes(struct evhttp_connection *evcon, const char *data, size_t len)
{
	enum read_result result;
	size_t used;

	if (evcon->input.off > 0) {
		if (evbuffer_add(&evcon->input, data, len) == -1)
			return EVI_READ_NOMEM;
		return evi_conn_feed(evcon);
	}
	result = begin_message(evcon);
	if (result != EVI_READ_MORE) {
		if (evbuffer_add(&evcon->input, data, len) == -1)
			return EVI_READ_NOMEM;
		return result;
	}
	result =
	    evi_reader_feed(&evcon->reader, evcon->reading, data, len, &used);
	if (used < len &&
	    evbuffer_add(&evcon->input, data + used, len - used) == -1)
		return EVI_READ_NOMEM;
	return result;
}

/* In a frame of its own, which is gone when somebody is called. */
__attribute__((noinline)) static ssize_t
read_block(struct evhttp_connection *evcon, enum read_result *result)
{
	char block[READ_SIZE];
	ssize_t n = recv(evcon->fd, block, sizeof block, 0);

	if (n > 0)
		*result = feed_bytes(evcon, block, (size_t)n);
	return n;
}

static ssize_t
read_directly(struct evhttp_connection *evcon, size_t most,
    enum read_result *result)
{
	struct http_request *req = evcon->reading;
	int n = evbuffer_read(&req->input, evcon->fd,
	    (int)(most < DIRECT_SIZE ? most : DIRECT_SIZE));

	if (n > 0)
		*result = evi_reader_add_direct(&evcon->reader, req, (size_t)n);
	return n;
}

enum input_result
evi_conn_read(struct evhttp_connection *evcon, enum read_result *result)
{
	size_t direct = evi_reader_direct_size(&evcon->reader);
	bool is_direct = direct >= READ_SIZE && evcon->input.off == 0;
	ssize_t n;

	if (is_direct)
		n = read_directly(evcon, direct, result);
	else
		n = read_block(evcon, result);
	evcon->may_have_more = is_direct || n == READ_SIZE;
	if (n > 0)
		return EVI_INPUT_READ;
	if (n == 0)
		return EVI_INPUT_EOF;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return EVI_INPUT_NONE;
	return EVI_INPUT_FAILED;
}

/* --- writing --- */

int
evi_conn_add(struct evhttp_connection *evcon, const char *data, size_t len)
{
	if (evcon->body != NULL) {
		if (evbuffer_add_buffer(&evcon->output, &evcon->body->output) ==
		    -1)
			return -1;
		evcon->body = NULL;
	}
	return evbuffer_add(&evcon->output, data, len);
}

size_t
evi_conn_unsent(const struct evhttp_connection *evcon)
{
	return evcon->output.off +
	       (evcon->body != NULL ? evcon->body->output.off : 0);
}

static ssize_t
send_both(struct evhttp_connection *evcon)
{
	struct evbuffer *body = &evcon->body->output;
	struct iovec iov[2] = {
	    {evcon->output.buffer, evcon->output.off},
	    {body->buffer, body->off},
	};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};

	return sendmsg(evcon->fd, &msg, MSG_NOSIGNAL);
}

static void
drain_sent(struct evhttp_connection *evcon, size_t n)
{
	size_t of_output = n < evcon->output.off ? n : evcon->output.off;

	evcon->written += n;
	evbuffer_drain(&evcon->output, of_output);
	if (evcon->body == NULL)
		return;
	evbuffer_drain(&evcon->body->output, n - of_output);
	if (evcon->body->output.off == 0)
		evcon->body = NULL;
}

/* The socket takes no more: waits, with the time beginning now. */
static int
wait_to_write(struct evhttp_connection *evcon)
{
	struct timeval limit;

	evcon->is_blocked = evcon->is_writing = true;
	if (event_add(&evcon->close_ev,
		time_limit(evcon, &limit) ? &limit : NULL) == -1)
		evi_conn_report_no_memory(evcon);
	return 0;
}

int
evi_conn_flush(struct evhttp_connection *evcon)
{
	size_t unsent = evi_conn_unsent(evcon);
	ssize_t n = 0;

	if (evcon->output_failed || evcon->fd == -1)
		return -1;
	if (unsent > 0) {
		n = evcon->body != NULL ? send_both(evcon)
					: send(evcon->fd, evcon->output.buffer,
					      evcon->output.off, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
		    errno != EINTR) {
			evcon->output_failed = true;
			return -1;
		}
		if (n > 0)
			drain_sent(evcon, (size_t)n);
		if ((size_t)(n > 0 ? n : 0) < unsent)
			return wait_to_write(evcon);
	}
	if (evcon->is_writing)
		event_del(&evcon->close_ev);
	evcon->is_writing = evcon->is_blocked = false;
	if (evcon->output.totallen > KEPT_OUTPUT || evcon->unanswered == NULL)
		reset_buffer(&evcon->output);
	return 1;
}

void
evi_conn_drop_output(struct evhttp_connection *evcon)
{
	if (evcon->is_writing)
		event_del(&evcon->close_ev);
	evcon->is_writing = evcon->is_blocked = false;
	evcon->body = NULL;
	reset_buffer(&evcon->output);
}

struct timeval
evi_conn_time_limit(const struct evhttp_connection *evcon, int seconds)
{
	struct timeval limit = {.tv_sec = seconds};

	if (evcon->is_exact || evcon->timeout >= 0)
		time_limit(evcon, &limit);
	return limit;
}

void
evi_conn_write_soon(struct evhttp_connection *evcon)
{
	if (evcon->is_writing || evcon->fd == -1)
		return;
	evcon->is_writing = true;
	event_active(&evcon->close_ev, EV_WRITE, 1);
}
