/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections that the program takes over for another protocol, and Unix
 * sockets.
 */
#include "http_ours.h"
#include "wrap.h"

#include <sys/un.h>

#define UPGRADE                                                                \
	"GET /a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"

struct taken {
	struct server s;
	struct client c;
	struct evbuffer *rest; /* gets the bytes after the request; or NULL */
	int code, fd, error;
	int (*take)(struct evhttp_request *, struct taken *);
};

static int
take(struct evhttp_request *req, struct taken *t)
{
	t->fd = evcompat_http_take(req, t->rest);
	t->error = errno;
	return t->fd;
}

static void
upgrade_cb(struct evhttp_request *req, void *arg)
{
	struct taken *t = arg;

	evhttp_connection_set_closecb(req->evcon, note_closed_cb, NULL);
	evhttp_add_header(req->output_headers, "Connection", "Upgrade");
	evhttp_add_header(req->output_headers, "Upgrade", "echo");
	evhttp_send_reply(req, t->code, NULL, NULL);
	take(req, t);
}

static void
take_complete_cb(struct evhttp_request *req, void *arg)
{
	take(req, arg);
}

static void
upgrade_later_cb(struct evhttp_request *req, void *arg)
{
	struct taken *t = arg;

	evhttp_connection_set_closecb(req->evcon, note_closed_cb, NULL);
	evhttp_request_set_on_complete_cb(req, take_complete_cb, t);
	evhttp_send_reply(req, t->code, NULL, NULL);
}

static void
open_taken(struct taken *t, void (*cb)(struct evhttp_request *, void *))
{
	t->fd = -1;
	t->code = 101;
	server_open_with(&t->s, cb, t);
	evhttp_set_allowed_methods(t->s.http,
	    EVHTTP_METHOD_BIT(EVHTTP_REQ_GET) |
		EVHTTP_METHOD_BIT(EVHTTP_REQ_CONNECT));
	client_open(&t->c, &t->s);
}

static bool
is_taken(void *arg)
{
	return ((struct taken *)arg)->fd != -1;
}

/* Checks that bytes arrive both ways over the socket that was taken. */
static void
check_talk(struct taken *t)
{
	char text[16] = "";
	size_t before;

	let_it_work(t->s.base);
	before = t->c.len;
	assert_int_equal(fcntl(t->fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(send(t->fd, "hello", 5, 0), 5);
	let_it_work(t->s.base);
	assert_int_equal(t->c.len, before + 5);
	assert_string_equal(t->c.got + before, "hello");
	say(&t->c, "there");
	let_it_work(t->s.base);
	assert_int_equal(recv(t->fd, text, sizeof(text), 0), 5);
	assert_string_equal(text, "there");
	assert_int_equal(evhttp_get_connection_count(t->s.http), 0);
	assert_log("");
}

static void
close_taken(struct taken *t)
{
	if (t->rest != NULL)
		evbuffer_free(t->rest);
	t->rest = NULL;
	close(t->fd);
	client_close(&t->c);
	server_close(&t->s);
}

static void
takes(void (*cb)(struct evhttp_request *, void *))
{
	struct taken t = {.rest = NULL};

	open_taken(&t, cb);
	say(&t.c, UPGRADE);
	assert_true(wait_until(t.s.base, is_taken, &t));
	let_it_work(t.s.base);
	assert_string_equal(answers(&t.c), "101");
	check_talk(&t);
	close_taken(&t);
}

TEST(http_connection_is_taken_over_after_a_101)
{
	takes(upgrade_cb);
	takes(upgrade_later_cb);
}

TEST(http_connection_is_taken_over_after_a_CONNECT)
{
	struct taken t = {.rest = NULL};

	open_taken(&t, upgrade_cb);
	t.code = 200;
	say(&t.c, "CONNECT a:1 HTTP/1.1\r\n\r\n");
	assert_true(wait_until(t.s.base, is_taken, &t));
	check_talk(&t);
	close_taken(&t);
}

/* These bytes are not part of any request. */
static void
moves_rest(void (*cb)(struct evhttp_request *, void *), const char *before)
{
	struct taken t = {.rest = evbuffer_new()};

	evbuffer_add(t.rest, before, strlen(before));
	open_taken(&t, cb);
	say(&t.c, UPGRADE "GET /not-http HTTP/1.1\r\n\r\n\1\2\3");
	assert_true(wait_until(t.s.base, is_taken, &t));
	evbuffer_add(t.rest, "", 1);
	assert_memory_equal(EVBUFFER_DATA(t.rest), before, strlen(before));
	assert_string_equal(EVBUFFER_DATA(t.rest) + strlen(before),
	    "GET /not-http HTTP/1.1\r\n\r\n\1\2\3");
	check_talk(&t);
	close_taken(&t);
}

TEST(http_bytes_after_the_request_are_the_programs)
{
	moves_rest(upgrade_cb, "");
	moves_rest(upgrade_cb, "before");
}

static void
leaves_nothing(bool wants_rest)
{
	long bytes = 0;

	for (int i = 0; i < 4; i++) {
		struct taken t = {.rest = wants_rest ? evbuffer_new() : NULL};

		open_taken(&t, upgrade_cb);
		say(&t.c, UPGRADE "rest");
		assert_true(wait_until(t.s.base, is_taken, &t));
		close_taken(&t);
		if (i > 1)
			assert_int_equal(counts.bytes, bytes);
		bytes = counts.bytes;
	}
}

TEST(http_connection_that_is_taken_leaves_nothing_behind)
{
	leaves_nothing(false);
	leaves_nothing(true);
}

/* --- what cannot be taken --- */

static void
take_unanswered_cb(struct evhttp_request *req, void *arg)
{
	struct taken *t = arg;

	assert_int_equal(take(req, t), -1);
	assert_int_equal(t->error, EINVAL);
	evhttp_send_reply_start(req, 101, NULL);
	assert_int_equal(take(req, t), -1);
	assert_int_equal(t->error, EINVAL);
	evhttp_send_reply_end(req);
	note("tried");
}

TEST(http_connection_is_not_taken_before_the_answer)
{
	struct taken t = {.rest = NULL};

	open_taken(&t, take_unanswered_cb);
	say(&t.c, UPGRADE);
	await_note(&t.s, "tried");
	note_clear();
	client_close(&t.c);
	server_close(&t.s);
}

static void
take_too_early_cb(struct evhttp_request *req, void *arg)
{
	struct evbuffer *body = buffer_of_size((size_t)16 << 20);
	struct taken *t = arg;

	evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
	assert_int_equal(take(req, t), -1);
	assert_int_equal(t->error, EAGAIN);
	note("tried");
}

static bool
has_16_megabytes(void *arg)
{
	return ((struct client *)arg)->len > (size_t)16 << 20;
}

/*
 * The failed call changes nothing: the answer is sent, and the next request
 * served.
 */
TEST(http_connection_is_not_taken_before_the_answer_is_written)
{
	struct taken t = {.rest = NULL};

	open_taken(&t, take_too_early_cb);
	client_pause(&t.c);
	say(&t.c, "GET /a HTTP/1.1\r\n\r\n");
	await_note(&t.s, "tried");
	client_resume(&t.c);
	assert_true(wait_until(t.s.base, has_16_megabytes, &t.c));
	assert_int_equal(count_answers(&t.c), 1);
	evhttp_set_gencb(t.s.http, upgrade_cb, &t);
	note_clear();
	say(&t.c, UPGRADE);
	assert_true(wait_until(t.s.base, is_taken, &t));
	check_talk(&t);
	close_taken(&t);
}

TEST(http_request_without_a_connection_cannot_be_taken)
{
	struct evhttp_request *req = evhttp_request_new(NULL, NULL);

	assert_int_equal(evcompat_http_take(req, NULL), -1);
	assert_int_equal(errno, ENOTCONN);
	evhttp_request_free(req);
}

static void
take_lost_cb(struct evhttp_request *req, void *arg)
{
	struct taken *t = arg;
	struct linger now = {1, 0};

	setsockopt(t->c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	event_del(&t->c.reader);
	t->c.ended = true;
	shutdown(t->c.fd, SHUT_RD);
	close(t->c.fd);
	t->c.fd = dup(0);
	evhttp_connection_set_closecb(req->evcon, note_closed_cb, NULL);
	evhttp_send_reply(req, 101, NULL, NULL);
	assert_int_equal(take(req, t), -1);
	assert_int_equal(t->error, ENOTCONN);
	note("tried");
}

TEST(http_connection_that_is_lost_cannot_be_taken_and_ends)
{
	struct taken t = {.rest = NULL};

	open_taken(&t, take_lost_cb);
	say(&t.c, UPGRADE);
	await_note(&t.s, "closed");
	assert_log("tried closed");
	client_close(&t.c);
	server_close(&t.s);
}

/* --- Unix sockets --- */

struct unix_server {
	struct server s;
	char path[108];
	struct evhttp_connection *evcon;
};

static void
open_unix(struct unix_server *u)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memset(u, 0, sizeof(*u));
	snprintf(u->path, sizeof(u->path), "/tmp/regress-http-%d", getpid());
	strcpy(sun.sun_path, u->path);
	unlink(u->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 8), 0);
	u->s.base = event_base_new();
	u->s.http = evhttp_new(u->s.base);
	evhttp_set_gencb(u->s.http, note_request_cb, &u->s);
	assert_int_equal(evhttp_accept_socket(u->s.http, fd), 0);
	u->evcon = evcompat_http_unix_connection_new(u->s.base, u->path);
	assert_non_null(u->evcon);
}

static void
close_unix(struct unix_server *u)
{
	evhttp_connection_free(u->evcon);
	server_close(&u->s);
	unlink(u->path);
}

static void
note_answer_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	note_response(req);
}

TEST(http_client_over_a_unix_socket_keeps_its_connection)
{
	struct unix_server u;

	open_unix(&u);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(evhttp_make_request(u.evcon,
				     evhttp_request_new(note_answer_cb, NULL),
				     EVHTTP_REQ_GET, "/a"),
		    0);
		await_note(&u.s, "200:/a");
		assert_log("GET:/a 200:/a");
		assert_int_equal(evhttp_get_connection_count(u.s.http), 1);
	}
	close_unix(&u);
}

TEST(http_unix_socket_that_is_not_there_ends_the_request_in_0)
{
	struct unix_server u;
	struct evhttp_connection *other;

	open_unix(&u);
	other = evcompat_http_unix_connection_new(u.s.base, "/nowhere/at/all");
	assert_int_equal(evhttp_make_request(other,
			     evhttp_request_new(note_answer_cb, NULL),
			     EVHTTP_REQ_GET, "/a"),
	    0);
	assert_log("");
	await_note(&u.s, "0:");
	evhttp_connection_free(other);
	close_unix(&u);
	note_clear();
}

TEST(http_unix_socket_with_a_name_too_long_ends_the_request_in_0)
{
	char name[300];
	struct unix_server u;
	struct evhttp_connection *other;

	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	open_unix(&u);
	other = evcompat_http_unix_connection_new(u.s.base, name);
	assert_int_equal(evhttp_make_request(other,
			     evhttp_request_new(note_answer_cb, NULL),
			     EVHTTP_REQ_GET, "/a"),
	    0);
	await_note(&u.s, "0:");
	evhttp_connection_free(other);
	close_unix(&u);
	note_clear();
}
