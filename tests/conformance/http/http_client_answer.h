/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of answers: the bytes an origin answers a GET with, and what the
 * request's callback is to note of them.  Comes after http_client.h.
 */
#ifndef CONFORMANCE_HTTP_CLIENT_ANSWER_H
#define CONFORMANCE_HTTP_CLIENT_ANSWER_H

struct answer {
	const char *what;
	const char *bytes;
	const char *expected;
};

/* What the origin does after the last byte. */
enum ending {
	STAYS,
	CLOSES
};

/* How the bytes come. */
enum pace {
	WHOLE,
	BYTEWISE
};

/* n times unit between two strings; the caller frees it. */
static inline char *
repeat(const char *before, const char *unit, size_t n, const char *after)
{
	size_t len = strlen(unit);
	char *text = malloc(strlen(before) + n * len + strlen(after) + 1);
	char *at = text + strlen(before);

	assert_non_null(text);
	strcpy(text, before);
	for (size_t i = 0; i < n; i++, at += len)
		memcpy(at, unit, len);
	strcpy(at, after);
	return text;
}

/* A callback that notes the answer's headers as well, as "[name=value]". */
static inline void
headers_cb(struct evhttp_request *req, void *name)
{
	struct evkeyval *h;

	answer_cb(req, name);
	if (req == NULL)
		return;
	for (h = req->input_headers->tqh_first; h != NULL; h = h->next.tqe_next)
		note("[%s=%s]", h->key, h->value);
}

static inline void
check_bytes_with(const char *bytes, size_t len, const char *expected,
    enum ending ending, enum pace pace,
    void (*cb)(struct evhttp_request *, void *))
{
	const struct step script[] = {REQUEST,
	    {pace == WHOLE ? STEP_SEND : STEP_TRICKLE, bytes, len},
	    {ending == CLOSES ? STEP_CLOSE : STEP_END, NULL, 0}, END};
	struct evhttp_request *req = evhttp_request_new(cb, "a");
	struct client c;

	answers = 0;
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	settle(&c);
	assert_log(expected);
	assert_int_equal(answers, 1);
	tear_down(&c);
}

static inline void
check_bytes(const char *bytes, const char *expected, enum ending ending)
{
	check_bytes_with(bytes, strlen(bytes), expected, ending, WHOLE,
	    answer_cb);
}

static inline void
check_rows(const struct answer *rows, size_t n, enum ending ending,
    enum pace pace, void (*cb)(struct evhttp_request *, void *))
{
	for (const struct answer *a = rows; a < rows + n; a++) {
		print_message("%s\n", a->what);
		check_bytes_with(a->bytes, strlen(a->bytes), a->expected,
		    ending, pace, cb);
	}
}

#define check_table(table, ending, pace, cb)                                   \
	check_rows(table, sizeof(table) / sizeof(table)[0], ending, pace, cb)

#endif
