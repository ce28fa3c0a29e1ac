/* SPDX-License-Identifier: BSD-3-Clause */
/* An HTTP server, and whole exchanges; see the header. */
#include "http_server.h"
#include "test.h"

int
listener(int family, struct sockaddr_storage *at, socklen_t *len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in *in = (struct sockaddr_in *)at;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)at;

	assert_true(fd >= 0);
	memset(at, 0, sizeof(*at));
	at->ss_family = (sa_family_t)family;
	*len = sizeof(*in);
	if (family == AF_INET)
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (family == AF_INET6) {
		in6->sin6_addr = in6addr_loopback;
		*len = sizeof(*in6);
	}
	if (family == AF_UNIX)
		*len = sizeof(at->ss_family); /* Linux chooses a name */
	assert_int_equal(bind(fd, (struct sockaddr *)at, *len), 0);
	*len = sizeof(*at);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, len), 0);
	assert_int_equal(listen(fd, 128), 0);
	return fd;
}

const char *
method_of(const struct evhttp_request *req)
{
	if (req->type == EVHTTP_REQ_GET)
		return "GET";
	if (req->type == EVHTTP_REQ_POST)
		return "POST";
	return req->type == EVHTTP_REQ_HEAD ? "HEAD" : "OTHER";
}

void
note_request(struct evhttp_request *req, bool shows_headers)
{
	size_t len = EVBUFFER_LENGTH(req->input_buffer), used = 0;
	struct evkeyval *field;
	char headers[1024] = "", body[64] = "";

	if (shows_headers) {
		TAILQ_FOREACH (field, req->input_headers, next)
			used += (size_t)snprintf(headers + used,
			    sizeof(headers) - used, "%s%s=%s",
			    used > 0 ? "," : "{", field->key, field->value);
		snprintf(headers + used, sizeof(headers) - used, "%s",
		    used > 0 ? "}" : "{}");
	}
	if (len > 40)
		snprintf(body, sizeof(body), ":%zu bytes", len);
	else if (len > 0)
		snprintf(body, sizeof(body), ":%.*s", (int)len,
		    (char *)EVBUFFER_DATA(req->input_buffer));
	note("%s:%s%s%s", method_of(req), req->uri, headers, body);
}

void
reply_text(struct evhttp_request *req, const char *text)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add(body, text, strlen(text));
	evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
}

void
note_request_cb(struct evhttp_request *req, void *arg)
{
	struct server *s = arg;

	note_request(req, s->shows_headers);
	if (s->reply != NULL)
		s->reply(req, s);
	else
		reply_text(req, req->uri);
}

void
server_open_bare(struct server *s, int family)
{
	memset(s, 0, sizeof(*s));
	s->base = event_base_new();
	s->http = evhttp_new(s->base);
	assert_non_null(s->http);
	s->fd = listener(family, &s->at, &s->at_len);
	assert_int_equal(evhttp_accept_socket(s->http, s->fd), 0);
}

void
server_open(struct server *s)
{
	server_open_bare(s, AF_INET);
	evhttp_set_gencb(s->http, note_request_cb, s);
}

void
server_open_with(struct server *s, void (*cb)(struct evhttp_request *, void *),
    void *arg)
{
	server_open_bare(s, AF_INET);
	evhttp_set_gencb(s->http, cb, arg);
}

void
server_close(struct server *s)
{
	if (s->http != NULL)
		evhttp_free(s->http);
	event_base_free(s->base);
}

void
client_open(struct client *c, struct server *s)
{
	client_connect(c, s->base, &s->at, s->at_len);
}

void
client_open_narrow(struct client *c, struct server *s)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), few = 4096;

	assert_true(fd >= 0);
	setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &few, sizeof(few));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &few, sizeof(few));
	assert_int_equal(connect(fd, (struct sockaddr *)&s->at, s->at_len), 0);
	client_from_fd(c, s->base, fd);
}

void
open_both(struct server *s, struct client *c, const char *text)
{
	server_open(s);
	client_open(c, s);
	say(c, text);
}

void
close_both(struct server *s, struct client *c)
{
	client_close(c);
	server_close(s);
}

static void
keep_request_cb(struct evhttp_request *req, void *arg)
{
	((struct kept *)arg)->req = req;
}

bool
has_request(void *arg)
{
	return ((struct kept *)arg)->req != NULL;
}

void
kept_open(struct kept *k, const char *text)
{
	k->req = NULL;
	server_open_with(&k->s, keep_request_cb, k);
	client_open(&k->c, &k->s);
	say(&k->c, text);
	assert_true(wait_until(k->s.base, has_request, k));
}

void
kept_close(struct kept *k)
{
	close_both(&k->s, &k->c);
}

void
serves_with(struct server *s, const char *bytes, size_t len,
    const char *requests, int n)
{
	struct client c;

	client_open(&c, s);
	say_bytes(&c, bytes, len);
	if (!wait_answers(&c, n))
		fail_client(&c, "an answer is missing");
	assert_log(requests);
	say(&c, LAST_REQUEST);
	if (!wait_end(&c))
		fail_client(&c, "the connection is not closed");
	if (count_answers(&c) != n + 1)
		fail_client(&c, "other answers");
	assert_non_null(strstr(noted(), "GET:/last"));
	note_clear();
	client_close(&c);
}

/* The same, on a server of its own. */
static void
serves_bytes(const char *bytes, size_t len, const char *requests)
{
	struct server s;

	server_open(&s);
	serves_with(&s, bytes, len, requests, count_words(requests));
	server_close(&s);
}

void
serves(const char *bytes, const char *requests)
{
	serves_bytes(bytes, strlen(bytes), requests);
}

void
serves_headers(const char *bytes, const char *request)
{
	struct server s;

	server_open(&s);
	s.shows_headers = true;
	serves_with(&s, bytes, strlen(bytes), request, 1);
	server_close(&s);
}

void
ends_with(struct server *s, const char *bytes, size_t len, const char *requests,
    const char *expected)
{
	struct client c;

	client_open(&c, s);
	say_bytes(&c, bytes, len);
	expect_end(&c, expected);
	assert_log(requests);
	client_close(&c);
}

static void
ends_bytes(const char *bytes, size_t len, const char *requests,
    const char *expected)
{
	struct server s;

	server_open(&s);
	ends_with(&s, bytes, len, requests, expected);
	server_close(&s);
}

void
ends(const char *bytes, const char *requests, const char *expected)
{
	ends_bytes(bytes, strlen(bytes), requests, expected);
}

void
refuses_bytes(const char *bytes, size_t len, const char *code)
{
	ends_bytes(bytes, len, "", code);
}

void
refuses(const char *bytes)
{
	refuses_bytes(bytes, strlen(bytes), "400");
}

void
refuses_as(const char *bytes, const char *codes)
{
	struct server s;
	struct client c;

	open_both(&s, &c, bytes);
	if (!wait_end(&c))
		fail_client(&c, "the connection is not closed");
	if (count_answers(&c) != 1 || strstr(codes, answers(&c)) == NULL)
		fail_client(&c, "other answers");
	assert_log("");
	client_close(&c);
	server_close(&s);
}

void
ignores(const char *bytes)
{
	struct server s;
	struct client c;

	printf("%s\n", bytes);
	open_both(&s, &c, bytes);
	let_it_work(s.base);
	client_half_close(&c);
	expect_end(&c, "");
	assert_log("");
	close_both(&s, &c);
}
