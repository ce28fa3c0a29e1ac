/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fork() in the middle of connections, of our client to our server, with and
 * without event_reinit(): each process continues, the parent over the
 * connection that it had and the child over one of its own.
 */
#include <sys/wait.h>

#include "http_ours.h"

struct family {
	struct server s;
	struct evhttp_connection *evcon;
	struct evhttp_request *kept;
	int answers;
};

static void
serve_cb(struct evhttp_request *req, void *arg)
{
	struct family *f = arg;

	if (strcmp(req->uri, "/keep") == 0)
		f->kept = req;
	else
		reply_text(req, req->uri);
}

static void
note_answer_cb(struct evhttp_request *req, void *arg)
{
	struct family *f = arg;

	f->answers++;
	note_response(req);
}

static bool
has_answer(void *arg)
{
	return ((struct family *)arg)->answers > 0;
}

static void
ask(struct family *f, enum evhttp_cmd_type type, const char *uri)
{
	f->answers = 0;
	assert_int_equal(evhttp_make_request(f->evcon,
			     evhttp_request_new(note_answer_cb, f), type, uri),
	    0);
}

static void
asks(struct family *f, enum evhttp_cmd_type type, const char *uri)
{
	ask(f, type, uri);
	assert_true(wait_until(f->s.base, has_answer, f));
}

/* Our client has an idle connection to our server. */
static void
open_family(struct family *f)
{
	memset(f, 0, sizeof(*f));
	server_open_with(&f->s, serve_cb, f);
	f->evcon = evhttp_connection_base_new(f->s.base, NULL, "127.0.0.1",
	    ntohs(((struct sockaddr_in *)&f->s.at)->sin_port));
	evhttp_connection_set_closecb(f->evcon, note_closed_cb, NULL);
	asks(f, EVHTTP_REQ_GET, "/a");
	assert_log("200:/a");
}

static void
close_family(struct family *f)
{
	evhttp_connection_set_closecb(f->evcon, NULL, NULL);
	evhttp_connection_free(f->evcon);
	server_close(&f->s);
}

/* Runs does() in a child, which the parent's server serves meanwhile. */
static void
run_child(struct family *f, void (*does)(struct family *), bool reinits)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (reinits)
			assert_int_equal(event_reinit(f->s.base), 0);
		does(f);
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		event_base_loop(f->s.base, EVLOOP_NONBLOCK);
	assert_int_equal(status, 0);
}

/* The parent uses the connection that it had before the fork. */
static void
check_parent(struct family *f)
{
	asks(f, EVHTTP_REQ_GET, "/b");
	asks(f, EVHTTP_REQ_POST, "/c");
	assert_log("200:/b 200:/c");
	await_connections(&f->s, 1);
}

static void
ask_in_child(struct family *f)
{
	evhttp_free(f->s.http); /* the parent serves */
	asks(f, EVHTTP_REQ_POST, "/child");
	asks(f, EVHTTP_REQ_GET, "/child");
	assert_log("closed 200:/child 200:/child");
	evhttp_connection_free(f->evcon);
	event_base_free(f->s.base);
}

static void
free_in_child(struct family *f)
{
	evhttp_connection_free(f->evcon);
	evhttp_free(f->s.http);
	event_base_free(f->s.base);
}

static void
check_child(void (*does)(struct family *))
{
	for (int reinits = 0; reinits < 2; reinits++) {
		struct family f;

		open_family(&f);
		run_child(&f, does, reinits);
		check_parent(&f);
		close_family(&f);
	}
}

TEST(http_child_asks_over_a_connection_of_its_own)
{
	check_child(ask_in_child);
}

TEST(http_child_that_frees_client_and_server_leaves_those_of_the_parent)
{
	check_child(free_in_child);
}

static void
grandchild(struct family *f)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		ask_in_child(f);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

TEST(http_grandchild_asks_over_a_connection_of_its_own)
{
	struct family f;

	open_family(&f);
	run_child(&f, grandchild, false);
	check_parent(&f);
	close_family(&f);
}

/* --- requests in flight --- */

static void
leave_alone(struct family *f)
{
	(void)f;
}

static void
check_in_flight(void (*does)(struct family *), bool streams)
{
	for (int reinits = 0; reinits < 2; reinits++) {
		struct family f;

		open_family(&f);
		ask(&f, EVHTTP_REQ_GET, "/keep");
		assert_true(wait_until(f.s.base, is_pointer_set, &f.kept));
		if (streams) {
			evhttp_send_reply_start(f.kept, 200, "OK");
			send_chunk(f.kept, "rye");
			let_it_work(f.s.base);
		}
		run_child(&f, does, reinits);
		assert_log("");
		send_chunk(f.kept, "oat");
		evhttp_send_reply_end(f.kept);
		assert_true(wait_until(f.s.base, has_answer, &f));
		assert_log(streams ? "200:ryeoat" : "200:oat");
		check_parent(&f);
		close_family(&f);
	}
}

TEST(http_request_in_flight_is_the_parents)
{
	check_in_flight(leave_alone, false);
	check_in_flight(free_in_child, false);
	check_in_flight(leave_alone, true);
	check_in_flight(free_in_child, true);
}

static void
cancel_in_child(struct family *f)
{
	evhttp_connection_free(f->kept->evcon);
	free_in_child(f);
}

TEST(http_child_that_frees_a_connection_sends_nothing)
{
	check_in_flight(cancel_in_child, true);
}

/*
 * The child runs its loop while the answer waits in the socket that it
 * inherited.
 */
static void
run_in_child(struct event_base *base, const char *log)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		assert_int_equal(event_reinit(base), 0);
		for (int i = 0; i < 20; i++)
			let_it_work(base);
		assert_log(log);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static bool
has_accepted(void *arg)
{
	int *fd = arg;

	if (fd[1] == -1)
		fd[1] = accept(fd[0], NULL, NULL);
	return fd[1] != -1;
}

static void
leaves_the_answer(enum evhttp_cmd_type type, const char *log)
{
	static const char answer[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nrye";
	struct family f = {.answers = 0};
	socklen_t len;
	int fd[2] = {listener(AF_INET, &f.s.at, &len), -1};

	f.s.base = event_base_new();
	f.evcon = evhttp_connection_base_new(f.s.base, NULL, "127.0.0.1",
	    ntohs(((struct sockaddr_in *)&f.s.at)->sin_port));
	ask(&f, type, "/a");
	assert_true(wait_until(f.s.base, has_accepted, fd));
	let_it_work(f.s.base);
	assert_int_equal(write(fd[1], answer, strlen(answer)), strlen(answer));
	run_in_child(f.s.base, log);
	assert_true(wait_until(f.s.base, has_answer, &f));
	assert_log("200:rye");
	evhttp_connection_free(f.evcon);
	event_base_free(f.s.base);
	close(fd[0]);
	close(fd[1]);
}

/*
 * A child sends a request that may be sent twice over a connection of its own,
 * which nobody accepts here.
 */
TEST(http_child_that_runs_its_loop_leaves_the_answer_to_the_parent)
{
	leaves_the_answer(EVHTTP_REQ_GET, "");
	leaves_the_answer(EVHTTP_REQ_POST, "NULL");
}

/* A child must not shut down a connection that lingers in its parent. */
TEST(http_child_does_not_end_a_connection_that_lingers)
{
	struct family f;
	struct client c;

	open_family(&f);
	evhttp_set_max_body_size(f.s.http, 3);
	client_open(&c, &f.s);
	say(&c, "POST /a HTTP/1.1\r\nContent-Length: 500000\r\n\r\n");
	expect_answers(&c, "413");
	run_child(&f, free_in_child, true);
	say(&c, "more");
	let_it_work(f.s.base);
	assert_false(c.was_reset);
	expect_end(&c, "413");
	client_close(&c);
	close_family(&f);
}

/* --- a child that takes the server over --- */

static void
serve_in_child(void *arg)
{
	struct family *f = arg;

	asks(f, EVHTTP_REQ_GET, "/child");
	assert_log("closed 200:/child");
}

TEST(http_child_uses_the_server_and_the_client)
{
	struct family f;

	open_family(&f);
	assert_int_equal(in_child(serve_in_child, &f), 0);
	check_parent(&f);
	close_family(&f);
}
