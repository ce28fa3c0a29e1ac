/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Listening and accepting: addresses, sockets of the program's own, several of
 * them.
 */
#include "http_server.h"

#include <netinet/tcp.h>
#include <fcntl.h>

#define GET "GET /a HTTP/1.1\r\n\r\n"

/* A server that listens to nothing yet. */
static void
open_idle(struct server *s)
{
	memset(s, 0, sizeof(*s));
	s->base = event_base_new();
	s->http = evhttp_new(s->base);
	evhttp_set_gencb(s->http, note_request_cb, s);
}

/* The highest descriptor that is a listening socket; -1 if there is none. */
static int
find_listener(void)
{
	for (int fd = 255; fd >= 0; fd--) {
		int is_listening = 0;
		socklen_t len = sizeof(is_listening);

		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening,
			&len) == 0 &&
		    is_listening)
			return fd;
	}
	return -1;
}

/* Where that socket listens. */
static void
learn_address(struct server *s, int fd)
{
	s->at_len = sizeof(s->at);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&s->at, &s->at_len),
	    0);
}

static int
option(int fd, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, name, &value, &len), 0);
	return value;
}

static void
check_serves(struct server *s)
{
	struct client c;

	client_open(&c, s);
	say(&c, GET);
	expect_answers(&c, "200:/a");
	assert_log("GET:/a");
	client_close(&c);
}

/* A port that was free a moment ago. */
static unsigned short
free_port(void)
{
	struct sockaddr_storage at;
	socklen_t len;
	int fd = listener(AF_INET, &at, &len);

	close(fd);
	return ntohs(((struct sockaddr_in *)&at)->sin_port);
}

/* Binds to a port nobody has; another program may take it meanwhile, so a few
 * are tried. */
static unsigned short
bind_somewhere(struct server *s, const char *address)
{
	for (int i = 0; i < 20; i++) {
		unsigned short port = free_port();

		if (evhttp_bind_socket(s->http, address, port) == 0)
			return port;
	}
	fail_msg("no port to bind to");
	return 0;
}

TEST(http_bound_address_is_served)
{
	struct server s;
	unsigned short port;
	struct sockaddr_in *in;

	open_idle(&s);
	port = bind_somewhere(&s, "127.0.0.1");
	learn_address(&s, find_listener());
	in = (struct sockaddr_in *)&s.at;
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(in->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_int_equal(ntohs(in->sin_port), port);
	check_serves(&s);
	server_close(&s);
}

TEST(http_bound_socket_is_set_up_for_a_server)
{
	struct server s;
	int fd;

	open_idle(&s);
	bind_somewhere(&s, "127.0.0.1");
	fd = find_listener();
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_not_equal(option(fd, SO_REUSEADDR), 0);
	assert_int_not_equal(option(fd, SO_KEEPALIVE), 0);
	server_close(&s);
}

TEST(http_null_address_is_all_of_ipv4)
{
	struct server s;
	struct sockaddr_in *in = (struct sockaddr_in *)&s.at;

	open_idle(&s);
	bind_somewhere(&s, NULL);
	learn_address(&s, find_listener());
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(in->sin_addr.s_addr, htonl(INADDR_ANY));
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_serves(&s);
	server_close(&s);
}

TEST(http_port_0_is_chosen_by_the_kernel)
{
	struct server s;
	struct sockaddr_in *in = (struct sockaddr_in *)&s.at;

	open_idle(&s);
	assert_int_equal(evhttp_bind_socket(s.http, NULL, 0), 0);
	learn_address(&s, find_listener());
	assert_int_not_equal(in->sin_port, 0);
	assert_int_equal(in->sin_addr.s_addr, htonl(INADDR_ANY));
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_serves(&s);
	server_close(&s);
}

TEST(http_port_0_of_an_address_is_chosen_by_the_kernel)
{
	struct server s;

	open_idle(&s);
	assert_int_equal(evhttp_bind_socket(s.http, "127.0.0.1", 0), 0);
	learn_address(&s, find_listener());
	check_serves(&s);
	server_close(&s);
}

TEST(http_name_of_a_host_can_be_bound)
{
	struct server s;

	open_idle(&s);
	bind_somewhere(&s, "localhost");
	learn_address(&s, find_listener());
	check_serves(&s);
	server_close(&s);
}

TEST(http_ipv6_address_can_be_bound, DIFFERS(V14, "IPv4 alone is looked up"))
{
	struct server s;
	int fd;

	open_idle(&s);
	assert_int_equal(evhttp_bind_socket(s.http, "::1", 0), 0);
	fd = find_listener();
	learn_address(&s, fd);
	assert_int_equal(s.at.ss_family, AF_INET6);
	check_serves(&s);
	server_close(&s);
}

TEST(http_address_that_cannot_be_bound_is_an_error)
{
	struct server s;

	open_idle(&s);
	assert_int_equal(evhttp_bind_socket(s.http, "192.0.2.1", 0), -1);
	assert_int_equal(evhttp_bind_socket(s.http, "name.invalid", 8080), -1);
	assert_int_equal(find_listener(), -1);
	server_close(&s);
}

TEST(http_empty_address_is_an_error)
{
	struct server s;

	open_idle(&s);
	assert_int_equal(evhttp_bind_socket(s.http, "", 8080), -1);
	server_close(&s);
}

TEST(http_port_that_is_taken_is_an_error_and_says_so)
{
	struct server s, t;
	unsigned short port;

	open_idle(&s);
	open_idle(&t);
	port = bind_somewhere(&s, "127.0.0.1");
	errno = 0;
	assert_int_equal(evhttp_bind_socket(t.http, "127.0.0.1", port), -1);
	assert_int_equal(errno, EADDRINUSE);
	server_close(&t);
	server_close(&s);
}

TEST(http_server_may_listen_to_several_sockets)
{
	struct server s;
	struct sockaddr_storage at;
	socklen_t len;
	struct client c, d;

	server_open(&s);
	assert_int_equal(evhttp_accept_socket(s.http,
			     listener(AF_INET6, &at, &len)),
	    0);
	client_open(&c, &s);
	client_connect(&d, s.base, &at, len);
	say(&c, GET);
	say(&d, "GET /b HTTP/1.1\r\n\r\n");
	expect_answers(&c, "200:/a");
	expect_answers(&d, "200:/b");
	note_clear();
	client_close(&c);
	close_both(&s, &d);
}

static void
check_family(int family)
{
	struct server s;

	server_open_bare(&s, family);
	evhttp_set_gencb(s.http, note_request_cb, &s);
	check_serves(&s);
	server_close(&s);
}

TEST(http_accepted_socket_may_be_of_ipv6)
{
	check_family(AF_INET6);
}

TEST(http_accepted_socket_may_be_a_unix_socket)
{
	check_family(AF_UNIX);
}

TEST(http_accepted_socket_is_closed_by_evhttp_free)
{
	struct server s;
	struct sockaddr_storage at;
	socklen_t len;
	int fd = listener(AF_INET, &at, &len);

	open_idle(&s);
	assert_int_equal(evhttp_accept_socket(s.http, fd), 0);
	evhttp_free(s.http);
	s.http = NULL;
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	server_close(&s);
}

/* gevent closes the number once more right after. */
TEST(http_evhttp_free_opens_nothing_at_the_number_it_closes)
{
	struct server s;
	struct client c;
	int fd;

	server_open(&s);
	fd = find_listener();
	client_open(&c, &s);
	say(&c, GET);
	expect_answers(&c, "200:/a");
	evhttp_free(s.http);
	s.http = NULL;
	assert_int_equal(close(fd), -1);
	assert_int_equal(errno, EBADF);
	note_clear();
	close_both(&s, &c);
}

TEST(http_descriptor_that_cannot_be_watched_stays_the_callers,
    DIFFERS(V21, "the return is not checked"))
{
	struct server s;
	int null = open("/dev/null", O_RDWR);

	open_idle(&s);
	assert_int_equal(evhttp_accept_socket(s.http, null), -1);
	assert_int_not_equal(fcntl(null, F_GETFD), -1);
	close(null);
	assert_int_equal(evhttp_accept_socket(s.http, closed_fd()), -1);
	assert_int_equal(evhttp_accept_socket(s.http, -1), -1);
	server_close(&s);
}

TEST(http_evhttp_start_binds_on_the_current_base)
{
	struct server s = {.more = NULL};

	s.base = event_init();
	s.http = evhttp_start("127.0.0.1", 0);
	assert_non_null(s.http);
	evhttp_set_gencb(s.http, note_request_cb, &s);
	learn_address(&s, find_listener());
	check_serves(&s);
	server_close(&s);
}

TEST(http_evhttp_start_gives_null_if_it_cannot_bind)
{
	struct event_base *base = event_init();

	assert_null(evhttp_start("192.0.2.1", 0));
	event_base_free(base);
}

/*
 * What is accepted.
 */

static int accepted_fd;

/* The last descriptor that was opened is the connection's. */
static void
find_accepted_cb(struct evhttp_request *req, void *arg)
{
	struct client *c = arg;
	struct sockaddr_storage own, peer;
	socklen_t own_len = sizeof(own), len;

	getsockname(c->fd, (struct sockaddr *)&own, &own_len);
	accepted_fd = -1;
	for (int fd = 0; fd < 256; fd++) {
		len = sizeof(peer);
		memset(&peer, 0, sizeof(peer));
		if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0 &&
		    memcmp(&peer, &own, own_len) == 0)
			accepted_fd = fd;
	}
	reply_text(req, "x");
}

static void
open_accepted(struct server *s, struct client *c)
{
	server_open_with(s, find_accepted_cb, c);
	client_open(c, s);
	say(c, GET);
	expect_answers(c, "200:x");
	assert_true(accepted_fd >= 0);
}

TEST(http_accepted_connection_does_not_block)
{
	struct server s;
	struct client c;

	open_accepted(&s, &c);
	assert_true(fcntl(accepted_fd, F_GETFL) & O_NONBLOCK);
	close_both(&s, &c);
}

TEST(http_accepted_connection_is_closed_on_exec, DIFFERS(V14, "it is not"))
{
	struct server s;
	struct client c;

	open_accepted(&s, &c);
	assert_true(fcntl(accepted_fd, F_GETFD) & FD_CLOEXEC);
	close_both(&s, &c);
}

TEST(http_accepted_connection_sends_small_pieces_at_once,
    DIFFERS(V14, "Nagle's algorithm is on"),
    DIFFERS(V21, "Nagle's algorithm is on"))
{
	struct server s;
	struct client c;
	int on = 0;
	socklen_t len = sizeof(on);

	open_accepted(&s, &c);
	assert_int_equal(getsockopt(accepted_fd, IPPROTO_TCP, TCP_NODELAY, &on,
			     &len),
	    0);
	assert_int_not_equal(on, 0);
	close_both(&s, &c);
}

TEST(http_100_clients_that_wait_are_accepted)
{
	static struct client c[100];
	struct server s;

	server_open(&s);
	for (int i = 0; i < 100; i++)
		client_open(&c[i], &s);
	for (int i = 0; i < 100; i++)
		say(&c[i], GET);
	for (int i = 0; i < 100; i++)
		expect_answers(&c[i], "200:/a");
	for (int i = 0; i < 100; i++)
		client_close(&c[i]);
	note_clear();
	server_close(&s);
}

TEST(http_client_that_leaves_before_it_is_accepted_is_harmless)
{
	struct server s;
	struct client c;

	server_open(&s);
	for (int i = 0; i < 10; i++) {
		client_open(&c, &s);
		client_reset(&c);
	}
	let_it_work(s.base);
	check_serves(&s);
	server_close(&s);
}
