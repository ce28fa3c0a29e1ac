/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client sends a megabyte to a server that sends it back, while allocations
 * fail now and then.  Where lack of memory ends reading or writing, the error
 * callback enables it again, and what could not be written is written later;
 * the program notices nothing else.
 */
#include <errno.h>
#include <stdlib.h>

#include "buffers.h"
#include "test.h"
#include "wrap.h"

struct run {
	struct event_base *base;
	struct bufferevent *client, *server;
	size_t written, received;
};

static void
enable_again_cb(struct bufferevent *bev, short what, void *arg)
{
	(void)arg;
	assert_int_equal(what & ~(EVBUFFER_READ | EVBUFFER_WRITE),
	    EVBUFFER_ERROR);
	assert_int_equal(errno, ENOMEM);
	while (bufferevent_enable(bev, EV_READ) == -1 ||
	       (EVBUFFER_LENGTH(EVBUFFER_OUTPUT(bev)) > 0 &&
		   bufferevent_enable(bev, EV_WRITE) == -1))
		assert_int_equal(errno, ENOMEM);
}

static void
send_back_cb(struct bufferevent *bev, void *arg)
{
	(void)arg;
	if (bufferevent_write_buffer(bev, EVBUFFER_INPUT(bev)) == -1)
		assert_int_equal(errno, ENOMEM);
}

static void
receive_cb(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = EVBUFFER_INPUT(bev);
	struct run *run = arg;

	assert_true(is_text(EVBUFFER_DATA(input), EVBUFFER_LENGTH(input),
	    run->received));
	run->received += EVBUFFER_LENGTH(input);
	evbuffer_drain(input, EVBUFFER_LENGTH(input));
}

static void
write_some(struct run *run)
{
	unsigned char text[20000];
	size_t len = 1 + run->written * 7919 % sizeof(text);

	if (run->written == MB)
		return;
	if (len > MB - run->written)
		len = MB - run->written;
	fill_text(text, len, run->written);
	if (bufferevent_write(run->client, text, len) == 0)
		run->written += len;
}

static struct bufferevent *
open_end(struct run *run, int fd, evbuffercb readcb, int timeout)
{
	struct bufferevent *bev =
	    bufferevent_new(fd, readcb, NULL, enable_again_cb, run);

	bufferevent_base_set(run->base, bev);
	bufferevent_settimeout(bev, timeout, timeout);
	bufferevent_setwatermark(bev, EV_READ, 0, timeout > 0 ? 50 * KB : 0);
	assert_int_equal(bufferevent_enable(bev, EV_READ), 0);
	return bev;
}

/* The exchange ends although allocations keep failing. */
static void
run_with_failures(unsigned int seed, unsigned int one_in, int timeout)
{
	struct run run = {.base = event_base_new()};
	int fd[2], idle = 0;

	make_pair(fd);
	run.client = open_end(&run, fd[0], receive_cb, timeout);
	run.server = open_end(&run, fd[1], send_back_cb, timeout);
	fail_allocs_often(seed, one_in);
	while (run.received < MB && idle < 10000) {
		size_t before = run.received;

		drop_spares();
		write_some(&run);
		if (event_base_loop(run.base, EVLOOP_NONBLOCK) == -1)
			assert_int_equal(errno, ENOMEM);
		send_back_cb(run.server, &run);
		idle = run.received == before ? idle + 1 : 0;
	}
	assert_true(alloc_failed() || one_in > 2);
	fail_alloc(0);
	assert_int_equal(run.received, MB);
	bufferevent_free(run.client);
	bufferevent_free(run.server);
	close_pair(fd);
	event_base_free(run.base);
}

TEST(megabyte_arrives_whole_while_memory_fails)
{
	for (unsigned int seed = 1; seed <= 5; seed++)
		for (unsigned int one_in = 2; one_in <= 32; one_in *= 4) {
			run_with_failures(seed, one_in, 0);
			run_with_failures(seed, one_in, 3600);
		}
}
