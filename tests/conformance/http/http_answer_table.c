/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of answers; see the header. */
#include "http_answer_table.h"
#include "test.h"

char *
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

void
headers_cb(struct evhttp_request *req, void *name)
{
	struct evkeyval *h;

	note_answer_cb(req, name);
	if (req == NULL)
		return;
	for (h = req->input_headers->tqh_first; h != NULL; h = h->next.tqe_next)
		note("[%s=%s]", h->key, h->value);
}

void
check_bytes_with(const char *bytes, size_t len, const char *expected,
    enum ending ending, enum pace pace,
    void (*cb)(struct evhttp_request *, void *))
{
	const struct step script[] = {REQUEST,
	    {pace == WHOLE ? STEP_SEND : STEP_TRICKLE, bytes, len},
	    {ending == CLOSES ? STEP_CLOSE : STEP_END, NULL, 0}, END};
	struct evhttp_request *req = evhttp_request_new(cb, "a");
	struct client c;

	n_answers = 0;
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log(expected);
	assert_int_equal(n_answers, 1);
	client_tear_down(&c);
}

void
check_bytes(const char *bytes, const char *expected, enum ending ending)
{
	check_bytes_with(bytes, strlen(bytes), expected, ending, WHOLE,
	    note_answer_cb);
}

void
check_rows(const struct answer *rows, size_t n, enum ending ending,
    enum pace pace, void (*cb)(struct evhttp_request *, void *))
{
	for (const struct answer *a = rows; a < rows + n; a++) {
		print_message("%s\n", a->what);
		check_bytes_with(a->bytes, strlen(a->bytes), a->expected,
		    ending, pace, cb);
	}
}
