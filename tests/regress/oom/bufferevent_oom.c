/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bufferevents without memory: what cannot be done is an error that changes
 * nothing, and what was accepted is sent and received.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buffers.h"
#include "test.h"
#include "wrap.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

/*
 * A bufferevent on a base that has not allocated anything for its events yet.
 */
struct end {
	struct event_base *base;
	struct bufferevent *bev;
	struct evbuffer *data;
	int fd[2];
};

static void
end_open(struct end *end, int timeout)
{
	end->base = event_base_new();
	make_pair(end->fd);
	end->bev = bufferevent_new(end->fd[0], NULL, NULL, NULL, NULL);
	end->data = new_text(1000);
	bufferevent_base_set(end->base, end->bev);
	bufferevent_settimeout(end->bev, timeout, timeout);
}

static void
end_close(struct end *end)
{
	bufferevent_free(end->bev);
	evbuffer_free(end->data);
	close_pair(end->fd);
	event_base_free(end->base);
}

/* --- operations that may fail, and checks that they worked --- */

static int
enable_reading(struct end *end)
{
	return bufferevent_enable(end->bev, EV_READ);
}

static void
is_read(struct end *end)
{
	write_byte(end->fd[1]);
	event_base_loop(end->base, EVLOOP_NONBLOCK);
	assert_int_equal(EVBUFFER_LENGTH(EVBUFFER_INPUT(end->bev)), 1);
}

static int
enable_both(struct end *end)
{
	return bufferevent_enable(end->bev, EV_READ | EV_WRITE);
}

static int
write_data(struct end *end)
{
	return bufferevent_write(end->bev, EVBUFFER_DATA(end->data),
	    EVBUFFER_LENGTH(end->data));
}

static int
write_data_as_buffer(struct end *end)
{
	int r = bufferevent_write_buffer(end->bev, end->data);

	assert_int_equal(EVBUFFER_LENGTH(end->data), r == 0 ? 0 : 1000);
	return r;
}

static void
is_written(struct end *end)
{
	unsigned char text[2000];

	event_base_loop(end->base, EVLOOP_NONBLOCK);
	assert_int_equal(recv(end->fd[1], text, sizeof(text), 0), 1000);
	assert_true(is_text(text, 1000, 0));
}

static const struct operation {
	int (*operate)(struct end *);
	void (*check)(struct end *);
} operations[] = {
    {enable_reading, is_read},
    {enable_both, is_read},
    {write_data, is_written},
    {write_data_as_buffer, is_written},
};

/* What a call that failed must not change. */
struct image {
	size_t output, data;
	long enabled, added;
};

static struct image
image_of(const struct end *end)
{
	struct bufferevent *bev = end->bev;

	return (struct image){EVBUFFER_LENGTH(EVBUFFER_OUTPUT(bev)),
	    EVBUFFER_LENGTH(end->data), bev->enabled,
	    event_pending(&bev->ev_read, EV_READ, NULL) |
		event_pending(&bev->ev_write, EV_WRITE, NULL)};
}

/*
 * Runs the operation with the nth allocation failing, or all from the nth on.
 * Returns whether any failed.
 */
static bool
fails_or_works(const struct operation *o, int timeout, long nth, bool all)
{
	struct image before, after;
	struct end end;
	bool failed;
	int r;

	end_open(&end, timeout);
	before = image_of(&end);
	(all ? fail_allocs_from : fail_alloc)(nth);
	errno = 0;
	r = o->operate(&end);
	failed = alloc_failed();
	fail_alloc(0);
	if (r == -1) {
		assert_true(failed);
		assert_int_equal(errno, ENOMEM);
		after = image_of(&end);
		assert_memory_equal(&after, &before, sizeof(before));
		assert_int_equal(o->operate(&end), 0);
	}
	o->check(&end);
	end_close(&end);
	return failed;
}

static void
each_fails(const struct operation *o)
{
	for (int timeout = 0; timeout <= 3600; timeout += 3600)
		for (int all = 0; all < 2; all++)
			for (long nth = 1; fails_or_works(o, timeout, nth, all);
			     nth++)
				continue;
}

TEST(reading_that_cannot_be_enabled_is_an_error)
{
	each_fails(&operations[0]);
	each_fails(&operations[1]);
}

TEST(write_that_gets_no_memory_is_an_error)
{
	each_fails(&operations[2]);
	each_fails(&operations[3]);
}

TEST(bufferevent_without_memory_is_NULL)
{
	long bytes = counts.bytes;

	event_init();
	for (long nth = 1;; nth++) {
		struct bufferevent *bev;
		bool failed;

		bytes = counts.bytes;
		fail_alloc(nth);
		bev = bufferevent_new(-1, NULL, NULL, NULL, NULL);
		failed = alloc_failed();
		fail_alloc(0);
		assert_true((bev == NULL) == failed);
		bufferevent_free(bev);
		assert_int_equal(counts.bytes, bytes);
		if (!failed)
			break;
	}
	event_base_free(NULL);
}

/* --- no memory for a timeout --- */

#define NTIMERS 500

static struct event timers[NTIMERS];
static int ntimers;

/* Adds timers until the base needs memory for one more. */
static void
take_timers(struct event_base *base)
{
	fail_allocs_from(1);
	for (; ntimers < NTIMERS; ntimers++) {
		evtimer_set(&timers[ntimers], idle_cb, NULL);
		event_base_set(base, &timers[ntimers]);
		if (evtimer_add(&timers[ntimers], MSEC(3600000)) == -1)
			break;
	}
	assert_in_range(ntimers, 0, NTIMERS - 1);
}

static void
give_timers_back(void)
{
	fail_alloc(0);
	while (ntimers > 0)
		evtimer_del(&timers[--ntimers]);
}

static void
error_cb(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)arg;
	assert_int_equal(errno, ENOMEM);
	note("%#x", (unsigned int)what);
}

/*
 * The socket is full, which the library notices only after bufferevent_write()
 * has returned, so that it cannot return an error.
 */
static bool
fails_or_is_sent_later(long nth)
{
	unsigned char text[4096];
	struct end end;
	bool failed;

	end_open(&end, 3600);
	end.bev->errorcb = error_cb;
	bufferevent_enable(end.bev, EV_READ);
	write_byte(end.fd[1]);
	event_base_loop(end.base, EVLOOP_NONBLOCK);
	fill(end.fd[0]);
	write_data(&end);
	take_timers(end.base);
	fail_allocs_from(nth);
	event_base_loop(end.base, EVLOOP_NONBLOCK);
	failed = alloc_failed();
	give_timers_back();
	while (recv(end.fd[1], text, sizeof(text), 0) > 0)
		continue;
	if (strcmp(noted(), "") != 0) {
		assert_log("0x22");
		assert_int_equal(bufferevent_enable(end.bev, EV_WRITE), 0);
	}
	is_written(&end);
	end_close(&end);
	return failed;
}

TEST(write_whose_timeout_gets_no_memory_is_an_error_or_continues)
{
	for (long nth = 1; fails_or_is_sent_later(nth); nth++)
		continue;
}

/* The input was full, and there is no memory when it is drained. */
TEST(reading_that_could_not_resume_resumes_with_the_next_change)
{
	struct evbuffer *input;
	struct end end;

	end_open(&end, 3600);
	input = EVBUFFER_INPUT(end.bev);
	bufferevent_setwatermark(end.bev, EV_READ, 0, 100);
	bufferevent_enable(end.bev, EV_READ);
	assert_int_equal(send(end.fd[1], EVBUFFER_DATA(end.data), 1000, 0),
	    1000);
	event_base_loop(end.base, EVLOOP_NONBLOCK);
	assert_int_equal(EVBUFFER_LENGTH(input), 100);
	take_timers(end.base);
	evbuffer_drain(input, 50);
	give_timers_back();
	evbuffer_drain(input, 10);
	event_base_loop(end.base, EVLOOP_NONBLOCK);
	assert_int_equal(EVBUFFER_LENGTH(input), 100);
	end_close(&end);
}

TEST(timeout_that_got_no_memory_can_be_set_again)
{
	struct event *waiting;
	struct end end;

	end_open(&end, 0);
	waiting = &end.bev->ev_read;
	bufferevent_enable(end.bev, EV_READ);
	take_timers(end.base);
	bufferevent_settimeout(end.bev, 3600, 3600);
	assert_int_equal(event_pending(waiting, EV_READ | EV_TIMEOUT, NULL),
	    EV_READ);
	give_timers_back();
	bufferevent_settimeout(end.bev, 3600, 3600);
	assert_int_equal(event_pending(waiting, EV_READ | EV_TIMEOUT, NULL),
	    EV_READ | EV_TIMEOUT);
	end_close(&end);
}

TEST(reading_is_not_enabled_where_writing_gets_no_memory)
{
	struct end end;

	end_open(&end, 0);
	bufferevent_settimeout(end.bev, 0, 3600);
	bufferevent_disable(end.bev, EV_WRITE);
	take_timers(end.base);
	assert_int_equal(bufferevent_enable(end.bev, EV_READ | EV_WRITE), -1);
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(event_pending(&end.bev->ev_read, EV_READ, NULL), 0);
	assert_int_equal(end.bev->enabled & EV_READ, 0);
	give_timers_back();
	assert_int_equal(bufferevent_enable(end.bev, EV_READ | EV_WRITE), 0);
	assert_int_equal(event_pending(&end.bev->ev_read, EV_READ, NULL),
	    EV_READ);
	end_close(&end);
}

TEST(changing_and_freeing_a_bufferevent_need_no_memory)
{
	struct event_base *other = event_base_new();
	struct end end;

	end_open(&end, 3600);
	event_base_priority_init(end.base, 3);
	bufferevent_enable(end.bev, EV_READ | EV_WRITE);
	fail_allocs_from(1);
	assert_int_equal(bufferevent_disable(end.bev, EV_READ), 0);
	assert_int_equal(bufferevent_priority_set(end.bev, 2), 0);
	bufferevent_setcb(end.bev, NULL, NULL, error_cb, NULL);
	bufferevent_setwatermark(end.bev, EV_READ, 10, 1000);
	bufferevent_setfd(end.bev, end.fd[1]);
	assert_int_equal(bufferevent_base_set(other, end.bev), 0);
	bufferevent_setfd(end.bev, end.fd[0]);
	assert_ptr_equal(end.bev->ev_read.ev_base, other);
	bufferevent_free(end.bev);
	fail_alloc(0);
	end.bev = NULL;
	end_close(&end);
	event_base_free(other);
}
