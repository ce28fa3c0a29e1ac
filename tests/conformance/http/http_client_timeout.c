/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: how long it waits.
 */
#include "test.h"
#include "http_client.h"

/* A machine that is busy must not fail the requests that follow. */
static void
be_patient_cb(struct evhttp_connection *evcon, void *name)
{
	close_cb(evcon, name);
	evhttp_connection_set_timeout(evcon, 60);
}

/* That many seconds, until the connection closes. */
static void
set_up_timeout(struct client *c, const struct step *first, int seconds)
{
	SET_UP(c, first, serve_y);
	evhttp_connection_set_timeout(c->evcon, seconds);
	evhttp_connection_set_closecb(c->evcon, be_patient_cb, "closed");
}

/*
 * An origin that stalls after some bytes.
 */

static void
check_stall(const struct step *script)
{
	double start = now_ms();
	struct client c;

	n_answers = 0;
	set_up_timeout(&c, script, 2);
	get(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("closed a:NULL b:200 <y>");
	assert_elapsed(start, 2000);
	assert_int_equal(n_answers, 2);
	assert_int_equal(c.origin.accepted, 2);
	assert_true(c.origin.peer[0].client_closed);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	client_tear_down(&c);
}

#define OK "HTTP/1.1 200 OK\r\n"
#define STALLS(text) ((const struct step[]){REQUEST, SEND(text), STALL, END})

TEST(silence_after_the_request_ends_in_null)
{
	check_stall(STALLS(""));
}

TEST(silence_in_the_status_line_ends_in_null)
{
	check_stall(STALLS("HTTP/1.1 2"));
}

TEST(silence_in_the_head_ends_in_null)
{
	check_stall(STALLS(OK "Content-Le"));
}

TEST(silence_in_the_body_ends_in_null)
{
	check_stall(STALLS(OK "Content-Length: 5\r\n\r\nhe"));
}

TEST(silence_in_a_chunk_ends_in_null)
{
	check_stall(STALLS(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhe"));
}

TEST(silence_in_a_body_up_to_the_end_ends_in_null)
{
	check_stall(STALLS(OK "\r\nhello"));
}

TEST(request_that_nobody_reads_ends_in_null)
{
	static const struct step script[] = {BYTES(100), STOP_READING, STALL,
	    END};
	double start = now_ms();
	struct client c;

	set_up_timeout(&c, script, 2);
	post_32_mb(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("closed a:NULL b:200 <y>");
	assert_elapsed(start, 2000);
	client_tear_down(&c);
}

/* Of three requests the second one waits longer than the others. */
TEST(time_is_counted_for_each_request_alone)
{
	static const struct step script[] = {REQUEST, SEND(OK_X), REQUEST,
	    STALL, END};
	double start;
	struct client c;

	set_up_timeout(&c, script, 2);
	get(&c, "a");
	await_answers(&c, 1);
	start = now_ms();
	get(&c, "b");
	get(&c, "c");
	await_answers(&c, 3);
	assert_log("a:200 <x> closed b:NULL c:200 <y>");
	assert_elapsed(start, 2000);
	client_tear_down(&c);
}

/* A piece each 1.5 seconds, four in all, and 3 seconds at most. */
static void
resume_cb(int fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	peer_resume(&c->origin.peer[0]);
}

static void
check_slow(const struct step *script)
{
	struct event timer;
	struct client c;

	set_up_timeout(&c, script, 3);
	evtimer_set(&timer, resume_cb, &c);
	event_base_set(c.base, &timer);
	get(&c, "a");
	for (int i = 0; i < 3; i++) {
		wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
		evtimer_add(&timer, MSEC(1500));
		wait_for(&c, !evtimer_pending(&timer, NULL));
	}
	await_answers(&c, 1);
	assert_log("a:200 <xyz>");
	client_tear_down(&c);
}

TEST(each_byte_of_a_body_extends_the_time)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Content-Length: 3\r\n\r\n"), STALL, SEND("x"), STALL,
	    SEND("y"), STALL, SEND("z"), END};

	check_slow(script);
}

TEST(each_byte_of_a_head_extends_the_time)
{
	static const struct step script[] = {REQUEST, SEND("HTTP/1.1 2"), STALL,
	    SEND("00 OK\r\nConte"), STALL, SEND("nt-Length: 3"), STALL,
	    SEND("\r\n\r\nxyz"), END};

	check_slow(script);
}

/*
 * Connecting: a listener whose queue is full answers nothing.
 */

static int
full_listener(unsigned short *port, int clients[], int n)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = bind_loopback(AF_INET, port);

	sin.sin_port = htons(*port);
	assert_int_equal(listen(fd, 0), 0);
	for (int i = 0; i < n; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(clients[i], (struct sockaddr *)&sin, sizeof sin);
	}
	usleep(50000);
	return fd;
}

TEST(connection_that_is_not_accepted_ends_all_requests_in_0)
{
	int clients[4], fd;
	unsigned short port;
	double start;
	struct client c;

	SET_UP(&c, serve_x);
	fd = full_listener(&port, clients, 4);
	evhttp_connection_free(c.evcon);
	c.evcon = new_connection(&c, "127.0.0.1", port);
	evhttp_connection_set_closecb(c.evcon, close_cb, "closed");
	evhttp_connection_set_timeout(c.evcon, 2);
	start = now_ms();
	get(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("a:0 b:0");
	assert_elapsed(start, 2000);
	for (int i = 0; i < 4; i++)
		close(clients[i]);
	close(fd);
	client_tear_down(&c);
}

/*
 * Which time counts.
 */

/* Nothing happens for a while. */
static void
check_patient(int seconds)
{
	static const struct step script[] = {REQUEST, STALL, SEND(OK_X), END};
	struct client c;

	set_up_timeout(&c, script, seconds);
	get(&c, "a");
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	idle_for(&c, 1200);
	assert_log("");
	peer_resume(&c.origin.peer[0]);
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	client_tear_down(&c);
}

TEST(timeout_minus_1_is_the_default)
{
	check_patient(-1);
}

TEST(timeout_0_is_none)
{
	check_patient(0);
}

TEST(timeout_counts_from_the_next_request_on)
{
	static const struct step script[] = {REQUEST, SEND(OK_X), REQUEST,
	    STALL, END};
	double start;
	struct client c;

	set_up_timeout(&c, script, 600);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	evhttp_connection_set_timeout(c.evcon, 2);
	start = now_ms();
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("closed b:NULL");
	assert_elapsed(start, 2000);
	client_tear_down(&c);
}

TEST(idle_connection_is_kept_longer_than_the_timeout, DIFFERS(V21, "is closed"))
{
	struct client c;

	set_up_timeout(&c, serve_x, 1);
	get(&c, "a");
	await_answers(&c, 1);
	idle_for(&c, 1500);
	assert_log("a:200 <x>");
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("b:200 <x>");
	assert_int_equal(c.origin.accepted, 1);
	client_tear_down(&c);
}
