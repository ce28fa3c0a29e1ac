/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp_connection: its socket and events.  The plan:
 *
 *  1. ev stays added, persistent, while the connection may be read from.  Its
 *     timeout is not moved with each byte, which would cost more than a small
 *     request: when it expires, check_timeout() looks at the clock, and adds ev
 *     again for the time that remains.
 *  2. read_block() reads into a block on the stack and passes it to the reader;
 *     bytes that the reader does not use are kept in input.  The function
 *     returns before any callback is called.  Large bodies are read straight
 *     into the request.
 *  3. evi_conn_flush() writes the output.  close_ev is added only while the
 *     socket's send buffer is full.
 *  4. Memory that runs out is reported from the loop, by close_ev.
 */
#include "conn.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/fork.h"
#include "support/log.h"
#include "support/util.h"

/*
 * Programs read members through a copy of 1.4's private header.  None of these
 * programs has a time_t that is longer than a long.
 */
#define ASSERT_OFFSET(member, on64, on32)                                      \
	_Static_assert(sizeof(time_t) != sizeof(long) ||                       \
			   offsetof(struct evhttp_connection, member) ==       \
			       (sizeof(void *) == 8 ? (on64) : (on32)),        \
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

/* Bytes that are read at once, except of large bodies. */
#define READ_SIZE 16384
/* Bytes of a large body that are read into the request at once. */
#define DIRECT_SIZE 262144
/* While an answer is streamed, a buffer of up to this many bytes is kept. */
#define KEPT_OUTPUT 4096

/* The timeout of a connection for which none was set, in seconds; as in 1.4. */
#define DEFAULT_TIMEOUT 50

/* --- time --- */

/* The time at the last tick of the kernel: never later than the real time. */
static struct timespec
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts;
}

/* Each limit is this many microseconds longer, more than a tick of now(), so
 * that none ends too early. */
#define TICK_US 20000

/* Stores the time limit.  Returns false if there is none. */
static bool
time_limit(const struct evhttp_connection *evcon, struct timeval *tv)
{
	if (evcon->uses_time_limit) {
		*tv = evcon->time_limit;
	} else {
		tv->tv_sec =
		    evcon->timeout < 0 ? DEFAULT_TIMEOUT : evcon->timeout;
		tv->tv_usec = 0;
	}
	return evutil_timerisset(tv);
}

/* How many microseconds remain of the limit; 0 or less: none. */
static int64_t
time_remaining(const struct evhttp_connection *evcon,
    const struct timeval *limit)
{
	struct timespec ts = now();
	int64_t passed =
	    (int64_t)(ts.tv_sec - evcon->wait_start.tv_sec) * 1000000 +
	    (ts.tv_nsec - evcon->wait_start.tv_nsec) / 1000;

	return evi_util_us(limit) + TICK_US - passed;
}

void
evi_conn_restart_timeout(struct evhttp_connection *evcon)
{
	evcon->wait_start = now();
}

void
evi_conn_report_no_memory(struct evhttp_connection *evcon)
{
	event_warnx("evhttp: no memory to continue with a connection");
	evcon->out_of_memory = evcon->is_writing = true;
	event_active(&evcon->close_ev, EV_TIMEOUT, 1);
}

/* Adds ev for reading, with the time that remains, unless there is no limit. */
static void
add_reading(struct evhttp_connection *evcon)
{
	struct timeval limit, tv;
	int64_t us;

	evcon->has_timer = !evcon->has_no_timeout && time_limit(evcon, &limit);
	if (evcon->has_timer) {
		us = time_remaining(evcon, &limit);
		tv = evi_util_timeval(us < 1 ? 1 : us);
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
evi_conn_wait_for_input(struct evhttp_connection *evcon, bool without_timeout)
{
	struct timeval limit;

	evcon->has_no_timeout = without_timeout;
	if (!without_timeout)
		evi_conn_restart_timeout(evcon);
	if (evcon->is_reading && !without_timeout && !evcon->has_timer &&
	    time_limit(evcon, &limit))
		add_reading(evcon);
	else if (!evcon->is_reading)
		add_reading(evcon);
}

/* ev's timeout has expired; it may have been added before the wait began. */
static void
check_timeout(struct evhttp_connection *evcon)
{
	struct timeval limit;

	evcon->is_reading = evcon->has_timer = false;
	if (evcon->unanswered != NULL || evcon->is_paused)
		return; /* nothing has to arrive */
	if (evcon->is_blocked)
		evi_conn_restart_timeout(evcon); /* close_ev has a timeout */
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
evi_conn_new(const struct conn_role *role, int flags, const char *address,
    unsigned short port)
{
	struct evhttp_connection *evcon = calloc(1, sizeof *evcon);

	if (evcon == NULL || (evcon->address = strdup(address)) == NULL) {
		free(evcon);
		return NULL;
	}
	evcon->flags = flags;
	evcon->port = port;
	evcon->fd = -1;
	evcon->timeout = -1;
	evcon->role = role;
	evcon->input_buffer = &evcon->input;
	evcon->output_buffer = &evcon->output.buffer;
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

static void
stop_writing(struct evhttp_connection *evcon)
{
	if (evcon->is_writing)
		event_del(&evcon->close_ev);
	evcon->is_writing = evcon->is_blocked = false;
}

static void
stop_events(struct evhttp_connection *evcon)
{
	evi_conn_stop_reading(evcon);
	stop_writing(evcon);
}

/* The socket is not the connection's any more. */
static void
forget_fd(struct evhttp_connection *evcon)
{
	evcon->fd = -1;
	free(evcon->peer);
	evcon->peer = NULL;
	evcon->state = EVI_CONN_DISCONNECTED;
	evi_request_reset_buffer(&evcon->input);
}

void
evi_conn_close(struct evhttp_connection *evcon)
{
	evi_output_reset(&evcon->output);
	if (evcon->fd == -1)
		return;
	stop_events(evcon);
	close(evcon->fd);
	evcon->drain_cb = NULL;
	forget_fd(evcon);
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

bool
evi_conn_begin_closing(struct evhttp_connection *evcon)
{
	if (evcon->is_closing)
		return false;
	evcon->is_closing = true;
	evi_conn_ref(evcon);
	return true;
}

static void
free_memory(struct evhttp_connection *evcon)
{
	/* The program may have answered inside the close callback. */
	evi_output_reset(&evcon->output);
	evi_request_reset_buffer(&evcon->input);
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
	evcon->is_connected = false;
	forget_fd(evcon);
	return fd;
}

/* --- freed by the program --- */

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
		evi_request_disown(req);
	else if (req->is_queued)
		pub->evcon->role->free_request_cb(pub->evcon, req);
	else
		evi_request_free(req);
}

/* --- reading --- */

/* Has the role make a request to fill, unless the body is discarded. */
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
		evi_request_reset_buffer(&evcon->input);
	return result;
}

/* Passes bytes to the reader, and keeps those that it does not use. */
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

/* Not inline: the block is off the stack before any callback is called. */
__attribute__((noinline)) static ssize_t
read_block(struct evhttp_connection *evcon, enum read_result *result)
{
	char block[READ_SIZE];
	ssize_t n = recv(evcon->fd, block, sizeof block, 0);

	if (n > 0)
		*result = feed_bytes(evcon, block, (size_t)n);
	return n;
}

/* Reads up to max bytes of the body into the request. */
static ssize_t
read_directly(struct evhttp_connection *evcon, size_t max,
    enum read_result *result)
{
	struct http_request *req = evcon->reading;
	int n = evbuffer_read(&req->input, evcon->fd,
	    (int)(max < DIRECT_SIZE ? max : DIRECT_SIZE));

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
	if (evi_util_is_transient(errno))
		return EVI_INPUT_NONE;
	return EVI_INPUT_FAILED;
}

/* --- writing --- */

/* The socket's send buffer is full: waits, and the time limit starts now. */
static enum flush_result
wait_to_write(struct evhttp_connection *evcon)
{
	struct timeval limit;

	evcon->is_blocked = evcon->is_writing = true;
	if (event_add(&evcon->close_ev,
		time_limit(evcon, &limit) ? &limit : NULL) == -1)
		evi_conn_report_no_memory(evcon);
	return EVI_FLUSH_WAITS;
}

enum flush_result
evi_conn_flush(struct evhttp_connection *evcon)
{
	struct output *output = &evcon->output;

	if (output->has_failed || evcon->fd == -1)
		return EVI_FLUSH_FAILED;
	if (evi_output_size(output) > 0) {
		if (evi_output_send(output, evcon->fd) == -1)
			return EVI_FLUSH_FAILED;
		if (evi_output_size(output) > 0)
			return wait_to_write(evcon);
	}
	stop_writing(evcon);
	if (output->buffer.totallen > KEPT_OUTPUT || evcon->unanswered == NULL)
		evi_output_drop(output);
	return EVI_FLUSH_DONE;
}

void
evi_conn_drop_output(struct evhttp_connection *evcon)
{
	stop_writing(evcon);
	evi_output_drop(&evcon->output);
}

bool
evi_conn_call_drain_cb(struct evhttp_connection *evcon)
{
	void (*cb)(struct evhttp_connection *, void *) = evcon->drain_cb;

	if (cb == NULL)
		return true;
	evcon->drain_cb = NULL;
	cb(evcon, evcon->drain_arg);
	return evcon->fd != -1;
}

void
evi_conn_pause_body(struct evhttp_connection *evcon,
    void (*cb)(struct evbuffer *, size_t, size_t, void *))
{
	evcon->is_paused = true;
	evbuffer_setcb(&evcon->reading->input, cb, evcon);
}

void
evi_conn_resume_body(struct evhttp_connection *evcon)
{
	if (!evcon->is_paused)
		return;
	evcon->is_paused = false;
	evbuffer_setcb(&evcon->reading->input, NULL, NULL);
}

void
evi_conn_set_local_address(struct evhttp_connection *evcon, char *address)
{
	free(evcon->bind_address);
	evcon->bind_address = address;
}

struct timeval
evi_conn_time_limit(const struct evhttp_connection *evcon, int seconds)
{
	struct timeval limit = {.tv_sec = seconds};

	if (evcon->uses_time_limit || evcon->timeout >= 0)
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
