/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of calls that come and go.
 */
#include "rpc_server.h"

TEST(rpc_unregister_of_an_unknown_name_is_an_error)
{
	struct rpc r;

	rpc_open(&r);
	assert_int_equal(EVRPC_UNREGISTER(r.base, Other), -1);
	assert_int_equal(evrpc_unregister_rpc(r.base, ""), -1);
	rpc_close(&r);
}

TEST(rpc_that_is_unregistered_is_unknown)
{
	struct rpc r;

	rpc_open(&r);
	assert_int_equal(EVRPC_UNREGISTER(r.base, Store), 0);
	assert_int_equal(EVRPC_UNREGISTER(r.base, Store), -1);
	exchange(&r, STORE, "404");
	assert_log("");
	rpc_close(&r);
}

TEST(rpc_may_be_registered_again)
{
	struct rpc r;

	rpc_open(&r);
	EVRPC_UNREGISTER(r.base, Store);
	EVRPC_REGISTER(r.base, Store, parcel, receipt, store_cb, &r);
	exchange(&r, STORE, ACK);
	rpc_close(&r);
}

static void
second_cb(EVRPC_STRUCT(Store) * call, void *arg)
{
	(void)arg;
	note("second");
	answer(call);
}

TEST(rpc_first_of_two_for_one_name_answers,
    DIFFERS(V21, "a path is registered once"))
{
	struct rpc r;

	rpc_open(&r);
	EVRPC_REGISTER(r.base, Store, parcel, receipt, second_cb, NULL);
	exchange(&r, STORE, ACK);
	assert_log("hall 3");
	assert_int_equal(EVRPC_UNREGISTER(r.base, Store), 0);
	say(&r.c, STORE);
	assert_true(wait_answers(&r.c, 2));
	assert_log("second");
	assert_int_equal(EVRPC_UNREGISTER(r.base, Store), 0);
	assert_int_equal(EVRPC_UNREGISTER(r.base, Store), -1);
	rpc_close(&r);
}

TEST(rpc_of_one_base_stays_when_another_unregisters_the_name,
    DIFFERS_BY_CHANCE(V14, "it keeps the other's callback, which is freed"),
    DIFFERS(V21, "it removes the first base's callback"))
{
	struct rpc r;
	struct evrpc_base *other;

	rpc_open(&r);
	other = evrpc_init(r.http.http);
	EVRPC_REGISTER(other, Store, parcel, receipt, second_cb, NULL);
	assert_int_equal(EVRPC_UNREGISTER(other, Store), 0);
	exchange(&r, STORE, ACK);
	assert_log("hall 3");
	evrpc_free(other);
	rpc_close(&r);
}

/* libevent 2.x has no EVRPC_REGISTER_OBJECT. */
#ifdef EVRPC_REGISTER_OBJECT
TEST(rpc_register_returns_0_and_fills_the_rpc)
{
	struct rpc r;
	struct evrpc *rpc = calloc(1, sizeof *rpc);

	rpc_open(&r);
	EVRPC_REGISTER_OBJECT(rpc, Half, parcel, receipt);
	assert_string_equal(rpc->uri, "Half");
	assert_int_equal(
	    evrpc_register_rpc(r.base, rpc,
		(void (*)(struct evrpc_req_generic *, void *))second_cb, &r),
	    0);
	assert_ptr_equal(rpc->base, r.base);
	assert_ptr_equal(rpc->cb_arg, &r);
	assert_string_equal(rpc->uri, "Half");
	exchange(&r, POST_TO("Half", "12") GOLDEN_CRATE, ACK);
	assert_log("second");
	EVRPC_UNREGISTER(r.base, Half);
	rpc_close(&r);
}
#endif

TEST(rpc_that_is_unregistered_answers_the_calls_it_has,
    DIFFERS_BY_CHANCE(V14, "it reads freed memory"),
    DIFFERS_BY_CHANCE(V21, "as 1.4"))
{
	struct rpc r;

	rpc_open(&r);
	rpc_keep(&r);
	assert_int_equal(EVRPC_UNREGISTER(r.base, Store), 0);
	free(malloc(104));
	answer(r.kept);
	expect_answers(&r.c, ACK);
	assert_int_equal(message_count(), 0);
	rpc_close(&r);
}

static void
unregister_cb(EVRPC_STRUCT(Store) * call, void *arg)
{
	struct rpc *r = arg;

	assert_int_equal(EVRPC_UNREGISTER(r->base, Half), 0);
	answer(call);
}

TEST(rpc_may_be_unregistered_in_its_callback,
    DIFFERS_BY_CHANCE(V14, "it reads freed memory"),
    DIFFERS_BY_CHANCE(V21, "as 1.4"))
{
	struct rpc r;

	rpc_open(&r);
	EVRPC_REGISTER(r.base, Half, parcel, receipt, unregister_cb, &r);
	exchange(&r, POST_TO("Half", "12") GOLDEN_CRATE, ACK);
	rpc_close(&r);
}

TEST(rpc_base_may_be_freed_with_names, DIFFERS(V14, "it aborts"))
{
	struct rpc r;

	rpc_open(&r);
	evrpc_free(r.base);
	r.base = NULL;
	exchange(&r, STORE, "404");
	rpc_close(&r);
}

TEST(rpc_base_may_be_freed_without_names)
{
	struct rpc r;

	rpc_open(&r);
	EVRPC_UNREGISTER(r.base, Store);
	evrpc_free(r.base);
	r.base = NULL;
	exchange(&r, STORE, "404");
	rpc_close(&r);
}

TEST(rpc_free_of_null_does_nothing, DIFFERS(V14, "it crashes"),
    DIFFERS(V21, "it crashes"))
{
	evrpc_free(NULL);
	evrpc_pool_free(NULL);
}
