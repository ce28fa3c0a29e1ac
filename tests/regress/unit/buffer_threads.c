/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buffers in threads: the spare blocks of a thread are its own, and are freed
 * when it ends.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffers.h"
#include "test.h"
#include "wrap.h"

#define LARGE (200 * KB)

static void
start(pthread_t *thread, void *(*work)(void *), void *arg)
{
	assert_int_equal(pthread_create(thread, NULL, work, arg), 0);
}

static void *
run_in_thread(void *(*work)(void *), void *arg)
{
	pthread_t thread;
	void *result;

	start(&thread, work, arg);
	assert_int_equal(pthread_join(thread, &result), 0);
	return result;
}

/* --- two threads --- */

/* Sends some megabytes both ways over connections of the thread's own base. */
static void *
echo(void *arg)
{
	static const struct {
		size_t size;
		int rounds;
	} runs[] = {{64, 500}, {4 * KB, 300}, {20 * KB, 50}, {LARGE, 20},
	    {3 * MB, 2}};
	struct event_base *base = event_base_new();
	int *faults = arg;
	struct echo e;

	for (int i = 0; i < 5; i++) {
		echo_open(&e, base, runs[i].size);
		echo_run(&e, runs[i].rounds);
		*faults += e.faults;
		echo_close(&e);
	}
	event_base_free(base);
	return NULL;
}

TEST(two_threads_may_have_bufferevents_each)
{
	pthread_t threads[2];
	int faults[2] = {0, 0};

	for (int i = 0; i < 2; i++)
		start(&threads[i], echo, &faults[i]);
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(faults[i], 0);
	}
}

/* --- spare blocks --- */

/* Has the thread keep as many spare blocks as it may. */
static void
use_blocks(void)
{
	struct evbuffer *buf[10];

	for (int i = 0; i < 10; i++)
		buf[i] = new_text(LARGE);
	for (int i = 0; i < 10; i++)
		evbuffer_free(buf[i]);
}

/* Returns how many bytes the thread keeps. */
static void *
use_blocks_and_end(void *arg)
{
	long *bytes = arg;

	use_blocks();
	*bytes = counts.bytes;
	return NULL;
}

TEST(spare_blocks_are_freed_when_their_thread_ends)
{
	long before = bytes_of_all_threads(), bytes;

	for (int i = 0; i < 20; i++) {
		run_in_thread(use_blocks_and_end, &bytes);
		assert_in_range(bytes, LARGE, 5 * 256 * KB);
		assert_int_equal(bytes_of_all_threads(), before);
	}
}

static void *
keep_no_more(void *arg)
{
	use_blocks();
	evbuffer_free(arg);
	return NULL;
}

TEST(buffer_that_another_thread_frees_leaves_nothing)
{
	long before = bytes_of_all_threads();

	drop_spares();
	for (int i = 0; i < 20; i++)
		run_in_thread(keep_no_more, new_text(LARGE));
	assert_int_equal(bytes_of_all_threads(), before);
}

static void *
make_text(void *arg)
{
	(void)arg;
	return new_text(LARGE);
}

TEST(buffer_outlives_the_thread_that_made_it)
{
	struct evbuffer *buf = run_in_thread(make_text, NULL);

	assert_true(is_text(EVBUFFER_DATA(buf), LARGE, 0));
	add_text(buf, LARGE);
	assert_true(is_text(EVBUFFER_DATA(buf), 2 * LARGE, 0));
	evbuffer_free(buf);
	drop_spares();
}

/* --- the end of the process --- */

static pthread_barrier_t both;

static void *
use_blocks_for_ever(void *arg)
{
	use_blocks();
	pthread_barrier_wait(&both);
	for (;;)
		use_blocks();
	return arg;
}

static void
exit_at_once(void *arg)
{
	pthread_t thread;

	(void)arg;
	pthread_barrier_init(&both, NULL, 2);
	start(&thread, use_blocks_for_ever, NULL);
	pthread_barrier_wait(&both);
	exit(0);
}

TEST(process_may_end_while_a_thread_uses_buffers)
{
	for (int i = 0; i < 5; i++)
		assert_int_equal(in_child(exit_at_once, NULL), 0);
}

/* --- the library is loaded and closed --- */

static struct {
	void *handle;
	struct evbuffer *(*new)(void);
	int (*add)(struct evbuffer *, const void *, size_t);
	void (*drain)(struct evbuffer *, size_t);
	void (*free)(struct evbuffer *);
	struct event_base *(*base_new)(void);
	void (*base_free)(struct event_base *);
} lib;

static void *
look_up(const char *name)
{
	void *symbol = dlsym(lib.handle, name);

	if (symbol == NULL)
		abort();
	return symbol;
}

static void
load(void)
{
	lib.handle = dlopen(REGRESS_SHLIB, RTLD_NOW | RTLD_LOCAL);
	if (lib.handle == NULL) {
		print_error("%s\n", dlerror());
		abort();
	}
	*(void **)&lib.new = look_up("evbuffer_new");
	*(void **)&lib.add = look_up("evbuffer_add");
	*(void **)&lib.drain = look_up("evbuffer_drain");
	*(void **)&lib.free = look_up("evbuffer_free");
	*(void **)&lib.base_new = look_up("event_base_new");
	*(void **)&lib.base_free = look_up("event_base_free");
}

static void
use_library(void)
{
	static const char zeroes[LARGE];
	struct event_base *base = lib.base_new();
	struct evbuffer *buf = lib.new();

	for (int i = 0; i < 10; i++) {
		lib.add(buf, zeroes, sizeof(zeroes));
		lib.drain(buf, sizeof(zeroes));
	}
	lib.free(buf);
	lib.base_free(base);
}

/* A thread that ends after the library was closed. */
static void *
use_library_and_wait(void *arg)
{
	use_library();
	pthread_barrier_wait(&both);
	pthread_barrier_wait(&both);
	return arg;
}

TEST(thread_may_end_after_the_library_was_closed)
{
	pthread_t thread;

	pthread_barrier_init(&both, NULL, 2);
	for (int i = 0; i < 5; i++) {
		load();
		start(&thread, use_library_and_wait, NULL);
		pthread_barrier_wait(&both);
		use_library();
		assert_int_equal(dlclose(lib.handle), 0);
		pthread_barrier_wait(&both);
		pthread_join(thread, NULL);
	}
}

static void
do_nothing(void *arg)
{
	(void)arg;
}

TEST(process_may_fork_after_the_library_was_closed)
{
	load();
	use_library();
	assert_int_equal(dlclose(lib.handle), 0);
	assert_int_equal(in_child(do_nothing, NULL), 0);
}

static void *
use_library_and_end(void *arg)
{
	use_library();
	return arg;
}

TEST(library_may_be_closed_after_its_threads_have_ended)
{
	load();
	for (int i = 0; i < 20; i++)
		run_in_thread(use_library_and_end, NULL);
	assert_int_equal(dlclose(lib.handle), 0);
}
