/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The answers of evrpc's server, byte for byte as libevent 1.4 sends them.
 */
#include "rpc_server.h"

struct setting {
	const char *hook_header; /* the value that output hooks add as X-Hook,
				    with a type */
	bool fails_in, fails_out;
};

HOOK(fail_hook)
{
	return -1;
}

HOOK(header_hook)
{
	evhttp_add_header(req->output_headers, "X-Hook", arg);
	return 0;
}

HOOK(type_hook)
{
	evhttp_add_header(req->output_headers, "Content-Type", "x/y");
	return 0;
}

/* The reply lacks its code. */
static void
half_cb(EVRPC_STRUCT(Half) * call, void *arg)
{
	(void)arg;
	EVRPC_REQUEST_DONE(call);
}

static void
add_hooks(struct rpc *r, const struct setting *setting)
{
	if (setting->fails_in)
		evrpc_add_hook(r->base, EVRPC_INPUT, fail_hook, NULL);
	if (setting->fails_out)
		evrpc_add_hook(r->base, EVRPC_OUTPUT, fail_hook, NULL);
	if (setting->hook_header == NULL)
		return;
	evrpc_add_hook(r->base, EVRPC_OUTPUT, header_hook,
	    (void *)setting->hook_header);
	evrpc_add_hook(r->base, EVRPC_OUTPUT, type_hook, NULL);
}

static void
check_one(const struct rpc_golden *g, const struct setting *setting)
{
	struct rpc r;

	printf("%s\n", g->name);
	rpc_open(&r);
	EVRPC_REGISTER(r.base, Half, parcel, receipt, half_cb, NULL);
	add_hooks(&r, setting);
	say_bytes(&r.c, g->request, g->request_len);
	expect_bytes(&r.c, g->answer, g->answer_len);
	if (g->is_closed)
		assert_true(wait_end(&r.c));
	assert_int_equal(r.c.ended, g->is_closed);
	EVRPC_UNREGISTER(r.base, Half);
	rpc_close(&r);
}

#define CHECK(table, ...)                                                      \
	for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++)        \
	check_one(&(table)[i], &(struct setting){__VA_ARGS__})

#define OTHER_PAGE DIFFERS(V21, "the pages have another text")

TEST(rpc_replies_are_sent_as_recorded)
{
	CHECK(golden_calls, 0);
}

TEST(rpc_requests_without_a_reply_are_answered_as_recorded, OTHER_PAGE)
{
	CHECK(golden_refused, 0);
}

TEST(rpc_name_that_is_unknown_is_answered_as_recorded)
{
	CHECK(golden_unknown, 0);
}

TEST(rpc_input_hook_that_fails_is_answered_as_recorded, OTHER_PAGE)
{
	CHECK(golden_hook_in, .fails_in = true);
}

TEST(rpc_output_hook_that_fails_is_answered_as_recorded, OTHER_PAGE)
{
	CHECK(golden_hook_out, .fails_out = true);
}

TEST(rpc_headers_of_output_hooks_are_sent_as_recorded)
{
	CHECK(golden_hook_header, .hook_header = "ohdr");
}
