/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffers without memory: a function that cannot allocate returns an error
 * and changes nothing, or works without the memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffers.h"
#include "test.h"
#include "wrap.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

/* --- states --- */

/*
 * A buffer's content: text after a gap, and if there is any text, a line end
 * and a bit more.
 */
static const struct state {
	size_t gap, text;
	bool full; /* text is added until the block has no room */
} states[] = {
    {0, 0, false},
    {100, 0, false},
    {0, 10, false},
    {0, 10, true},
    {30, 10, true},
    {KB, 10, false},
    {100, 5 * KB, false},
    {60 * KB, 10 * KB, true},
    {0, 100 * KB, false},
    {120 * KB, 100 * KB, false},
    {0, 250 * KB, true},
    {0, 300 * KB, true},
};

#define REST "\r\n1234567"

/* Two buffers, and their changes in the log. */
struct pair {
	struct evbuffer *buf, *other;
};

static size_t
room_in(const struct evbuffer *buf)
{
	return buf->totallen - (size_t)(buf->buffer - buf->orig_buffer) -
	       buf->off;
}

static void
change_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	assert_int_equal(EVBUFFER_LENGTH(buf), now);
	note("%s:%zu-%zu", (const char *)name, old, now);
}

/*
 * If `searched` is true, a line reader searches the text before the line end is
 * appended.
 */
static void
pair_make(struct pair *p, const struct state *s, bool searched)
{
	p->buf = new_text(s->gap + s->text);
	evbuffer_drain(p->buf, s->gap);
	if (s->full && room_in(p->buf) > strlen(REST))
		add_text(p->buf, room_in(p->buf) - strlen(REST));
	if (searched)
		assert_null(evbuffer_readline(p->buf));
	if (s->text > 0)
		evbuffer_add(p->buf, REST, strlen(REST));
	p->other = new_text(20 * KB);
	evbuffer_setcb(p->buf, change_cb, "buf");
	evbuffer_setcb(p->other, change_cb, "other");
	note_clear();
}

static void
pair_free(struct pair *p)
{
	evbuffer_free(p->buf);
	evbuffer_free(p->other);
}

/* What a program can see of a pair of buffers. */
struct image {
	size_t len[2];
	unsigned long digest[2];
	char log[100];
};

static void
take_image(struct image *image, const struct pair *p)
{
	memset(image, 0, sizeof(*image));
	image->len[0] = EVBUFFER_LENGTH(p->buf);
	image->len[1] = EVBUFFER_LENGTH(p->other);
	image->digest[0] = digest(EVBUFFER_DATA(p->buf), image->len[0]);
	image->digest[1] = digest(EVBUFFER_DATA(p->other), image->len[1]);
	snprintf(image->log, sizeof(image->log), "%s", noted());
}

static void
assert_image(const struct pair *p, const struct image *expected)
{
	struct image image;

	take_image(&image, p);
	assert_memory_equal(&image, expected, sizeof(image));
}

/* --- operations that may allocate --- */

/*
 * The operations return a number that depends on the result, or -1 for an
 * error.
 */

static int
expand_by_one(struct pair *p)
{
	return evbuffer_expand(p->buf, 1);
}

static int
expand_by_much(struct pair *p)
{
	return evbuffer_expand(p->buf, 500 * KB);
}

static int
add_little(struct pair *p)
{
	return evbuffer_add(p->buf, "0123456789", 10);
}

static int
add_much(struct pair *p)
{
	static const char zeroes[100 * KB];

	return evbuffer_add(p->buf, zeroes, sizeof(zeroes));
}

static int
add_what_is_there(struct pair *p)
{
	size_t half = EVBUFFER_LENGTH(p->buf) / 2;

	if (half == 0)
		return 0;
	return evbuffer_add(p->buf, EVBUFFER_DATA(p->buf) + half, half);
}

static int
add_other(struct pair *p)
{
	return evbuffer_add_buffer(p->buf, p->other);
}

static int
add_to_other(struct pair *p)
{
	return evbuffer_add_buffer(p->other, p->buf);
}

static int
print_little(struct pair *p)
{
	return evbuffer_add_printf(p->buf, "%d-%s", 42, "text");
}

static int
print_much(struct pair *p)
{
	return evbuffer_add_printf(p->buf, "%20000d", 42);
}

static int
result(char *line, size_t len)
{
	int r = line != NULL ? (int)(len + digest(line, len) % 1000) : -1;

	free(line);
	return r;
}

static int
read_line(struct pair *p)
{
	char *line = evbuffer_readline(p->buf);

	return result(line, line != NULL ? strlen(line) : 0);
}

static int
read_styled(struct pair *p, enum evbuffer_eol_style style)
{
	size_t len = 12345;
	char *line = evbuffer_readln(p->buf, &len, style);

	assert_true(line != NULL || len == 0);
	return result(line, len);
}

static int
read_any(struct pair *p)
{
	return read_styled(p, EVBUFFER_EOL_ANY);
}

static int
read_crlf(struct pair *p)
{
	return read_styled(p, EVBUFFER_EOL_CRLF);
}

static int
read_crlf_strict(struct pair *p)
{
	return read_styled(p, EVBUFFER_EOL_CRLF_STRICT);
}

static int
read_lf(struct pair *p)
{
	return read_styled(p, EVBUFFER_EOL_LF);
}

static int (*const operations[])(struct pair *) = {expand_by_one,
    expand_by_much, add_little, add_much, add_what_is_there, add_other,
    add_to_other, print_little, print_much, read_line, read_any, read_crlf,
    read_crlf_strict, read_lf};

/* --- each of them fails --- */

struct trial {
	const struct state *state;
	bool searched;
	int (*operate)(struct pair *);
	int result;	    /* with enough memory */
	struct image image; /* what a program sees then */
};

/*
 * Runs the operation with the nth allocation failing, or all from the nth on.
 * Returns whether any failed.
 */
static bool
fails_and_changes_nothing(const struct trial *t, long nth, bool all)
{
	struct image before;
	struct pair p;
	bool failed;
	int r;

	pair_make(&p, t->state, t->searched);
	take_image(&before, &p);
	(all ? fail_allocs_from : fail_alloc)(nth);
	errno = 0;
	r = t->operate(&p);
	failed = alloc_failed();
	fail_alloc(0);
	if (failed && r == -1) {
		assert_int_equal(errno, ENOMEM);
		assert_image(&p, &before);
		r = t->operate(&p);
	}
	assert_int_equal(r, t->result);
	assert_image(&p, &t->image);
	pair_free(&p);
	return failed;
}

/*
 * Frees the thread's spare blocks first, so that their allocation may fail as
 * well.
 */
static void
try_each(struct trial *t)
{
	struct pair p;
	long bytes;

	pair_make(&p, t->state, t->searched);
	t->result = t->operate(&p);
	take_image(&t->image, &p);
	pair_free(&p);
	drop_spares();
	bytes = counts.bytes;
	for (int all = 0; all < 2; all++)
		for (long nth = 1;; nth++) {
			bool failed = fails_and_changes_nothing(t, nth, all);

			drop_spares();
			assert_int_equal(counts.bytes, bytes);
			if (!failed)
				break;
		}
}

TEST(buffer_that_gets_no_memory_is_as_before)
{
	for (size_t i = 0; i < N(states); i++)
		for (size_t j = 0; j < N(operations); j++)
			for (int searched = 0; searched < 2; searched++)
				try_each(&(struct trial){&states[i], searched,
				    operations[j], 0, {{0}, {0}, ""}});
}

TEST(buffer_without_memory_is_NULL)
{
	struct evbuffer *buf;

	fail_alloc(1);
	assert_null(evbuffer_new());
	assert_int_equal(errno, ENOMEM);
	buf = evbuffer_new();
	assert_non_null(buf);
	evbuffer_free(buf);
}

/* --- reading --- */

struct reading {
	size_t content, size; /* of the buffer at first, of the file */
	int howmuch;
	long nth; /* the allocation of each read that fails */
	bool all; /* those after the nth fail, too */
	bool failed;
};

/*
 * Reads once without the memory, and with it if that was an error, which must
 * not have moved the file's offset.  Returns 0 at the file's end.
 */
static int
read_some(struct reading *r, struct evbuffer *buf, int fd)
{
	size_t len = EVBUFFER_LENGTH(buf);
	off_t from = lseek(fd, 0, SEEK_CUR);
	int n;

	(r->all ? fail_allocs_from : fail_alloc)(r->nth);
	errno = 0;
	n = evbuffer_read(buf, fd, r->howmuch);
	r->failed = r->failed || alloc_failed();
	fail_alloc(0);
	if (n == -1) {
		assert_int_equal(errno, ENOMEM);
		assert_int_equal(EVBUFFER_LENGTH(buf), len);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), from);
		n = evbuffer_read(buf, fd, r->howmuch);
	}
	assert_in_range(n, 0, r->howmuch < 0 ? INT32_MAX : r->howmuch);
	assert_int_equal(EVBUFFER_LENGTH(buf), len + (size_t)n);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), from + n);
	return n;
}

/* Returns whether an allocation failed. */
static bool
loses_nothing(struct reading *r)
{
	struct evbuffer *buf = new_text(r->content);
	int fd = text_file(r->content, r->size);
	int n;

	r->failed = false;
	do {
		drop_spares();
		n = read_some(r, buf, fd);
	} while (n > 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), r->content + r->size);
	assert_true(is_text(EVBUFFER_DATA(buf), EVBUFFER_LENGTH(buf), 0));
	close(fd);
	evbuffer_free(buf);
	return r->failed;
}

static void
try_reading(size_t content, size_t size, int howmuch)
{
	for (int all = 0; all < 2; all++) {
		struct reading r = {content, size, howmuch, 0, all, false};

		do
			r.nth++;
		while (loses_nothing(&r));
	}
}

TEST(read_that_gets_no_memory_loses_nothing)
{
	static const size_t contents[] = {0, 10, 1000, 100 * KB, 256 * KB - 10,
	    300 * KB};
	static const size_t sizes[] = {10, 10 * KB, 100 * KB, 300 * KB};
	static const int howmuch[] = {-1, 10 * KB, 100 * KB, 100 * MB};

	for (size_t i = 0; i < N(contents); i++)
		for (size_t j = 0; j < N(sizes); j++)
			for (size_t k = 0; k < N(howmuch); k++)
				try_reading(contents[i], sizes[j], howmuch[k]);
}

/* --- what needs no memory --- */

TEST(room_made_by_expand_is_filled_without_an_allocation)
{
	static const size_t rooms[] = {1, 64, 10 * KB, 100 * KB, 256 * KB, MB};
	unsigned char *text = calloc(1, MB);

	for (size_t i = 0; i < N(states); i++)
		for (size_t j = 0; j < N(rooms); j++) {
			struct pair p;

			pair_make(&p, &states[i], false);
			assert_int_equal(evbuffer_expand(p.buf, rooms[j]), 0);
			fail_allocs_from(1);
			assert_int_equal(evbuffer_add(p.buf, text, 1), 0);
			assert_int_equal(evbuffer_add(p.buf, text,
					     rooms[j] - 1),
			    0);
			fail_alloc(0);
			pair_free(&p);
		}
	free(text);
}

static void
take_all(struct evbuffer *buf, int null)
{
	char text[1000];

	for (int i = 0; i < 10; i++) {
		evbuffer_drain(buf, EVBUFFER_LENGTH(buf) / 3);
		evbuffer_remove(buf, text, sizeof(text));
		evbuffer_find(buf, (const unsigned char *)"12345678", 8);
	}
	evbuffer_write(buf, null);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
}

TEST(taking_searching_moving_and_freeing_need_no_memory)
{
	int null = open("/dev/null", O_WRONLY);

	for (size_t i = 0; i < N(states); i++) {
		struct pair p;

		pair_make(&p, &states[i], true);
		evbuffer_drain(p.other, SIZE_MAX);
		fail_allocs_from(1);
		assert_int_equal(evbuffer_add_buffer(p.other, p.buf), 0);
		take_all(p.other, null);
		evbuffer_free(p.buf);
		evbuffer_free(p.other);
		fail_alloc(0);
	}
	close(null);
}
