/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: many requests to an origin that fails in all kinds of ways.
 * Each has one callback, and no answer but its own.
 */
#include "test.h"
#include "http_client.h"

#define HALF_HEAD "HTTP/1.1 200 OK\r\nContent-Le"
#define HALF_BODY "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhe"
#define EVIL "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
#define MAX_REQUESTS 40

/* What a connection does.  Those of the first rows answer all there is, or
 * fail before they do; those of the last also send what nobody asked for. */
static const struct step palette[][8] = {
    {REQUEST, ECHO(""), AGAIN},
    {REQUEST, ECHO(""), REQUEST, ECHO(""), REQUEST, ECHO(""), CLOSE},
    {REQUEST, ECHO(""), REQUEST, ECHO(""), RESET},
    {REQUEST, ECHO(""), CLOSE},
    {REQUEST, CLOSE},
    {REQUEST, RESET},
    {REQUEST, ECHO(""), REQUEST, CLOSE},
    {REQUEST, SEND("hello\r\n"), END},
    {CLOSE},
    {RESET},
    {REQUEST, ECHO(""), REQUEST, SEND(HALF_HEAD), RESET},
    {REQUEST, SEND(HALF_BODY), RESET},
    {REQUEST, ECHO(EVIL), AGAIN},
    {REQUEST, ECHO("junk"), REQUEST, ECHO(EVIL), CLOSE},
    {REQUEST, ECHO(EVIL EVIL), RESET},
};

#define WITHOUT_EVIL (sizeof palette / sizeof palette[0] - 3)
#define WITH_EVIL (sizeof palette / sizeof palette[0])

/* The same numbers each time. */
static size_t
next_number(uint32_t *seed, size_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static int calls[MAX_REQUESTS], exchanged;

static void
own_cb(struct evhttp_request *req, void *arg)
{
	int *call = arg;
	char uri[16];

	n_answers++;
	(*call)++;
	if (req == NULL || req->response_code == 0)
		return;
	snprintf(uri, sizeof uri, "/%d", (int)(call - calls));
	exchanged +=
	    EVBUFFER_LENGTH(req->input_buffer) != strlen(uri) ||
	    memcmp(EVBUFFER_DATA(req->input_buffer), uri, strlen(uri)) != 0;
}

static void
make(struct client *c, int i, enum evhttp_cmd_type type)
{
	char uri[16];

	snprintf(uri, sizeof uri, "/%d", i);
	assert_int_equal(evhttp_make_request(c->evcon,
			     evhttp_request_new(own_cb, &calls[i]), type, uri),
	    0);
}

/* Half of them at once, the others one by one as answers come. */
static void
run_random(uint32_t seed, size_t n)
{
	const struct step *scripts[PEERS_MAX];
	struct client c;
	int made = 0;

	memset(calls, 0, sizeof calls);
	n_answers = 0;
	for (int i = 0; i < PEERS_MAX - 1; i++)
		scripts[i] = palette[next_number(&seed, n)];
	scripts[PEERS_MAX - 1] = palette[0];
	client_set_up_scripts(&c, scripts, PEERS_MAX);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	while (made < MAX_REQUESTS) {
		make(&c, made++,
		    next_number(&seed, 3) == 0 ? EVHTTP_REQ_POST
					       : EVHTTP_REQ_GET);
		if (made > MAX_REQUESTS / 2)
			await_answers(&c, made - (int)next_number(&seed, 3));
	}
	await_answers(&c, MAX_REQUESTS);
	client_run_passes(&c);
	for (int i = 0; i < MAX_REQUESTS; i++)
		assert_int_equal(calls[i], 1);
	client_tear_down(&c);
}

TEST(each_request_to_an_origin_that_fails_has_one_callback_and_its_own_answer)
{
	for (uint32_t seed = 1; seed <= 30; seed++)
		run_random(seed, WITHOUT_EVIL);
	assert_int_equal(exchanged, 0);
}

TEST(no_request_has_bytes_that_no_origin_sent_for_it,
    DIFFERS(V14, "takes them for answers"),
    DIFFERS(V21, "takes them for answers"))
{
	for (uint32_t seed = 1; seed <= 30; seed++)
		run_random(seed, WITH_EVIL);
	assert_int_equal(exchanged, 0);
}
