/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cases of evbuffer, in libevent 1.4's interface.  A case's N is how many
 * pieces or lines a buffer holds, its TOKENS how many bytes each of them has;
 * where a buffer holds only one piece, N has no meaning.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <event.h>

#include "bench.h"

#include <stdlib.h>
#include <string.h>

static struct evbuffer *buf, *other;
static unsigned char *bytes;
static size_t size;
static int count;

static struct evbuffer *
new_buffer(void)
{
	struct evbuffer *b = evbuffer_new();

	bench_need(b != NULL, "evbuffer_new");
	return b;
}

/* Two empty buffers, and n pieces of each bytes to put into them. */
static int
open_buffers(int n, int each)
{
	buf = new_buffer();
	other = new_buffer();
	count = n;
	size = (size_t)each;
	bytes = bench_alloc((size_t)n, size);
	memset(bytes, 'x', (size_t)n * size);
	return n;
}

static void
add(struct evbuffer *b, const void *data, size_t len)
{
	bench_need(evbuffer_add(b, data, len) == 0, "evbuffer_add");
}

static void
drain_all(struct evbuffer *b)
{
	evbuffer_drain(b, EVBUFFER_LENGTH(b));
}

/* A new buffer grows by small pieces, and is freed. */

static long
add_run(long n)
{
	long total;

	for (total = 0; total < n; total += count) {
		struct evbuffer *b = new_buffer();

		for (int i = 0; i < count; i++)
			add(b, bytes, size);
		evbuffer_free(b);
	}
	return total;
}

/* A queue: a piece is added at its end and drained n pieces later. */

static int
fifo_setup(int n, int each)
{
	open_buffers(n, each);
	add(buf, bytes, (size_t)(n - 1) * size);
	return n;
}

static long
fifo_run(long n)
{
	for (long i = 0; i < n; i++) {
		add(buf, bytes, size);
		evbuffer_drain(buf, size);
	}
	return n;
}

/* The buffer is filled at once, and drained piece by piece. */
static long
drain_run(long n)
{
	long total;

	for (total = 0; total < n; total += count) {
		add(buf, bytes, (size_t)count * size);
		for (int i = 0; i < count; i++)
			evbuffer_drain(buf, size);
	}
	return total;
}

/* A message is sent, and read until it is complete. */

static int *ends;

static int
read_setup(int n, int each)
{
	ends = bench_sockets(2);
	return open_buffers(n, each);
}

static long
read_run(long n)
{
	for (long i = 0; i < n; i++) {
		bench_need(send(ends[0], bytes, size, 0) == (ssize_t)size,
		    "send");
		while (EVBUFFER_LENGTH(buf) < size)
			bench_need(evbuffer_read(buf, ends[1], -1) > 0,
			    "evbuffer_read");
		drain_all(buf);
	}
	return n;
}

/*
 * evbuffer_find() searches 64 KB for a needle: random bytes, where its first
 * byte is rare, or a content where every other byte equals its first.
 */

static const unsigned char needle[] = "a needle";
#define NEEDLE_LEN (sizeof(needle) - 1)

static int
hay_setup(int n, int each, int first_is_frequent)
{
	open_buffers(n, each);
	srandom(1);
	for (size_t i = 0; i < size; i++) {
		long r = random() >> 8;

		bytes[i] = (unsigned char)(first_is_frequent ? 'a' + r % 2 : r);
	}
	return n;
}

static int
absent_setup(int n, int each)
{
	hay_setup(n, each, 0);
	add(buf, bytes, size);
	return n;
}

static int
absent_frequent_setup(int n, int each)
{
	hay_setup(n, each, 1);
	add(buf, bytes, size);
	return n;
}

static void
put_needle(void)
{
	memcpy(bytes + size - NEEDLE_LEN, needle, NEEDLE_LEN);
	add(buf, bytes, size);
}

static int
end_setup(int n, int each)
{
	hay_setup(n, each, 0);
	put_needle();
	return n;
}

static int
end_frequent_setup(int n, int each)
{
	hay_setup(n, each, 1);
	put_needle();
	return n;
}

static long
absent_run(long n)
{
	for (long i = 0; i < n; i++)
		bench_need(evbuffer_find(buf, needle, NEEDLE_LEN) == NULL,
		    "found what is not there");
	return n;
}

static long
end_run(long n)
{
	for (long i = 0; i < n; i++)
		bench_need(evbuffer_find(buf, needle, NEEDLE_LEN) != NULL,
		    "not found");
	return n;
}

/* The C library's search in the same bytes. */
static long
memmem_run(long n)
{
	for (long i = 0; i < n; i++)
		bench_need(memmem(bytes, size, needle, NEEDLE_LEN) == NULL,
		    "found what is not there");
	return n;
}

/* Many short lines that have all arrived. */

static int
lines_setup(int n, int each)
{
	open_buffers(n, each);
	for (int i = 1; i <= n; i++)
		memcpy(bytes + (size_t)i * size - 2, "\r\n", 2);
	return n;
}

static char *
readline(struct evbuffer *b)
{
	return evbuffer_readline(b);
}

static char *
readln(struct evbuffer *b)
{
	size_t len;

	return evbuffer_readln(b, &len, EVBUFFER_EOL_CRLF);
}

static long
lines_run(long n, char *(*read_line)(struct evbuffer *))
{
	long total;

	for (total = 0; total < n; total += count) {
		add(buf, bytes, (size_t)count * size);
		for (int i = 0; i < count; i++) {
			char *line = read_line(buf);

			bench_need(line != NULL, "no line");
			free(line);
		}
	}
	return total;
}

static long
readline_run(long n)
{
	return lines_run(n, readline);
}

static long
readln_run(long n)
{
	return lines_run(n, readln);
}

/* One line arrives in n pieces; evbuffer_readline() is called after each. */

static int
pieces_setup(int n, int each)
{
	open_buffers(n, each);
	bytes[(size_t)n * size - 1] = '\n';
	return n;
}

static long
pieces_run(long n)
{
	long total;

	for (total = 0; total < n; total += count) {
		char *line = NULL;

		for (int i = 0; i < count; i++) {
			bench_need(line == NULL, "a line too early");
			add(buf, bytes + (size_t)i * size, size);
			line = readline(buf);
		}
		bench_need(line != NULL, "no line");
		free(line);
	}
	return total;
}

/*
 * evbuffer_add_buffer() moves the content of one buffer to another that is
 * empty.
 */

static int
move_setup(int n, int each)
{
	open_buffers(n, each);
	add(buf, bytes, size);
	return n;
}

static void
add_buffer(struct evbuffer *to, struct evbuffer *from)
{
	bench_need(evbuffer_add_buffer(to, from) == 0, "evbuffer_add_buffer");
}

static long
move_run(long n)
{
	long total;

	for (total = 0; total < n; total += 2) {
		add_buffer(other, buf);
		add_buffer(buf, other);
	}
	return total;
}

/*
 * The same to a buffer that is not empty: a piece is added to one buffer, moved
 * to the end of the other, and drained there.
 */

static int
append_setup(int n, int each)
{
	open_buffers(n, each);
	add(other, bytes, size);
	return n;
}

static long
append_run(long n)
{
	for (long i = 0; i < n; i++) {
		add(buf, bytes, size);
		add_buffer(other, buf);
		evbuffer_drain(other, size);
	}
	return n;
}

/* n short lines by printf, all drained at once. */
static long
printf_run(long n)
{
	long total;

	for (total = 0; total < n; total += count) {
		for (int i = 0; i < count; i++)
			bench_need(evbuffer_add_printf(buf, "%s: %d\r\n",
				       "Content-Length", 10000 + i) > 0,
			    "evbuffer_add_printf");
		drain_all(buf);
	}
	return total;
}

const struct bench_case bench_evbuffer_cases[] = {
    {"add", open_buffers, add_run},
    {"fifo", fifo_setup, fifo_run},
    {"drain", open_buffers, drain_run},
    {"read", read_setup, read_run},
    {"find_absent", absent_setup, absent_run},
    {"find_end", end_setup, end_run},
    {"find_absent_frequent", absent_frequent_setup, absent_run},
    {"find_end_frequent", end_frequent_setup, end_run},
    {"memmem", absent_setup, memmem_run},
    {"memmem_frequent", absent_frequent_setup, memmem_run},
    {"readline", lines_setup, readline_run},
    {"readln", lines_setup, readln_run},
    {"pieces", pieces_setup, pieces_run},
    {"move", move_setup, move_run},
    {"append", append_setup, append_run},
    {"printf", open_buffers, printf_run},
    {NULL, NULL, NULL},
};
