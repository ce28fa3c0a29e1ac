/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a client gets from a name to a connection: a lookup that does not block,
 * then addresses tried as RFC 8305 says.
 */
#include <sys/wait.h>
#include <evdns.h>

#include "dns_folder.h"
#include "http_ours_client.h"
#include "responder.h"

/* These names are in the hosts file; the others are answered by rule(). */
#define HOSTS                                                                  \
	"127.0.0.1 both.test\n::1 both.test\n"                                 \
	"127.0.0.2 far.test\n127.0.0.1 far.test\n"

static void
rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	if (strncmp(q->name, "silent", 6) == 0)
		reply->drop = true;
	else if (strncmp(q->name, "none", 4) == 0)
		reply_rcode(reply, 3);
	else if (q->type == TYPE_A)
		reply_a(reply, "127.0.0.1", 60);
	else if (strncmp(q->name, "half", 4) == 0)
		reply->drop = true;
	else
		reply_aaaa(reply, "::1", 60);
}

struct dial {
	struct client c;
	struct responder *server;
};

static void
set_up(struct dial *d, const char *host)
{
	char text[100];

	n_answers = 0;
	note_clear();
	d->server = responder_new("127.0.0.1", RESPONDER_CHILD, rule, NULL);
	folder_open();
	use_folder();
	snprintf(text, sizeof(text), "nameserver %s\n",
	    responder_address(d->server));
	write_file("resolv.conf", text);
	write_file("hosts", HOSTS);
	SET_UP(&d->c, serve_x);
	evhttp_connection_free(d->c.evcon);
	d->c.evcon = new_connection(&d->c, host, d->c.origin.port);
}

static void
tear_down_dial(struct dial *d)
{
	client_tear_down(&d->c);
	folder_close();
	responder_free(d->server);
}

static void
is_answered(const char *host)
{
	struct dial d;

	set_up(&d, host);
	get(&d.c, "a");
	await_answers(&d.c, 1);
	assert_log("a:200 <x>");
	assert_int_equal(d.c.origin.accepted, 1);
	tear_down_dial(&d);
}

/* The origin listens on 127.0.0.1 alone: ::1 refuses. */
TEST(http_name_that_is_looked_up_is_connected_to)
{
	is_answered("www.test");
	is_answered("both.test");
	is_answered("localhost");
}

static void
tick_cb(int fd, short what, void *arg)
{
	int *ticks = arg;

	(void)fd;
	(void)what;
	++*ticks;
}

TEST(http_loop_runs_while_a_name_is_looked_up)
{
	struct event tick;
	struct dial d;
	int ticks = 0;

	set_up(&d, "silent.test");
	get(&d.c, "a");
	evtimer_set(&tick, tick_cb, &ticks);
	event_base_set(d.c.base, &tick);
	for (int i = 0; i < 10; i++) {
		evtimer_add(&tick, MSEC(1));
		wait_for(&d.c, ticks > i);
	}
	assert_log("");
	client_free_connection(&d.c);
	client_run_passes(&d.c);
	assert_log("");
	assert_int_equal(n_answers, 0);
	tear_down_dial(&d);
}

static void
quiet_cb(int severity, const char *msg)
{
	(void)severity;
	(void)msg;
}

TEST(http_unknown_name_ends_the_request_by_its_callback)
{
	struct dial d;

	set_up(&d, "none.test");
	event_set_log_callback(quiet_cb);
	send_request(&d.c, new_noting_request("a", false), EVHTTP_REQ_GET);
	assert_log("");
	await_answers(&d.c, 1);
	assert_log("a:error:1 a:0");
	event_set_log_callback(NULL);
	tear_down_dial(&d);
}

/*
 * The reply for AAAA never arrives: the client waits 50 ms for it, and not
 * until the time-out.
 */
TEST(http_addresses_of_one_family_do_not_wait_for_the_other)
{
	struct dial d;
	double begin;

	set_up(&d, "half.test");
	begin = now_ms();
	get(&d.c, "a");
	await_answers(&d.c, 1);
	assert_log("a:200 <x>");
	assert_true(now_ms() - begin >= 50);
	assert_true(now_ms() - begin < 4000);
	tear_down_dial(&d);
}

/*
 * Listens on 127.0.0.2 with its queue full, so that further connections are
 * neither accepted nor refused.
 */
static int
listen_without_callback(unsigned short port, int *clients, int n)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 0), 0);
	for (int i = 0; i < n; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(clients[i], (struct sockaddr *)&in, sizeof(in));
	}
	return fd;
}

TEST(http_next_address_is_tried_beside_one_that_is_silent_after_250_ms)
{
	struct dial d;
	int clients[4], fd;
	double begin;

	set_up(&d, "far.test");
	fd = listen_without_callback(d.c.origin.port, clients, 4);
	begin = now_ms();
	get(&d.c, "a");
	await_answers(&d.c, 1);
	assert_log("a:200 <x>");
	assert_true(now_ms() - begin >= 250);
	assert_true(now_ms() - begin < 4000);
	for (int i = 0; i < 4; i++)
		close(clients[i]);
	close(fd);
	tear_down_dial(&d);
}

TEST(http_lookup_does_not_use_the_programs_resolver)
{
	struct dial d;

	set_up(&d, "www.test");
	get(&d.c, "a");
	assert_int_equal(evdns_count_nameservers(), 0);
	await_answers(&d.c, 1);
	assert_int_equal(evdns_count_nameservers(), 0);
	assert_log("a:200 <x>");
	tear_down_dial(&d);
}

/* When it is connected nothing of the lookup is on the base. */
TEST(http_loop_ends_when_the_last_connection_is_freed)
{
	struct dial d;

	set_up(&d, "www.test");
	get(&d.c, "a");
	await_answers(&d.c, 1);
	client_free_connection(&d.c);
	origin_close(&d.c.origin);
	assert_int_equal(event_base_dispatch(d.c.base), 1);
	d.c.origin.accepted = 0;
	tear_down_dial(&d);
}

static void
child_ended_cb(int fd, short what, void *has_ended)
{
	(void)fd;
	(void)what;
	*(bool *)has_ended = true;
}

/*
 * Runs the parent's loop, as the origin is there, until the child has ended:
 * then the kernel closes the end of the pipe that only the child has.
 */
static void
serve_until_child_ends(struct dial *d, pid_t pid, int pipe_end)
{
	bool has_ended = false;
	struct event ended;
	int status;

	event_set(&ended, pipe_end, EV_READ, child_ended_cb, &has_ended);
	event_base_set(d->c.base, &ended);
	event_add(&ended, NULL);
	wait_for(&d->c, has_ended);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A child sends its own query and connects with its own socket. */
TEST(http_child_looks_up_and_connects_by_itself)
{
	int fd[2];
	struct dial d;
	pid_t pid;

	for (int passes = 0; passes < 3; passes++) {
		set_up(&d, "www.test");
		get(&d.c, "a");
		for (int i = 0; i < passes; i++)
			event_base_loop(d.c.base, EVLOOP_NONBLOCK);
		assert_int_equal(pipe(fd), 0);
		pid = fork();
		if (pid == 0) {
			event_reinit(d.c.base);
			origin_stop_listening(&d.c.origin);
			await_answers(&d.c, 1);
			assert_log("a:200 <x>");
			_exit(0);
		}
		close(fd[1]);
		serve_until_child_ends(&d, pid, fd[0]);
		close(fd[0]);
		await_answers(&d.c, 1);
		assert_log("a:200 <x>");
		tear_down_dial(&d);
	}
}
