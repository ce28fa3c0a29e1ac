/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many bytes are searched for a line end, and by evbuffer_find().  Each
 * byte may be searched once for CR and once for LF.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffers.h"
#include "test.h"
#include "wrap.h"

#define LINE (64 * KB)
#define PIECES 1000

#define N(array) (sizeof(array) / sizeof(*(array)))

/* The functions that read a line, and how many times each may search a byte. */
static const struct reader {
	int style; /* -1: evbuffer_readline() */
	const char *end;
	int searches;
} readers[] = {
    {-1, "\n", 2},
    {EVBUFFER_EOL_ANY, "\n", 2},
    {EVBUFFER_EOL_CRLF, "\r\n", 1},
    {EVBUFFER_EOL_CRLF_STRICT, "\r\n", 1},
    {EVBUFFER_EOL_LF, "\n", 1},
};

/* The line's length; -1 if there is none, or it is not text. */
static long
read_line(const struct reader *reader, struct evbuffer *buf, size_t start)
{
	size_t len;
	char *line;

	if (reader->style == -1) {
		line = evbuffer_readline(buf);
		len = line != NULL ? strlen(line) : 0;
	} else {
		line = evbuffer_readln(buf, &len,
		    (enum evbuffer_eol_style)reader->style);
	}
	if (line != NULL && !is_text((unsigned char *)line, len, start)) {
		free(line);
		return -1;
	}
	free(line);
	return line != NULL ? (long)len : -1;
}

/* --- ways for bytes to get into a buffer --- */

static void
add(struct evbuffer *buf, const void *text, size_t len)
{
	assert_int_equal(evbuffer_add(buf, text, len), 0);
}

static void
print(struct evbuffer *buf, const void *text, size_t len)
{
	assert_int_equal(evbuffer_add_printf(buf, "%.*s", (int)len,
			     (const char *)text),
	    len);
}

static void
move(struct evbuffer *buf, const void *text, size_t len)
{
	struct evbuffer *other = evbuffer_new();

	add(other, text, len);
	assert_int_equal(evbuffer_add_buffer(buf, other), 0);
	evbuffer_free(other);
}

static void
receive(struct evbuffer *buf, const void *text, size_t len)
{
	int fd[2];

	make_pair(fd);
	assert_int_equal(write(fd[1], text, len), len);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), len);
	close_pair(fd);
}

static void (*const inputs[])(struct evbuffer *, const void *, size_t) = {add,
    print, move, receive};

/* --- a line that arrives in pieces --- */

/* Appends the line's end, in pieces as well. */
static void
end_line(const struct reader *reader, struct evbuffer *buf, size_t start)
{
	size_t len = EVBUFFER_LENGTH(buf);

	for (const char *end = reader->end; *end != '\0'; end++) {
		assert_int_equal(read_line(reader, buf, start), -1);
		add(buf, end, 1);
	}
	assert_int_equal(read_line(reader, buf, start), len);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
}

/*
 * How many bytes are searched until a line is complete, if the program tries to
 * read it after each piece.  Each time `taken` bytes are removed from the
 * line's start.
 */
static long
bytes_searched(const struct reader *reader, size_t input, size_t taken)
{
	struct evbuffer *buf = evbuffer_new();
	unsigned char text[LINE / PIECES];
	struct counts c = counts;

	for (size_t i = 0; i < PIECES; i++) {
		fill_text(text, sizeof(text), i * sizeof(text));
		inputs[input](buf, text, sizeof(text));
		assert_int_equal(read_line(reader, buf, i * taken), -1);
		evbuffer_drain(buf, taken);
	}
	end_line(reader, buf, PIECES * taken);
	c = counts_since(&c);
	evbuffer_free(buf);
	return c.searched;
}

static void
assert_searched_once(size_t input, size_t taken)
{
	for (size_t i = 0; i < N(readers); i++)
		assert_in_range(bytes_searched(&readers[i], input, taken),
		    LINE / 2, readers[i].searches * (long)LINE);
}

TEST(line_in_pieces_that_are_added_is_searched_once)
{
	for (size_t input = 0; input < N(inputs); input++)
		assert_searched_once(input, 0);
}

TEST(line_in_pieces_whose_start_is_removed_is_searched_once)
{
	assert_searched_once(0, 1);
	assert_searched_once(0, 10);
	assert_searched_once(0, LINE / PIECES - 1);
}

/* A line that arrives through a connection of two bufferevents. */
struct lines {
	struct bufferevent *from, *to;
	const struct reader *reader;
	long length; /* of the line, in bytes; -1 before it is complete */
};

static void
read_line_cb(struct bufferevent *bev, void *arg)
{
	struct lines *l = arg;

	l->length = read_line(l->reader, EVBUFFER_INPUT(bev), 0);
}

static void
line_through_bufferevents(const struct reader *reader)
{
	struct event_base *base = event_init();
	struct lines l = {.reader = reader, .length = -1};
	unsigned char text[LINE / PIECES];
	struct counts c = counts;
	int fd[2];

	make_pair(fd);
	l.from = bufferevent_new(fd[0], NULL, NULL, NULL, NULL);
	l.to = bufferevent_new(fd[1], read_line_cb, NULL, NULL, &l);
	bufferevent_enable(l.to, EV_READ);
	for (size_t i = 0; i < PIECES; i++) {
		fill_text(text, sizeof(text), i * sizeof(text));
		bufferevent_write(l.from, text, sizeof(text));
		event_loop(EVLOOP_NONBLOCK);
		assert_int_equal(l.length, -1);
	}
	bufferevent_write(l.from, reader->end, strlen(reader->end));
	event_loop(EVLOOP_NONBLOCK);
	assert_int_equal(l.length, PIECES * sizeof(text));
	c = counts_since(&c);
	assert_in_range(c.searched, LINE / 2, reader->searches * (long)LINE);
	bufferevent_free(l.from);
	bufferevent_free(l.to);
	close_pair(fd);
	event_base_free(base);
}

TEST(line_in_pieces_through_bufferevents_is_searched_once)
{
	for (size_t i = 0; i < N(readers); i++)
		line_through_bufferevents(&readers[i]);
}

/* A hundred lines at once: no search for CR goes beyond the first LF. */
TEST(lines_that_are_there_are_searched_once)
{
	unsigned char text[100];

	fill_text(text, sizeof(text), 0);
	for (size_t i = 0; i < N(readers); i++) {
		struct evbuffer *buf = evbuffer_new();
		struct counts c;
		long bytes;

		for (int n = 0; n < 100; n++) {
			add(buf, text, sizeof(text));
			add(buf, readers[i].end, strlen(readers[i].end));
		}
		bytes = (long)EVBUFFER_LENGTH(buf);
		c = counts;
		for (int n = 0; n < 100; n++)
			assert_int_equal(read_line(&readers[i], buf, 0),
			    sizeof(text));
		c = counts_since(&c);
		assert_int_equal(EVBUFFER_LENGTH(buf), 0);
		assert_in_range(c.searched, bytes / 2,
		    readers[i].searches * bytes);
		evbuffer_free(buf);
	}
}

/* --- evbuffer_find() --- */

/*
 * How many bytes evbuffer_find() searches for n bytes of which the last does
 * not occur.
 */
static long
bytes_searched_for(const char *content, size_t n)
{
	struct evbuffer *buf = evbuffer_new();
	unsigned char *what = malloc(n);
	struct counts c;

	while (EVBUFFER_LENGTH(buf) < MB)
		evbuffer_add(buf, content, strlen(content));
	memcpy(what, EVBUFFER_DATA(buf), n);
	what[n - 1] = 'x';
	c = counts;
	assert_null(evbuffer_find(buf, what, n));
	c = counts_since(&c);
	free(what);
	evbuffer_free(buf);
	return c.searched;
}

/*
 * The bytes that are searched for nearly match everywhere; their first byte is
 * frequent, or rare.
 */
TEST(find_searches_each_byte_once_or_twice)
{
	static const char *const contents[] = {"a", "a.........",
	    "a.........................................................",
	    "a.............................................................."
	    "..............................................................."
	    "..............................................................."};
	static const size_t needles[] = {1, 2, 10, 31, 32, 33, 100, 1000,
	    10 * KB, 400 * KB};

	for (size_t i = 0; i < N(contents); i++)
		for (size_t j = 0; j < N(needles); j++)
			assert_in_range(bytes_searched_for(contents[i],
					    needles[j]),
			    MB / 2, 2 * MB);
}
