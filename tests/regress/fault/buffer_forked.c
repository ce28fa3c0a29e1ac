/* SPDX-License-Identifier: BSD-3-Clause */
/* fork(): parent and child each have their own copy of all buffers. */
#include <sys/wait.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffers.h"
#include "test.h"

#define LARGE (200 * KB)

/* --- evbuffers --- */

/* Reads lines while they arrive in pieces, and uses blocks large and small. */
static void
use_buffers(struct evbuffer *old)
{
	struct evbuffer *buf[10];

	add_text(old, LARGE);
	assert_true(is_text(EVBUFFER_DATA(old), EVBUFFER_LENGTH(old), 0));
	assert_null(evbuffer_readline(old));
	for (int i = 0; i < 10; i++)
		buf[i] = new_text(LARGE);
	for (int i = 0; i < 10; i++)
		evbuffer_free(buf[i]);
	assert_true(is_text(EVBUFFER_DATA(old), EVBUFFER_LENGTH(old), 0));
}

static void
use_and_free(void *arg)
{
	struct evbuffer *buf = arg;

	for (int i = 0; i < 3; i++)
		use_buffers(buf);
	assert_int_equal(EVBUFFER_LENGTH(buf), 5 * LARGE);
	evbuffer_free(buf);
	drop_spares();
}

TEST(buffers_of_parent_and_child_have_nothing_in_common)
{
	struct evbuffer *buf = evbuffer_new();

	use_buffers(buf);
	use_buffers(buf);
	assert_int_equal(in_child(use_and_free, buf), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), 2 * LARGE);
	use_and_free(buf);
}

/* --- bufferevents --- */

static void
echo_on_new_connection(struct event_base *base)
{
	struct echo e;

	echo_open(&e, base, LARGE);
	echo_run(&e, 20);
	assert_int_equal(e.faults, 0);
	echo_close(&e);
	event_base_free(base);
}

/*
 * The child closes its copies of the parent's connections, and echoes over new
 * ones.
 */
static void
close_and_echo(void *arg)
{
	struct echo *e = arg;

	echo_close(e);
	echo_on_new_connection(e->base);
}

TEST(parent_and_child_have_connections_of_their_own)
{
	struct event_base *base = event_init();
	struct echo e;

	echo_open(&e, base, 4 * KB);
	echo_run(&e, 20);
	assert_int_equal(in_child(close_and_echo, &e), 0);
	echo_run(&e, 20);
	assert_int_equal(e.faults, 0);
	echo_close(&e);
	echo_on_new_connection(base);
}

static int ends;

static void
end_cb(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)arg;
	assert_int_equal(what, EVBUFFER_READ | EVBUFFER_EOF);
	ends++;
}

/*
 * The child serves until the client has closed its end; the parent is the
 * client.
 */
static void
serve(struct echo *e, bool reinit)
{
	if (reinit)
		assert_int_equal(event_reinit(e->base), 0);
	bufferevent_free(e->client);
	close(e->fd[0]);
	e->server->errorcb = end_cb;
	while (ends == 0)
		assert_int_equal(event_base_loop(e->base, EVLOOP_ONCE), 0);
	bufferevent_free(e->server);
	close(e->fd[1]);
	event_base_free(e->base);
	free(e->message);
	exit(e->faults);
}

static void
client_and_server(size_t size, int rounds, bool reinit)
{
	struct event_base *base = event_init();
	struct echo e;
	int status;
	pid_t pid;

	echo_open(&e, base, size);
	echo_run(&e, rounds);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		serve(&e, reinit);
	bufferevent_free(e.server);
	close(e.fd[1]);
	echo_run(&e, rounds);
	assert_int_equal(e.faults, 0);
	bufferevent_free(e.client);
	close(e.fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	free(e.message);
	event_base_free(base);
}

TEST(child_takes_over_the_server_with_event_reinit)
{
	client_and_server(64, 200, true);
	client_and_server(4 * KB, 200, true);
	client_and_server(MB, 5, true);
}

TEST(child_takes_over_the_server_without_event_reinit)
{
	client_and_server(64, 200, false);
	client_and_server(4 * KB, 200, false);
	client_and_server(MB, 5, false);
}

/* With timeouts and marks, for which the base keeps timers. */
static void
serve_with_marks(void *arg)
{
	struct echo *e = arg;

	for (int i = 0; i < 3; i++) {
		echo_open(e, e->base, MB);
		bufferevent_settimeout(e->client, 3600, 3600);
		bufferevent_settimeout(e->server, 3600, 3600);
		bufferevent_setwatermark(e->server, EV_READ, 0, 10 * KB);
		bufferevent_setwatermark(e->client, EV_WRITE, KB, 0);
		echo_run(e, 3);
		assert_int_equal(e->faults, 0);
		echo_close(e);
	}
}

TEST(child_of_a_process_with_paused_connections_works)
{
	struct event_base *base = event_init();
	struct echo e, other = {.base = base};
	struct evbuffer *input;

	echo_open(&e, base, LARGE);
	input = EVBUFFER_INPUT(e.server);
	bufferevent_setcb(e.server, NULL, NULL, NULL, NULL);
	bufferevent_setwatermark(e.server, EV_READ, 0, KB);
	bufferevent_write(e.client, e.message, e.size);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(EVBUFFER_LENGTH(input), KB);
	assert_int_equal(in_child(serve_with_marks, &other), 0);
	for (size_t got = 0; got < LARGE; got += KB) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		assert_in_range(EVBUFFER_LENGTH(input), 1, KB);
		assert_true(
		    is_text(EVBUFFER_DATA(input), EVBUFFER_LENGTH(input), got));
		evbuffer_drain(input, KB);
	}
	echo_close(&e);
	event_base_free(base);
}
