/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer_find(): where bytes occur first in the content.
 */
#include "buffer.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* The offset of the bytes in the content; -1 if they are not there. */
static long
find_bytes(struct evbuffer *buf, const void *what, size_t len)
{
	unsigned char *data = EVBUFFER_DATA(buf);
	size_t before = EVBUFFER_LENGTH(buf);
	unsigned char *at = evbuffer_find(buf, what, len);

	assert_int_equal(EVBUFFER_LENGTH(buf), before);
	return at != NULL ? (long)(at - data) : -1;
}

/* The same for a string literal, which may have NULs in it. */
#define find(buf, text) find_bytes(buf, text, sizeof(text) - 1)

/* The same in a text that is given, too. */
#define find_in(content, text)                                                 \
	find_bytes_in(content, sizeof(content) - 1, text, sizeof(text) - 1)

static long
find_bytes_in(const char *content, size_t content_len, const char *what,
    size_t len)
{
	struct evbuffer *buf = evbuffer_new();
	long at;

	evbuffer_add(buf, content, content_len);
	at = find_bytes(buf, what, len);
	evbuffer_free(buf);
	return at;
}

TEST(find_finds_bytes_at_the_start)
{
	assert_int_equal(find_in("needle in hay", "needle"), 0);
}

TEST(find_finds_bytes_in_the_middle)
{
	assert_int_equal(find_in("a needle in hay", "needle"), 2);
}

TEST(find_finds_bytes_at_the_end)
{
	assert_int_equal(find_in("hay and needle", "needle"), 8);
	assert_int_equal(find_in("hay and needle", "e"), 9);
	assert_int_equal(find_in("hay and needle!", "!"), 14);
}

TEST(find_finds_all_of_the_content)
{
	assert_int_equal(find_in("needle", "needle"), 0);
	assert_int_equal(find_in("n", "n"), 0);
}

TEST(find_returns_the_first_of_several)
{
	assert_int_equal(find_in("ab cab cab", "cab"), 3);
	assert_int_equal(find_in("aaaa", "aa"), 0);
}

TEST(find_of_what_is_not_there_is_null)
{
	assert_int_equal(find_in("hay", "x"), -1);
	assert_int_equal(find_in("hay", "ha!"), -1);
	assert_int_equal(find_in("hay", "yes"), -1);
	assert_int_equal(find_in("Needle", "needle"), -1);
}

TEST(find_of_more_than_there_is_is_null)
{
	assert_int_equal(find_in("need", "needle"), -1);
	assert_int_equal(find_in("x", "xx"), -1);
	assert_int_equal(find_in("a needl", "needle"), -1);
}

TEST(find_in_an_empty_buffer_is_null)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(find(buf, "a"), -1);
	assert_int_equal(find(buf, "\0"), -1);
	evbuffer_add(buf, "aaa", 3);
	evbuffer_drain(buf, 3);
	assert_int_equal(find(buf, "a"), -1);
	assert_int_equal(find(buf, "aaa"), -1);
	evbuffer_free(buf);
}

/* What makes a search that skips too much, or goes back too little, fail. */
TEST(find_finds_bytes_after_a_false_start)
{
	assert_int_equal(find_in("aaaab", "aab"), 2);
	assert_int_equal(find_in("aaaaaaaab", "aaaab"), 4);
	assert_int_equal(find_in("abababac", "ababac"), 2);
	assert_int_equal(find_in("nnneedle", "needle"), 2);
	assert_int_equal(find_in("needneedle", "needle"), 4);
	assert_int_equal(find_in("aaaaaaaaaaaa", "aaab"), -1);
}

TEST(find_finds_bytes_after_many_false_starts)
{
	for (size_t starts = 1; starts < 300; starts++) {
		struct evbuffer *buf = evbuffer_new();

		for (size_t i = 0; i < starts; i++)
			evbuffer_add(buf, "nee-", 4);
		assert_int_equal(find(buf, "needle"), -1);
		evbuffer_add(buf, "needle", 6);
		assert_int_equal(find(buf, "needle"), 4 * starts);
		assert_int_equal(find(buf, "e-needl"), 4 * starts - 2);
		evbuffer_free(buf);
	}
}

TEST(find_finds_nul_bytes)
{
	assert_int_equal(find_in("ab\0cd", "\0"), 2);
	assert_int_equal(find_in("ab\0cd", "b\0c"), 1);
	assert_int_equal(find_in("ab\0cd", "\0c"), 2);
	assert_int_equal(find_in("ab\0\0", "\0\0"), 2);
	assert_int_equal(find_in("ab\0cd", "\0d"), -1);
	assert_int_equal(find_in("abcd", "\0"), -1);
	assert_int_equal(find_in("\0\0\0a", "\0a"), 2);
}

TEST(find_finds_bytes_after_nul_bytes)
{
	assert_int_equal(find_in("\0\0needle", "needle"), 2);
	assert_int_equal(find_in("ne\0needle", "needle"), 3);
}

TEST(find_finds_bytes_above_127)
{
	assert_int_equal(find_in("\x7f\x80\xff\xfe", "\xff"), 2);
	assert_int_equal(find_in("\x7f\x80\xff\xfe", "\x80\xff\xfe"), 1);
	assert_int_equal(find_in("\x7f\x80\xff\xfe", "\xfe\xff"), -1);
}

TEST(find_finds_bytes_across_additions)
{
	struct evbuffer *buf = evbuffer_new(), *rest = filled("le");

	for (const char *c = "a need"; *c != '\0'; c++) {
		evbuffer_add(buf, c, 1);
		assert_int_equal(find(buf, "needle"), -1);
	}
	evbuffer_add_buffer(buf, rest);
	assert_int_equal(find(buf, "needle"), 2);
	evbuffer_free(buf);
	evbuffer_free(rest);
}

TEST(find_does_not_see_what_was_drained)
{
	struct evbuffer *buf = filled("needle needle");

	evbuffer_drain(buf, 1);
	assert_int_equal(find(buf, "needle"), 6);
	evbuffer_drain(buf, 7);
	assert_int_equal(find(buf, "needle"), -1);
	assert_int_equal(find(buf, "eedle"), 0);
	evbuffer_free(buf);
}

TEST(find_does_not_look_beyond_the_content)
{
	struct evbuffer *buf = filled("abcdef");

	evbuffer_drain(buf, 6);
	evbuffer_add(buf, "abc", 3);
	assert_int_equal(find(buf, "cdef"), -1);
	assert_int_equal(find(buf, "d"), -1);
	evbuffer_add_printf(buf, "x");
	assert_int_equal(find(buf, "x"), 3);
	assert_int_equal(find(buf, "x\0"), -1);
	assert_int_equal(find(buf, "\0"), -1);
	evbuffer_free(buf);
}

TEST(find_does_not_see_what_was_removed)
{
	struct evbuffer *buf = filled("one, two");
	char to[5];

	evbuffer_remove(buf, to, sizeof to);
	assert_int_equal(find(buf, "one"), -1);
	assert_int_equal(find(buf, "two"), 0);
	evbuffer_free(buf);
}

TEST(find_may_be_of_a_piece_of_the_content_itself)
{
	struct evbuffer *buf = filled("abcabc");

	assert_int_equal(find_bytes(buf, EVBUFFER_DATA(buf) + 3, 3), 0);
	assert_int_equal(find_bytes(buf, EVBUFFER_DATA(buf) + 2, 4), 2);
	assert_int_equal(find_bytes(buf, EVBUFFER_DATA(buf), 6), 0);
	evbuffer_free(buf);
}

TEST(find_and_drain_give_one_after_the_other)
{
	struct evbuffer *buf = evbuffer_new();
	long at;
	int found = 0;

	for (int i = 0; i < 1000; i++)
		evbuffer_add_printf(buf, "%0*d;", i % 7 + 1, 0);
	while ((at = find(buf, ";")) >= 0) {
		assert_int_equal(at, found % 7 + 1);
		evbuffer_drain(buf, (size_t)at + 1);
		found++;
	}
	assert_int_equal(found, 1000);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

TEST(find_finds_bytes_in_megabytes)
{
	struct evbuffer *buf = evbuffer_new();
	size_t n = (size_t)4 << 20;
	char *text = malloc(n);

	memset(text, 'a', n);
	evbuffer_add(buf, text, n);
	assert_int_equal(find(buf, "ab"), -1);
	evbuffer_add(buf, "b", 1);
	assert_int_equal(find(buf, "ab"), n - 1);
	assert_int_equal(find_bytes(buf, text, n), 0);
	free(text);
	evbuffer_free(buf);
}

/* Where what is first in the six bytes of text, tried place by place. */
static long
plain_search(const char *text, const char *what, size_t len)
{
	for (size_t at = 0; at + len <= 6; at++)
		if (memcmp(text + at, what, len) == 0)
			return (long)at;
	return -1;
}

/* Bit by bit, n as a text of "a" and "b". */
static void
spell(char *text, size_t len, unsigned n)
{
	for (size_t i = 0; i < len; i++)
		text[i] = "ab"[n >> i & 1];
}

TEST(find_agrees_with_a_plain_search)
{
	char text[6], what[7];

	for (unsigned i = 0; i < 64; i++) {
		struct evbuffer *buf = evbuffer_new();

		spell(text, sizeof text, i);
		evbuffer_add(buf, text, sizeof text);
		for (unsigned n = 0; n < 128 * 7; n++) {
			size_t len = n / 128 + 1;

			spell(what, len, n % 128);
			assert_int_equal(find_bytes(buf, what, len),
			    plain_search(text, what, len));
		}
		evbuffer_free(buf);
	}
}
