/* SPDX-License-Identifier: BSD-3-Clause */
/* An HTTP client and its origin; see the header. */
#include "http_client.h"
#include "test.h"

int n_answers;

static void
note_body(struct evbuffer *body)
{
	size_t len = EVBUFFER_LENGTH(body);

	if (len > 300)
		note("<%zu bytes>", len);
	else if (len > 0)
		note("<%.*s>", (int)len, (char *)EVBUFFER_DATA(body));
}

void
note_answer_cb(struct evhttp_request *req, void *name)
{
	n_answers++;
	if (req == NULL) {
		note("%s:NULL", (char *)name);
		return;
	}
	note("%s:%d", (char *)name, req->response_code);
	note_body(req->input_buffer);
}

void
chunk_cb(struct evhttp_request *req, void *name)
{
	note("%s:chunk", (char *)name);
	note_body(req->input_buffer);
}

void
close_cb(struct evhttp_connection *evcon, void *name)
{
	(void)evcon;
	note("%s", (char *)name);
}

void
out_of_patience_cb(int fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	c->is_hopeless = true;
}

void
turn(struct client *c)
{
	evtimer_add(&c->patience, PATIENCE);
	event_base_loop(c->base, EVLOOP_ONCE);
	evtimer_del(&c->patience);
	if (c->is_hopeless)
		fail_msg("nothing happens any more; so far: %s", noted());
}

void
await_answers(struct client *c, int n)
{
	wait_for(c, n_answers >= n);
}

void
client_run_passes(struct client *c)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(c->base, EVLOOP_NONBLOCK);
}

struct evhttp_connection *
new_connection(struct client *c, const char *address, unsigned short port)
{
	struct evhttp_connection *evcon = evhttp_connection_new(address, port);

	assert_non_null(evcon);
	evhttp_connection_set_base(evcon, c->base);
	return evcon;
}

void
client_set_up_refused(struct client *c, const struct step *const *scripts,
    int n)
{
	signal(SIGPIPE, SIG_IGN);
	memset(c, 0, sizeof *c);
	c->base = event_init();
	evtimer_set(&c->patience, out_of_patience_cb, c);
	origin_bind(&c->origin, c->base, AF_INET, scripts, n);
	c->evcon = new_connection(c, "127.0.0.1", c->origin.port);
	evhttp_connection_set_closecb(c->evcon, close_cb, "closed");
}

void
client_set_up_scripts(struct client *c, const struct step *const *scripts,
    int n)
{
	client_set_up_refused(c, scripts, n);
	origin_listen(&c->origin);
}

void
client_free_connection(struct client *c)
{
	if (c->evcon != NULL)
		evhttp_connection_free(c->evcon);
	c->evcon = NULL;
}

void
client_tear_down(struct client *c)
{
	client_free_connection(c);
	origin_close(&c->origin);
	event_base_free(c->base);
}

struct evhttp_request *
new_request(char *name)
{
	struct evhttp_request *req = evhttp_request_new(note_answer_cb, name);

	assert_non_null(req);
	return req;
}

void
send_request(struct client *c, struct evhttp_request *req,
    enum evhttp_cmd_type type)
{
	char uri[64];

	snprintf(uri, sizeof uri, "/%s", (char *)req->cb_arg);
	assert_int_equal(evhttp_make_request(c->evcon, req, type, uri), 0);
}

void
get(struct client *c, char *name)
{
	send_request(c, new_request(name), EVHTTP_REQ_GET);
}

void
head(struct client *c, char *name)
{
	send_request(c, new_request(name), EVHTTP_REQ_HEAD);
}

void
post(struct client *c, char *name, const char *body)
{
	struct evhttp_request *req = new_request(name);

	evbuffer_add(req->output_buffer, body, strlen(body));
	send_request(c, req, EVHTTP_REQ_POST);
}

void
post_32_mb(struct client *c, char *name)
{
	const size_t len = 32 << 20;
	struct evhttp_request *req = new_request(name);
	char *body = calloc(1, len);

	assert_non_null(body);
	evbuffer_add(req->output_buffer, body, len);
	free(body);
	send_request(c, req, EVHTTP_REQ_POST);
}

void
never_cb(struct evhttp_request *req, void *unused)
{
	(void)req;
	(void)unused;
	fail_msg("a callback of a request that make_request refused");
}

void
idle_for(struct client *c, double ms)
{
	double end = now_ms() + ms;

	while (now_ms() < end) {
		base_pass(c->base);
		usleep(20000);
	}
}

const struct step serve_x[] = {REQUEST, SEND(OK_X), AGAIN};

const struct step serve_y[] = {REQUEST, SEND(OK_1("y")), AGAIN};

void
client_set_up_idle(struct client *c)
{
	SET_UP(c, serve_x, serve_y);
	get(c, "a");
	await_answers(c, 1);
	client_run_passes(c);
	assert_log("a:200 <x>");
}
