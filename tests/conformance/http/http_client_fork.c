/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: fork() in the middle of a kept connection.  The parent continues
 * undisturbed, whatever the child does with the connection it inherited.
 */
#include "test.h"
#include "http_client.h"

/* The parent's next request goes over the connection it had. */
static void
check_idle(struct client *c)
{
	get(c, "b");
	post(c, "c", "hello");
	await_answers(c, 3);
	assert_log("b:200 <x> c:200 <x>");
	assert_int_equal(c->origin.accepted, 1);
	client_tear_down(c);
}

/* A connection of which half an answer has arrived. */
static const struct step halves[] = {REQUEST,
    SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx"), STALL, SEND("y"),
    AGAIN};

static void
set_up_half(struct client *c)
{
	SET_UP(c, halves);
	get(c, "a");
	get(c, "b");
	wait_for(c, c->origin.peer[0].step->kind == STEP_STALL);
	client_run_passes(c);
	assert_log("");
}

static void
check_half(struct client *c)
{
	for (int i = 0; i < 2; i++) {
		wait_for(c, c->origin.peer[0].step->kind == STEP_STALL);
		peer_resume(&c->origin.peer[0]);
		await_answers(c, i + 1);
	}
	assert_log("a:200 <xy> b:200 <xy>");
	assert_int_equal(c->origin.accepted, 1);
	client_tear_down(c);
}

/*
 * What the child does.
 */

static void
do_nothing(void *unused)
{
	(void)unused;
}

static void
free_it(void *arg)
{
	struct client *c = arg;

	client_free_connection(c);
	assert_log("closed");
}

static void
reinit_and_free_it(void *arg)
{
	struct client *c = arg;

	assert_int_equal(event_reinit(c->base), 0);
	free_it(c);
}

static void
free_it_with_the_base(void *arg)
{
	struct client *c = arg;

	assert_int_equal(event_reinit(c->base), 0);
	client_tear_down(c);
}

/* An origin and a connection of the child's own, on the base it inherited. */
static void
continue_elsewhere(void *arg)
{
	struct client *c = arg, own;

	assert_int_equal(event_reinit(c->base), 0);
	note_clear();
	n_answers = 0;
	memset(&own, 0, sizeof own);
	own.base = c->base;
	evtimer_set(&own.patience, out_of_patience_cb, &own);
	origin_bind(&own.origin, own.base, AF_INET,
	    (const struct step *const[]){serve_y}, 1);
	origin_listen(&own.origin);
	own.evcon = new_connection(&own, "127.0.0.1", own.origin.port);
	get(&own, "z");
	await_answers(&own, 1);
	assert_log("z:200 <y>");
	client_free_connection(&own);
	origin_close(&own.origin);
}

static void
check(void (*set_up)(struct client *), void (*child)(void *),
    void (*resume)(struct client *))
{
	struct client c;

	set_up(&c);
	assert_int_equal(in_child(child, &c), 0);
	resume(&c);
}

#define SHARED "the child unregisters what the parent waits for"
#define SHUTS "shuts the connection down"

TEST(child_that_ends_leaves_the_parents_idle_connection_alone)
{
	check(client_set_up_idle, do_nothing, check_idle);
}

TEST(child_that_ends_leaves_the_parents_answer_alone)
{
	check(set_up_half, do_nothing, check_half);
}

TEST(child_that_frees_an_idle_connection_leaves_the_parents_alone,
    DIFFERS(V21, SHUTS))
{
	check(client_set_up_idle, free_it, check_idle);
}

TEST(child_that_frees_a_connection_leaves_the_parents_answer_alone,
    DIFFERS(V14, SHARED), DIFFERS(V21, SHARED))
{
	check(set_up_half, free_it, check_half);
}

TEST(child_that_reinits_and_frees_an_idle_connection_leaves_the_parents_alone,
    DIFFERS(V21, SHUTS))
{
	check(client_set_up_idle, reinit_and_free_it, check_idle);
}

TEST(child_that_reinits_and_frees_a_connection_leaves_the_parents_answer_alone,
    DIFFERS(V21, SHUTS))
{
	check(set_up_half, reinit_and_free_it, check_half);
}

TEST(child_that_frees_all_there_is_leaves_the_parents_idle_connection_alone,
    DIFFERS(V21, SHUTS))
{
	check(client_set_up_idle, free_it_with_the_base, check_idle);
}

TEST(child_that_frees_all_there_is_leaves_the_parents_answer_alone,
    DIFFERS(V21, SHUTS))
{
	check(set_up_half, free_it_with_the_base, check_half);
}

TEST(child_with_a_connection_of_its_own_leaves_the_parents_answer_alone)
{
	check(set_up_half, continue_elsewhere, check_half);
}

TEST(child_with_a_connection_of_its_own_leaves_the_parents_idle_one_alone)
{
	check(client_set_up_idle, continue_elsewhere, check_idle);
}
