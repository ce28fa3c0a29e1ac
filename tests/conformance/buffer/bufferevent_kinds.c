/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents on descriptors of all kinds: blocking ones, messages, pipes,
 * terminals, files.
 */
#define _GNU_SOURCE /* for posix_openpt() and cfmakeraw() */
#include "test.h"
#include "bev.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>

static int seen_errno;

static void
errno_cb(struct bufferevent *bev, short what, void *name)
{
	seen_errno = errno;
	note_bev_error_cb(bev, what, name);
}

/* On fd[0] of any two descriptors. */
static void
set_up_on(struct conn *c, int fd, int peer)
{
	c->base = event_init();
	c->fd[0] = fd;
	c->fd[1] = peer;
	c->bev = new_bev(fd, "A");
	bufferevent_setcb(c->bev, note_bev_read_cb, note_bev_write_cb, errno_cb,
	    "A");
}

static void
set_up_pair(struct conn *c, int type)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, type, 0, fd), 0);
	set_up_on(c, fd[0], fd[1]);
}

/*
 * Blocking sockets.
 */

TEST(blocking_socket_is_read_without_waiting)
{
	static const char block[65536];
	static const int sizes[] = {1, 4095, 4096, 4097, 16384, 32768, 65536};
	size_t sum = 0;
	struct conn c;

	set_up_pair(&c, SOCK_STREAM);
	bufferevent_enable(c.bev, EV_READ);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		assert_int_equal(write(c.fd[1], block, sizes[i]), sizes[i]);
		assert_int_equal(bev_run_passes(), 0);
		sum += sizes[i];
		assert_int_equal(input_length(c.bev), sum);
	}
	bev_tear_down(&c);
}

TEST(blocking_socket_is_read_without_waiting_up_to_the_high_mark,
    DIFFERS(V21, "the read callback is called for ever at the mark"))
{
	struct conn c;

	set_up_pair(&c, SOCK_STREAM);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "0123456789");
	assert_int_equal(bev_run_passes(), 1);
	drain_input(c.bev, 10);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	bev_tear_down(&c);
}

TEST(blocking_socket_is_written)
{
	struct conn c;

	set_up_pair(&c, SOCK_STREAM);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_int_equal(event_dispatch(), 1);
		assert_log("A:write");
		assert_arrived(c.fd[1], "hello");
	}
	bev_tear_down(&c);
}

/* Reads `much` bytes at the peer in a child, which exits with 0 after them. */
static pid_t
take_apart(struct conn *c, size_t much)
{
	static char block[65536];
	pid_t pid = fork();
	ssize_t n = 1;

	assert_true(pid != -1);
	if (pid > 0)
		return pid;
	close(c->fd[0]);
	while (n > 0 && much > 0) {
		n = read(c->fd[1], block, sizeof block);
		much -= n > 0 ? (size_t)n : 0;
	}
	_exit(much != 0);
}

/* The socket is ready when there is some room; the write then waits until
 * there is room for the rest. */
TEST(blocking_socket_is_written_at_once, DIFFERS(V21, "in parts"))
{
	static const char block[1 << 20];
	struct conn c;
	int status;
	pid_t pid;

	set_up_pair(&c, SOCK_STREAM);
	pid = take_apart(&c, sizeof block);
	assert_int_equal(bufferevent_write(c.bev, block, sizeof block), 0);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:write");
	assert_output(c.bev, "");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	bev_tear_down(&c);
}

/*
 * Messages.
 */

TEST(message_is_read_at_a_time)
{
	struct conn c;

	set_up_pair(&c, SOCK_SEQPACKET | SOCK_NONBLOCK);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello ");
	send_text(c.fd[1], "world");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read A:read");
	assert_input(c.bev, "hello world");
	bev_tear_down(&c);
}

TEST(several_writes_are_one_message)
{
	struct conn c;

	set_up_pair(&c, SOCK_DGRAM | SOCK_NONBLOCK);
	write_text(c.bev, "hello ");
	write_text(c.bev, "world");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello world");
	write_text(c.bev, "x");
	assert_int_equal(event_dispatch(), 1);
	assert_arrived(c.fd[1], "x");
	bev_tear_down(&c);
}

/* A UDP address on loopback that nobody is bound to. */
static struct sockaddr_in
nobody(void)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t len = sizeof addr;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	getsockname(fd, (struct sockaddr *)&addr, &len);
	close(fd);
	return addr;
}

static void
wait_for_refusal(int fd)
{
	struct pollfd p = {.fd = fd};

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_true(p.revents & POLLERR);
}

/* The datagram that found it out is gone, the next one goes out. */
TEST(refused_datagram_is_a_read_error, DIFFERS(V21, "it is not reported"))
{
	struct sockaddr_in addr = nobody();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct conn c;

	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	set_up_on(&c, fd, -1);
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		one_pass();
		wait_for_refusal(fd);
		one_pass();
		assert_log("A:write A:read+error");
		assert_int_equal(seen_errno, ECONNREFUSED);
		assert_output(c.bev, "");
		bufferevent_enable(c.bev, EV_READ);
	}
	bev_tear_down(&c);
}

static void
answer_datagram_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	drain_input(bev, input_length(bev));
	write_text(bev, "hello");
}

/* The answer waits until the error was reported, and is sent then. */
TEST(refused_datagram_before_an_answer_is_a_read_error,
    DIFFERS(V21, "it is not reported"))
{
	struct sockaddr_in addr = nobody(), own = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), peer;
	socklen_t len = sizeof own;
	struct conn c;

	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	getsockname(fd, (struct sockaddr *)&own, &len);
	peer = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(peer, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(connect(peer, (struct sockaddr *)&own, len), 0);
	set_up_on(&c, fd, peer);
	bufferevent_setcb(c.bev, answer_datagram_cb, note_bev_write_cb,
	    errno_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	send_text(peer, "question");
	close_peer(&c);
	while (strstr(noted(), "write") == NULL)
		one_pass();
	wait_for_refusal(fd);
	one_pass();
	assert_log("A:read A:write A:read+error");
	assert_int_equal(seen_errno, ECONNREFUSED);
	bev_tear_down(&c);
}

TEST(empty_message_is_the_end)
{
	struct conn c;

	set_up_pair(&c, SOCK_DGRAM | SOCK_NONBLOCK);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(send(c.fd[1], "", 0, 0), 0);
	send_text(c.fd[1], "hello");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+eof");
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	bev_tear_down(&c);
}

/*
 * Pipes.
 */

/* end: the bufferevent's; 0 reads, 1 writes. */
static void
set_up_pipe(struct conn *c, int end)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	set_up_on(c, fd[end], fd[!end]);
}

TEST(pipe_is_read)
{
	struct conn c;

	set_up_pipe(&c, 0);
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), 0);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "x");
		assert_int_equal(bev_run_passes(), 0);
		assert_log("A:read");
	}
	send_text(c.fd[1], "y");
	close_peer(&c);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read A:read+eof");
	assert_input(c.bev, "xxxy");
	bev_tear_down(&c);
}

TEST(pipe_is_written)
{
	struct conn c;

	set_up_pipe(&c, 1);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_true(writes(c.bev));
		assert_int_equal(bev_run_passes(), 1);
		assert_log("A:write");
		assert_arrived(c.fd[1], "hello");
	}
	fill(c.fd[0]);
	write_text(c.bev, "hello");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	take_all(c.fd[1]);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(pipe_that_none_reads_is_a_write_error)
{
	struct conn c;

	signal(SIGPIPE, SIG_IGN);
	set_up_pipe(&c, 1);
	write_text(c.bev, "hello");
	bev_run_passes();
	assert_log("A:write");
	close_peer(&c);
	write_text(c.bev, "hello");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:write+error");
	assert_int_equal(seen_errno, EPIPE);
	assert_output(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(pipe_read_at_the_wrong_end_is_an_error)
{
	struct conn c;

	set_up_pipe(&c, 1);
	bufferevent_enable(c.bev, EV_READ);
	close_peer(&c);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+error");
	assert_int_equal(seen_errno, EBADF);
	bev_tear_down(&c);
}

TEST(much_data_passes_a_pipe)
{
	static const char much[500000];
	struct bufferevent *reader;
	struct conn c;

	set_up_pipe(&c, 1);
	bufferevent_setcb(c.bev, NULL, note_bev_write_cb, errno_cb, "A");
	reader = bufferevent_new(c.fd[1], NULL, NULL, errno_cb, "B");
	bufferevent_enable(reader, EV_READ);
	assert_int_equal(bufferevent_write(c.bev, much, sizeof much), 0);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:write");
	assert_int_equal(input_length(reader), sizeof much);
	bufferevent_free(reader);
	bev_tear_down(&c);
}

/*
 * Terminals.
 */

/* The test has the side that a program on the terminal would have. */
static void
set_up_terminal(struct conn *c)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), fd;
	struct termios mode;

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	fd = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &mode), 0);
	cfmakeraw(&mode);
	assert_int_equal(tcsetattr(fd, TCSANOW, &mode), 0);
	set_up_on(c, master, fd);
}

TEST(terminal_is_read)
{
	struct conn c;

	set_up_terminal(&c);
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "x");
		wait_for_note();
		assert_log("A:read");
		assert_int_equal(input_length(c.bev), i + 1);
	}
	bev_tear_down(&c);
}

TEST(terminal_is_written)
{
	struct conn c;

	set_up_terminal(&c);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "x");
		assert_int_equal(event_dispatch(), 1);
		assert_log("A:write");
		assert_int_equal(read_byte(c.fd[1]), 'x');
	}
	bev_tear_down(&c);
}

static void
answer_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	write_text(bev, "y");
	assert_true(writes(bev));
}

TEST(terminal_is_answered)
{
	struct conn c;

	set_up_terminal(&c);
	bufferevent_setcb(c.bev, answer_cb, note_bev_write_cb, errno_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "x");
		while (strstr(noted(), "A:write") == NULL)
			assert_int_equal(event_loop(EVLOOP_ONCE), 0);
		assert_log("A:read A:write");
		assert_int_equal(read_byte(c.fd[1]), 'y');
	}
	bev_tear_down(&c);
}

TEST(terminal_whose_other_side_is_gone_is_a_read_error)
{
	struct conn c;

	set_up_terminal(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	wait_for_note();
	assert_log("A:read");
	close_peer(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+error");
	assert_int_equal(seen_errno, EIO);
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

/*
 * Files, which epoll refuses.
 */

static void
set_up_file(struct conn *c, const char *text)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	fputs(text, file);
	rewind(file);
	set_up_on(c, dup(fileno(file)), -1);
	fclose(file);
}

TEST(file_is_read_to_its_end_which_is_reported,
    DIFFERS(V14, "cannot be enabled"), DIFFERS(V21, "cannot be enabled"))
{
	struct conn c;

	set_up_file(&c, "hello");
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read A:read+eof");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(file_is_written, DIFFERS(V14, "is never sent"),
    DIFFERS(V21, "is never sent"))
{
	char got[10];
	struct conn c;

	set_up_file(&c, "");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bufferevent_write(c.bev, "abc", 3), 0);
		assert_int_equal(event_dispatch(), 1);
		assert_log("A:write");
	}
	assert_int_equal(pread(c.fd[0], got, 10, 0), 9);
	assert_memory_equal(got, "abcabcabc", 9);
	bev_tear_down(&c);
}
