/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a bufferevent reads and writes in one pass of the loop, and in which
 * order its callbacks run.
 */
#include "test.h"
#include "bev.h"

#include <sys/socket.h>

static size_t largest;

static void
note_largest_cb(struct bufferevent *bev, void *unused)
{
	size_t n = input_length(bev);

	(void)unused;
	largest = n > largest ? n : largest;
	drain_input(bev, n);
}

TEST(read_callback_gets_all_that_has_arrived,
    DIFFERS(V14, "4,096 bytes, then four times the memory of the buffer"),
    DIFFERS(V21, "4,096 bytes"))
{
	static const char block[65536];
	struct conn c;

	bev_set_up_with(&c, note_largest_cb, NULL, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(write(c.fd[1], block, sizeof block), sizeof block);
	bev_run_passes();
	assert_int_equal(largest, sizeof block);
	bev_tear_down(&c);
}

/* Sends what has arrived back. */
static void
echo_cb(struct bufferevent *bev, void *unused)
{
	(void)unused;
	bufferevent_write_buffer(bev, EVBUFFER_INPUT(bev));
}

TEST(answers_to_several_datagrams_are_several_datagrams,
    DIFFERS(V14, "those of two read callbacks are one datagram"))
{
	char text[16];
	struct conn c;
	int fd[2];

	bev_set_up_with(&c, echo_cb, NULL, note_bev_error_cb, "A");
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fd),
	    0);
	bufferevent_setfd(c.bev, fd[0]);
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 4; i++)
		send_text(fd[1], "abc");
	bev_run_passes();
	for (int i = 0; i < 4; i++)
		assert_int_equal(read(fd[1], text, sizeof text), 3);
	free_bev(&c);
	close(fd[0]);
	close(fd[1]);
	bev_tear_down(&c);
}

static int n_answers;

/* Answers the first two messages. */
static void
answer_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	drain_input(bev, input_length(bev));
	if (n_answers++ < 2)
		write_text(bev, "answer");
}

TEST(write_callback_runs_before_bytes_that_arrive_later_are_read,
    DIFFERS(V14, "the write event waits for the next poll, as the read event"))
{
	struct conn c;

	bev_set_up_with(&c, answer_cb, note_bev_write_cb, note_bev_error_cb,
	    "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 2; i++) {
		send_text(c.fd[1], "question");
		event_loop(EVLOOP_NONBLOCK | EVLOOP_ONCE);
	}
	bev_run_passes();
	assert_log("A:read A:write A:read A:write");
	bev_tear_down(&c);
}
