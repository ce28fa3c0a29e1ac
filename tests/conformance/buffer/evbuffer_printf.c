/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer_add_printf() and evbuffer_add_vprintf(): text at the end, and the
 * NUL after it.
 */
#include "buffer.h"
#include "test.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* The content may be read as a string. */
static void
assert_string(struct evbuffer *buf, const char *text)
{
	assert_string_equal((char *)EVBUFFER_DATA(buf), text);
	assert_int_equal(EVBUFFER_LENGTH(buf), strlen(text));
}

/* What a program's own function with a list of arguments does. */
__attribute__((format(printf, 2, 3))) static int
add_text(struct evbuffer *buf, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = evbuffer_add_vprintf(buf, format, ap);
	va_end(ap);
	return n;
}

/*
 * The text
 */

TEST(printf_appends_text)
{
	struct evbuffer *buf = filled("a, ");

	assert_int_equal(evbuffer_add_printf(buf, "%s, %d", "b", 3), 4);
	assert_content(buf, "a, b, 3");
	assert_int_equal(evbuffer_add_printf(buf, "%c", '!'), 1);
	assert_content(buf, "a, b, 3!");
	evbuffer_free(buf);
}

TEST(printf_appends_after_a_drain)
{
	struct evbuffer *buf = filled("gone, kept");

	evbuffer_drain(buf, 6);
	assert_int_equal(evbuffer_add_printf(buf, ", %s", "new"), 5);
	assert_content(buf, "kept, new");
	evbuffer_drain(buf, 100);
	assert_int_equal(evbuffer_add_printf(buf, "%s", "again"), 5);
	assert_content(buf, "again");
	evbuffer_free(buf);
}

TEST(vprintf_appends_text)
{
	struct evbuffer *buf = filled("a, ");

	assert_int_equal(add_text(buf, "%s, %d", "b", 3), 4);
	assert_content(buf, "a, b, 3");
	evbuffer_free(buf);
}

TEST(printf_formats_as_snprintf_does)
{
	struct evbuffer *buf = evbuffer_new();
	char text[256];

	snprintf(text, sizeof text, "%5d|%-5u|%#lx|%lld|%zu|%jd|%.3f|%g|%e|%%",
	    -1, 2u, 3ul, 1ll << 40, sizeof text, (intmax_t)-5, 1.5, 1e100, 0.1);
	evbuffer_add_printf(buf, "%5d|%-5u|%#lx|%lld|%zu|%jd|%.3f|%g|%e|%%", -1,
	    2u, 3ul, 1ll << 40, sizeof text, (intmax_t)-5, 1.5, 1e100, 0.1);
	assert_string(buf, text);
	evbuffer_free(buf);
}

TEST(printf_knows_numbered_arguments_and_parts_of_strings)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_add_printf(buf, "%2$s%1$s", "b", "a"), 2);
	assert_int_equal(evbuffer_add_printf(buf, "%.*s", 2, "cdef"), 2);
	assert_int_equal(evbuffer_add_printf(buf, "%*s", 3, "e"), 3);
	assert_content(buf, "abcd  e");
	evbuffer_free(buf);
}

TEST(printf_of_errno_prints_that_of_the_caller)
{
	struct evbuffer *buf = evbuffer_new();

	errno = ENOENT;
	evbuffer_add_printf(buf, "%m");
	assert_string(buf, strerror(ENOENT));
	evbuffer_free(buf);
}

TEST(printf_of_no_text_adds_nothing)
{
	struct evbuffer *buf = filled("kept");
	const char *empty = "";

	assert_int_equal(evbuffer_add_printf(buf, "%s", empty), 0);
	assert_int_equal(evbuffer_add_printf(buf, empty, 0), 0);
	assert_content(buf, "kept");
	evbuffer_drain(buf, 4);
	assert_int_equal(evbuffer_add_printf(buf, "%s", empty), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

TEST(printf_of_nul_bytes_counts_them)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_add_printf(buf, "a%cb%c", 0, 0), 4);
	assert_content(buf, "a\0b\0");
	evbuffer_free(buf);
}

TEST(printf_fails_where_printf_does)
{
	struct evbuffer *buf = filled("kept");
	char too_wide[32];

	snprintf(too_wide, sizeof too_wide, "text%%%ud", INT_MAX + 1u);
	assert_int_equal(evbuffer_add_printf(buf, "text%lc", (wint_t)0x20ac),
	    -1);
	assert_content(buf, "kept");
	assert_int_equal(evbuffer_add_printf(buf, too_wide, 1), -1);
	assert_content(buf, "kept");
	assert_int_equal(evbuffer_add_printf(buf, "!"), 1);
	assert_content(buf, "kept!");
	evbuffer_free(buf);
}

/*
 * Long texts
 */

TEST(printf_appends_texts_of_every_length)
{
	for (int n = 0; n < 1100; n++) {
		struct evbuffer *buf = evbuffer_new();

		assert_int_equal(evbuffer_add_printf(buf, "%0*d", n, 0),
		    n > 0 ? n : 1);
		assert_int_equal(EVBUFFER_LENGTH(buf), n > 0 ? n : 1);
		for (size_t i = 0; i < EVBUFFER_LENGTH(buf); i++)
			assert_int_equal(EVBUFFER_DATA(buf)[i], '0');
		evbuffer_free(buf);
	}
}

TEST(printf_appends_to_content_of_every_length)
{
	for (size_t before = 0; before < 1100; before++) {
		struct evbuffer *buf = evbuffer_new();

		for (size_t i = 0; i < before; i++)
			evbuffer_add(buf, "-", 1);
		assert_int_equal(evbuffer_add_printf(buf, "%d", 12345), 5);
		assert_int_equal(EVBUFFER_LENGTH(buf), before + 5);
		assert_memory_equal(EVBUFFER_DATA(buf) + before, "12345", 5);
		evbuffer_free(buf);
	}
}

TEST(printf_appends_megabytes)
{
	struct evbuffer *buf = filled("kept");
	size_t n = (size_t)5 << 20;
	char *text = malloc(n + 1);

	memset(text, 'm', n);
	text[n] = '\0';
	assert_int_equal(evbuffer_add_printf(buf, "<%s>", text), n + 2);
	assert_int_equal(EVBUFFER_LENGTH(buf), 4 + n + 2);
	assert_memory_equal(EVBUFFER_DATA(buf), "kept<m", 6);
	assert_memory_equal(EVBUFFER_DATA(buf) + 5, text, n);
	assert_memory_equal(EVBUFFER_DATA(buf) + 5 + n, ">", 2);
	free(text);
	evbuffer_free(buf);
}

TEST(arguments_are_read_twice_for_a_long_text)
{
	struct evbuffer *buf = evbuffer_new();
	char text[4096];
	int n;

	n = snprintf(text, sizeof text, "%d %*d %s %.2f %0999d", 1, 999, 2,
	    "three", 4.0, 5);
	assert_int_equal(add_text(buf, "%d %*d %s %.2f %0999d", 1, 999, 2,
			     "three", 4.0, 5),
	    n);
	assert_string(buf, text);
	evbuffer_free(buf);
}

TEST(printf_appends_many_times)
{
	struct evbuffer *buf = evbuffer_new();

	for (int i = 10000; i < 30000; i++)
		assert_int_equal(evbuffer_add_printf(buf, "%d", i), 5);
	assert_int_equal(EVBUFFER_LENGTH(buf), 100000);
	for (int i = 10000; i < 30000; i++) {
		char number[6] = "";

		evbuffer_remove(buf, number, 5);
		assert_int_equal(atoi(number), i);
	}
	evbuffer_free(buf);
}

/*
 * The NUL
 */

TEST(printed_text_is_a_string)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_add_printf(buf, "%s", "one");
	assert_string(buf, "one");
	evbuffer_add_printf(buf, ", %s", "two");
	assert_string(buf, "one, two");
	evbuffer_drain(buf, 5);
	assert_string(buf, "two");
	evbuffer_free(buf);
}

TEST(printed_text_of_every_length_is_a_string)
{
	for (int n = 1; n < 1100; n++) {
		struct evbuffer *buf = evbuffer_new();

		evbuffer_add_printf(buf, "%*d", n, 0);
		assert_int_equal(strlen((char *)EVBUFFER_DATA(buf)), n);
		evbuffer_free(buf);
	}
}

TEST(text_printed_to_content_of_every_length_is_a_string,
    DIFFERS(V21, "no NUL where the content was in several blocks"))
{
	for (size_t before = 0; before < 1100; before++) {
		struct evbuffer *buf = evbuffer_new();

		for (size_t i = 0; i < before; i++)
			evbuffer_add(buf, "-", 1);
		evbuffer_add_printf(buf, "%d", 12345);
		assert_int_equal(strlen((char *)EVBUFFER_DATA(buf)),
		    before + 5);
		evbuffer_free(buf);
	}
}

TEST(printed_empty_text_makes_a_string_of_the_content,
    DIFFERS(V21, "no NUL where the content was in several blocks"))
{
	for (size_t n = 1; n < 1100; n++) {
		struct evbuffer *buf = evbuffer_new();

		for (size_t i = 0; i < n; i++)
			evbuffer_add(buf, "x", 1);
		assert_int_equal(evbuffer_add_printf(buf, "%s", ""), 0);
		assert_int_equal(EVBUFFER_LENGTH(buf), n);
		assert_int_equal(strlen((char *)EVBUFFER_DATA(buf)), n);
		evbuffer_free(buf);
	}
}

TEST(printed_empty_text_makes_an_empty_string,
    DIFFERS(V21, "there is no content to look at"))
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_add_printf(buf, "%s", ""), 0);
	assert_string(buf, "");
	evbuffer_free(buf);
}

TEST(nul_after_text_is_overwritten)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_add_printf(buf, "%s", "one");
	evbuffer_add(buf, ",", 1);
	assert_content(buf, "one,");
	evbuffer_add_printf(buf, "%s", "two");
	assert_string(buf, "one,two");
	evbuffer_free(buf);
}

TEST(nul_after_text_is_not_found)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_add_printf(buf, "%s", "text");
	assert_null(evbuffer_find(buf, (const unsigned char *)"", 1));
	assert_null(evbuffer_find(buf, (const unsigned char *)"t", 2));
	evbuffer_free(buf);
}

TEST(nul_after_text_moves_with_it_to_an_empty_buffer)
{
	struct evbuffer *buf = evbuffer_new(), *dst = evbuffer_new();

	evbuffer_add_printf(buf, "%s", "text");
	evbuffer_add_buffer(dst, buf);
	assert_string(dst, "text");
	evbuffer_free(buf);
	evbuffer_free(dst);
}
