/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server that forks while its connections are open: what the child does with
 * its copies must not reach the clients.
 */
#include "http_server.h"

#include <sys/wait.h>

#define GET(uri) "GET " uri " HTTP/1.1\r\n\r\n"

/* A client is idle after one request, another has sent half of one. */
struct family {
	struct server s;
	struct client idle, half;
};

static void
open_family(struct family *f)
{
	server_open(&f->s);
	client_open(&f->idle, &f->s);
	client_open(&f->half, &f->s);
	say(&f->idle, GET("/a"));
	expect_answers(&f->idle, "200:/a");
	say(&f->half, "GET /half HTTP/1.1\r\n");
	let_it_work(f->s.base);
	note_clear();
}

static void
close_family(struct family *f)
{
	client_close(&f->idle);
	client_close(&f->half);
	server_close(&f->s);
}

/* Both clients are served by this process, and nothing else has come. */
static void
check_continues(struct family *f)
{
	say(&f->idle, GET("/b"));
	expect_answers(&f->idle, "200:/a 200:/b");
	say(&f->half, "\r\n");
	expect_answers(&f->half, "200:/half");
	assert_log("GET:/b GET:/half");
}

static void
exit_only(void *arg)
{
	(void)arg;
}

static void
free_all(void *arg)
{
	struct family *f = arg;

	evhttp_free(f->s.http);
}

static void
reinit_and_free_all(void *arg)
{
	struct family *f = arg;

	assert_int_equal(event_reinit(f->s.base), 0);
	evhttp_free(f->s.http);
	event_base_free(f->s.base);
}

static void
check_child(void (*does)(void *))
{
	struct family f;

	open_family(&f);
	assert_int_equal(in_child(does, &f), 0);
	check_continues(&f);
	close_family(&f);
}

TEST(http_child_that_exits_leaves_the_clients_to_its_parent)
{
	check_child(exit_only);
}

TEST(http_child_may_free_the_server_after_reinit,
    DIFFERS(V21, "it shuts the connections down"))
{
	check_child(reinit_and_free_all);
}

TEST(http_child_may_free_the_server_without_reinit,
    DIFFERS(V14, "the parent's descriptors are watched no more"),
    DIFFERS(V21, "it shuts the connections down"))
{
	check_child(free_all);
}

/*
 * A listener that both processes have.
 */

static void
serve_until_asked_to_end(void *arg)
{
	struct server *s = arg;

	assert_int_equal(event_reinit(s->base), 0);
	event_base_loop(s->base, 0);
}

static void
end_cb(struct evhttp_request *req, void *arg)
{
	struct server *s = arg;

	note_request(req, false);
	reply_text(req, req->uri);
	evhttp_connection_free(req->evcon);
	event_base_loopexit(s->base, NULL);
}

/* Each client is accepted by one of them; accept() that finds nobody is no
 * error. */
TEST(http_listener_is_shared_with_a_child)
{
	struct server s;
	struct client c;
	pid_t pid;
	int status;

	server_open(&s);
	evhttp_set_cb(s.http, "/end", end_cb, &s);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		serve_until_asked_to_end(&s);
		_exit(0);
	}
	for (int i = 0; i < 20; i++) {
		client_open(&c, &s);
		say(&c, GET("/a"));
		expect_answers(&c, "200:/a");
		client_close(&c);
	}
	note_clear();
	/* This process listens no more: the child gets it. */
	evhttp_free(s.http);
	s.http = NULL;
	client_open(&c, &s);
	say(&c, GET("/end"));
	assert_true(wait_end(&c));
	client_close(&c);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	server_close(&s);
}
