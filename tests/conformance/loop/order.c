/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The order in which the callbacks of one pass run: what was active already,
 * then signals, then descriptors, then timers; first in, first out.
 */
#include "test.h"

#include <signal.h>

TEST(order_is_active_events_signals_io_timers,
    DIFFERS(V21, "signals come last, from a socket read in the pass"))
{
	struct event_base *base = event_init();
	struct event active, sig, io, timer;
	struct timeval past = {-1, 0};
	int fd[2];

	make_readable_pair(fd);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, &past);
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	event_add(&io, NULL);
	event_set(&sig, SIGUSR1, EV_SIGNAL, note_cb, "sig");
	event_add(&sig, NULL);
	raise(SIGUSR1);
	event_set(&active, -1, 0, note_cb, "active");
	event_active(&active, EV_WRITE, 1);
	one_pass();
	assert_log("active:write sig:signal io:read timer:timeout");
	close_pair(fd);
	event_base_free(base);
}

TEST(active_events_run_first_in_first_out)
{
	struct event_base *base = event_init();
	char *names[] = {"A", "B", "C", "D"};
	struct event ev[4];

	for (int i = 0; i < 4; i++)
		event_set(&ev[i], -1, 0, note_cb, names[i]);
	event_active(&ev[2], EV_READ, 1);
	event_active(&ev[0], EV_READ, 1);
	event_active(&ev[3], EV_READ, 1);
	event_active(&ev[1], EV_READ, 1);
	event_active(&ev[2], EV_WRITE, 1);
	event_del(&ev[0]);
	event_active(&ev[0], EV_READ, 1);
	one_pass();
	assert_log("C:read+write D:read B:read A:read");
	event_base_free(base);
}

TEST(signals_run_in_ascending_order)
{
	static const int order[] = {SIGUSR2, SIGTERM, SIGHUP, SIGUSR1};
	char *names[] = {"USR2", "TERM", "HUP", "USR1"};
	struct event_base *base = event_init();
	struct event ev[4];

	for (int i = 0; i < 4; i++) {
		event_set(&ev[i], order[i], EV_SIGNAL, note_cb, names[i]);
		event_add(&ev[i], NULL);
	}
	for (int i = 0; i < 4; i++)
		raise(order[i]);
	one_pass();
	assert_log("HUP:signal USR1:signal USR2:signal TERM:signal");
	event_base_free(base);
}

TEST(io_runs_in_the_order_of_becoming_ready)
{
	char *names[] = {"A", "B", "C", "D"};
	static const int order[] = {2, 0, 3, 1};
	struct event_base *base = event_init();
	struct event ev[4];
	int fd[4][2];

	for (int i = 0; i < 4; i++) {
		make_pair(fd[i]);
		event_set(&ev[i], fd[i][0], EV_READ, note_cb, names[i]);
		event_add(&ev[i], NULL);
	}
	one_pass();
	assert_log("");
	for (int i = 0; i < 4; i++)
		write_byte(fd[order[i]][1]);
	one_pass();
	assert_log("C:read A:read D:read B:read");
	for (int i = 0; i < 4; i++)
		close_pair(fd[i]);
	event_base_free(base);
}

TEST(io_that_is_ready_already_runs_in_the_order_of_adding)
{
	char *names[] = {"A", "B", "C", "D"};
	static const int order[] = {2, 0, 3, 1};
	struct event_base *base = event_init();
	struct event ev[4];
	int fd[4][2];

	for (int i = 0; i < 4; i++)
		make_readable_pair(fd[i]);
	for (int i = 0; i < 4; i++) {
		int n = order[i];

		event_set(&ev[n], fd[n][0], EV_READ, note_cb, names[n]);
		event_add(&ev[n], NULL);
	}
	one_pass();
	assert_log("C:read A:read D:read B:read");
	for (int i = 0; i < 4; i++)
		close_pair(fd[i]);
	event_base_free(base);
}

static void
set_reader_and_writer(struct event *reader, struct event *writer, int fd)
{
	event_set(reader, fd, EV_READ, note_cb, "R");
	event_set(writer, fd, EV_WRITE, note_cb, "W");
}

TEST(reader_of_an_fd_runs_before_its_writer,
    DIFFERS(V21, "the last one added runs first"))
{
	struct event_base *base = event_init();
	struct event reader, writer;
	int fd[2];

	make_readable_pair(fd);
	set_reader_and_writer(&reader, &writer, fd[0]);
	event_add(&reader, NULL);
	event_add(&writer, NULL);
	one_pass();
	assert_log("R:read W:write");
	close_pair(fd);
	event_base_free(base);
}

TEST(reader_of_an_fd_runs_before_its_writer_even_if_added_later)
{
	struct event_base *base = event_init();
	struct event reader, writer;
	int fd[2];

	make_readable_pair(fd);
	set_reader_and_writer(&reader, &writer, fd[0]);
	event_add(&writer, NULL);
	event_add(&reader, NULL);
	one_pass();
	assert_log("R:read W:write");
	close_pair(fd);
	event_base_free(base);
}

TEST(readers_of_one_fd_run_in_the_order_of_adding,
    DIFFERS(V14, "only the last event added for a descriptor fires"),
    DIFFERS(V21, "the last one added runs first"))
{
	struct event_base *base = event_init();
	struct event first, second, third;
	int fd[2];

	make_readable_pair(fd);
	event_set(&first, fd[0], EV_READ, note_cb, "A");
	event_set(&second, fd[0], EV_READ, note_cb, "B");
	event_set(&third, fd[0], EV_READ, note_cb, "C");
	event_add(&second, NULL);
	event_add(&third, NULL);
	event_add(&first, NULL);
	one_pass();
	assert_log("B:read C:read A:read");
	event_del(&second);
	event_del(&third);
	close_pair(fd);
	event_base_free(base);
}

TEST(timers_in_the_past_run_by_expiry)
{
	static const int due[] = {-3, -7, -1};
	char *names[] = {"-3", "-7", "-1"};
	struct event_base *base = event_init();
	struct event ev[3];

	for (int i = 0; i < 3; i++) {
		struct timeval tv = {due[i], 0};

		evtimer_set(&ev[i], note_cb, names[i]);
		evtimer_add(&ev[i], &tv);
	}
	one_pass();
	assert_log("-7:timeout -3:timeout -1:timeout");
	event_base_free(base);
}

#define NTIMERS 1000
static struct event timers[NTIMERS];
static int order_seen[NTIMERS], nseen;

static void
see_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	order_seen[nseen++] = (struct event *)arg - timers;
}

/* Inside a callback all timers count from the same time.  Timer i is due
 * after due(i) microseconds. */
static void
add_timers_cb(int fd, short what, void *due)
{
	(void)fd;
	(void)what;
	for (int i = 0; i < NTIMERS; i++) {
		struct timeval tv = {0, ((int (*)(int))due)(i)};

		evtimer_set(&timers[i], see_cb, &timers[i]);
		assert_int_equal(evtimer_add(&timers[i], &tv), 0);
	}
}

static int
shuffled(int i)
{
	return 1000 + i * 387 % NTIMERS;
}

static int
all_equal(int i)
{
	(void)i;
	return 1000;
}

static void
run_timers(int (*due)(int))
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, add_timers_cb, (void *)due);
	evtimer_add(&ev, MSEC(0));
	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(nseen, NTIMERS);
	event_base_free(base);
}

TEST(thousand_timers_run_by_expiry)
{
	run_timers(shuffled);
	for (int i = 0; i < NTIMERS; i++)
		assert_int_equal(shuffled(order_seen[i]), 1000 + i);
}

TEST(timers_of_equal_expiry_run_in_the_order_of_adding,
    DIFFERS(V14, "the heap keeps no order among equals"),
    DIFFERS(V21, "the heap keeps no order among equals"))
{
	run_timers(all_equal);
	for (int i = 0; i < NTIMERS; i++)
		assert_int_equal(order_seen[i], i);
}

TEST(io_and_timeout_of_one_event_in_one_pass_are_a_timeout)
{
	struct event_base *base = event_init();
	struct timeval past = {-1, 0};
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, &past);
	one_pass();
	assert_log("A:timeout");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	close_pair(fd);
	event_base_free(base);
}

TEST(io_and_timeout_of_a_persistent_event_in_one_pass_are_a_timeout,
    DIFFERS(V21, "a persistent event stays added after a timeout"))
{
	struct event_base *base = event_init();
	struct timeval past = {-1, 0};
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	event_add(&ev, &past);
	one_pass();
	assert_log("A:timeout");
	assert_int_equal(event_pending(&ev, EV_READ | EV_TIMEOUT, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_that_timed_out_beside_its_io_runs_among_the_timers)
{
	struct event_base *base = event_init();
	struct timeval past = {-1, 0}, long_past = {-2, 0};
	struct event both, io, timer;
	int fd[2][2];

	make_readable_pair(fd[0]);
	make_readable_pair(fd[1]);
	event_set(&both, fd[0][0], EV_READ, note_cb, "both");
	event_add(&both, &past);
	event_set(&io, fd[1][0], EV_READ, note_cb, "io");
	event_add(&io, NULL);
	evtimer_set(&timer, note_cb, "timer");
	event_add(&timer, &long_past);
	one_pass();
	assert_log("io:read timer:timeout both:timeout");
	close_pair(fd[0]);
	close_pair(fd[1]);
	event_base_free(base);
}

static void
add_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "add");
	assert_int_equal(event_add(other, NULL), 0);
}

TEST(ready_fd_added_in_a_callback_runs_in_the_next_pass)
{
	struct event_base *base = event_init();
	struct event first, second, io;
	int fd[2];

	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	event_set(&first, -1, 0, add_other_cb, &io);
	event_set(&second, -1, 0, note_cb, "B");
	event_active(&first, EV_READ, 1);
	event_active(&second, EV_READ, 1);
	one_pass();
	assert_log("add:read B:read");
	one_pass();
	assert_log("io:read");
	close_pair(fd);
	event_base_free(base);
}

static void
raise_cb(int fd, short what, void *arg)
{
	(void)arg;
	note_cb(fd, what, "raise");
	raise(SIGUSR1);
}

TEST(signal_raised_in_a_callback_runs_in_the_next_pass)
{
	struct event_base *base = event_init();
	struct event first, second, sig;

	event_set(&sig, SIGUSR1, EV_SIGNAL, note_cb, "sig");
	event_add(&sig, NULL);
	event_set(&first, -1, 0, raise_cb, NULL);
	event_set(&second, -1, 0, note_cb, "B");
	event_active(&first, EV_READ, 1);
	event_active(&second, EV_READ, 1);
	one_pass();
	assert_log("raise:read B:read");
	one_pass();
	assert_log("sig:signal");
	event_base_free(base);
}
