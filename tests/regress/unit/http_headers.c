/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The library's own functions for lists of headers: what parsers append, what
 * connections look up, and what stays when memory is short.
 */
#include "http/element.h"
#include "http/headers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "edge.h"
#include "test.h"
#include "wrap.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

static struct evkeyvalq list = TAILQ_HEAD_INITIALIZER(list);

static void
assert_list(const char *expected)
{
	struct evkeyval *kv;

	TAILQ_FOREACH (kv, &list, next)
		note("%s=%s", kv->key, kv->value);
	assert_log(expected);
}

static void
add(const char *key, const char *value)
{
	assert_int_equal(evhttp_add_header(&list, key, value), 0);
}

/* --- appending --- */

TEST(appended_bytes_need_no_nul_and_are_not_searched)
{
	assert_int_equal(evi_headers_append(&list, "ABC", 1, "12345", 3), 0);
	assert_int_equal(evi_headers_append(&list, "B", 0, "2", 0), 0);
	assert_int_equal(evi_headers_append(&list, "C\n", 2, "\r\n", 2), 0);
	assert_list("A=123 = C\n=\r\n");
	evhttp_clear_headers(&list);
}

TEST(appended_header_is_three_blocks_of_malloc)
{
	struct counts before = counts;
	struct evkeyval *kv;

	add("Key", "value");
	assert_int_equal(counts_since(&before).allocs, 3);
	kv = TAILQ_FIRST(&list);
	TAILQ_REMOVE(&list, kv, next);
	free(kv->value);
	free(kv->key);
	free(kv);
	assert_int_equal(counts.bytes, before.bytes);
}

TEST(text_is_folded_into_the_last_value)
{
	add("A", "1");
	add("B", "2");
	assert_int_equal(evi_headers_fold(&list, "\tmore, not this", 6), 0);
	assert_int_equal(evi_headers_fold(&list, "", 0), 0);
	assert_int_equal(evi_headers_fold(&list, " ", 1), 0);
	assert_list("A=1 B=2\tmore, ");
	evhttp_clear_headers(&list);
}

TEST(text_is_not_folded_into_an_empty_list)
{
	assert_int_equal(evi_headers_fold(&list, " x", 2), -1);
	assert_null(TAILQ_FIRST(&list));
}

TEST(all_headers_of_a_name_are_removed)
{
	evi_headers_remove_all(&list, "A");
	add("a", "1");
	add("A", "2");
	add("B", "3");
	add("AA", "4");
	add("A", "5");
	evi_headers_remove_all(&list, "C");
	evi_headers_remove_all(&list, "A");
	assert_list("B=3 AA=4");
	add("C", "6");
	evi_headers_remove_all(&list, "b");
	evi_headers_remove_all(&list, "AA");
	evi_headers_remove_all(&list, "C");
	assert_null(TAILQ_FIRST(&list));
	add("D", "7");
	assert_list("D=7");
	evhttp_clear_headers(&list);
}

/* --- tokens --- */

static const char *const with_close[] = {"close", "CLOSE", "Close", " close",
    "close ", "\t close \t", "a, close", "close,a", "a,close,b",
    "a ,\tclose ,b", ",close", "close,", ", ,close", "closed, close",
    "clos,close", "a b, close"};

static const char *const without_close[] = {"", " ", ",", ",,", "closed",
    "clos", "xclose", "close x", "x close", "close;q=1", "\"close\"", "a b",
    "c lose", "close\v", "clo,se", "\303close", "close\001"};

static bool
has_close(const char *value)
{
	bool found;

	add("Connection", value);
	found = evi_headers_has_token(&list, "connection", "close");
	evhttp_clear_headers(&list);
	return found;
}

TEST(token_is_found_whole_and_in_any_case_and_place)
{
	for (size_t i = 0; i < N(with_close); i++)
		if (!has_close(with_close[i]))
			fail_msg("not found in '%s'", with_close[i]);
	for (size_t i = 0; i < N(without_close); i++)
		if (has_close(without_close[i]))
			fail_msg("found in '%s'", without_close[i]);
}

TEST(token_is_found_in_any_header_of_the_name)
{
	assert_false(evi_headers_has_token(&list, "Connection", "close"));
	add("Connection", "keep-alive");
	add("Other", "close");
	assert_false(evi_headers_has_token(&list, "Connection", "close"));
	add("CONNECTION", "TE , Close");
	assert_true(evi_headers_has_token(&list, "Connection", "close"));
	assert_true(evi_headers_has_token(&list, "Connection", "te"));
	assert_true(evi_headers_has_token(&list, "Connection", "keep-alive"));
	assert_false(evi_headers_has_token(&list, "Connection", "keep"));
	evhttp_clear_headers(&list);
}

/* --- strings at the end of mapped memory --- */

static void
insert(const char *key, const char *value)
{
	struct evkeyval *kv = malloc(sizeof(*kv));

	kv->key = string_at_edge(key);
	kv->value = string_at_edge(value);
	TAILQ_INSERT_TAIL(&list, kv, next);
}

TEST(strings_are_not_read_beyond_their_end)
{
	const char *key = string_at_edge("Connection"), *prefix, *longer;
	struct evkeyval *kv;

	prefix = string_at_edge("Conn");
	longer = string_at_edge("Connections");
	insert(key, "a, clos");
	insert(prefix, "");
	insert("", " ");
	insert(longer, "a,");
	assert_string_equal(evhttp_find_header(&list, longer), "a,");
	assert_string_equal(evhttp_find_header(&list, prefix), "");
	assert_string_equal(evhttp_find_header(&list, ""), " ");
	assert_null(evhttp_find_header(&list, "C"));
	assert_false(evi_headers_has_token(&list, key, "close"));
	assert_false(evi_headers_has_token(&list, longer, "close"));
	assert_false(evi_headers_has_token(&list, "", "close"));
	assert_int_equal(evi_headers_append(&list, at_edge("ab", 2), 2,
			     at_edge("cd", 2), 2),
	    0);
	assert_string_equal(evhttp_find_header(&list, "ab"), "cd");
	assert_int_equal(evhttp_add_header(&list, key, string_at_edge("v\r")),
	    -1);
	assert_int_equal(evhttp_add_header(&list, string_at_edge("K\n"), ""),
	    -1);
	while (strcmp((kv = TAILQ_FIRST(&list))->key, "ab") != 0) {
		TAILQ_REMOVE(&list, kv, next);
		free(kv);
	}
	evhttp_clear_headers(&list);
}

/* --- elements that the thread keeps --- */

static const char *const some[][2] = {{"Host", "www.example.com"},
    {"Accept", "*/*"}, {"User-Agent", "test/1.0"}, {"Empty", ""}};

static void
add_some(void)
{
	for (size_t i = 0; i < N(some); i++)
		add(some[i][0], some[i][1]);
}

TEST(same_headers_again_need_no_memory)
{
	struct counts before;

	add_some();
	evhttp_clear_headers(&list);
	before = counts;
	for (int i = 0; i < 10; i++) {
		add_some();
		assert_list("Host=www.example.com Accept=*/* "
			    "User-Agent=test/1.0 Empty=");
		evhttp_clear_headers(&list);
	}
	assert_int_equal(counts_since(&before).allocs, 0);
	assert_int_equal(counts_since(&before).frees, 0);
	evi_element_free_spares();
}

TEST(shorter_string_fits_and_a_longer_one_gets_a_block)
{
	struct counts before;

	add("Key", "value");
	evhttp_clear_headers(&list);
	before = counts;
	add("K", "valu");
	assert_int_equal(counts_since(&before).allocs, 0);
	evhttp_clear_headers(&list);
	add("K", "value");
	assert_int_equal(counts_since(&before).allocs, 1);
	assert_int_equal(counts_since(&before).frees, 1);
	assert_list("K=value");
	evhttp_clear_headers(&list);
	evi_element_free_spares();
}

TEST(long_strings_are_not_kept)
{
	long bytes = counts.bytes, kept;
	char text[100000];

	add("Key", "value");
	evhttp_clear_headers(&list);
	kept = counts.bytes;
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 2; i++) {
		evi_headers_append(&list, text, sizeof(text), text,
		    sizeof(text));
		assert_int_equal(strlen(TAILQ_FIRST(&list)->key), sizeof(text));
		evhttp_clear_headers(&list);
		assert_in_range(counts.bytes, bytes, kept);
	}
	add("Key", "value");
	assert_list("Key=value");
	evhttp_clear_headers(&list);
	evi_element_free_spares();
	assert_int_equal(counts.bytes, bytes);
}

TEST(at_most_some_hundred_elements_are_kept)
{
	long bytes = counts.bytes;

	for (int i = 0; i < 100000; i++)
		add("Key", "value");
	evhttp_clear_headers(&list);
	assert_in_range(counts.bytes - bytes, 1, 50000);
	evi_element_free_spares();
	assert_int_equal(counts.bytes, bytes);
}

TEST(list_of_a_short_head_is_kept_whole)
{
	struct counts before;

	add_some();
	evi_element_release_list(&list);
	before = counts;
	for (int i = 0; i < 10; i++) {
		add_some();
		assert_list("Host=www.example.com Accept=*/* "
			    "User-Agent=test/1.0 Empty=");
		evi_element_release_list(&list);
		assert_null(TAILQ_FIRST(&list));
	}
	assert_int_equal(counts_since(&before).allocs, 0);
	assert_int_equal(counts_since(&before).frees, 0);
	evi_element_free_spares();
}

TEST(list_of_a_short_head_is_freed_if_too_many_elements_are_kept)
{
	long bytes = counts.bytes;

	for (int i = 0; i < 100000; i++) {
		add("Key", "value");
		if (i % 100 == 99)
			add("Key", "value");
		if (i % 1000 == 999)
			evi_element_release_list(&list);
	}
	for (int round = 0; round < 100; round++) {
		struct evkeyvalq own[10];

		for (size_t i = 0; i < N(own); i++) {
			TAILQ_INIT(&own[i]);
			for (int j = 0; j < 100; j++)
				evhttp_add_header(&own[i], "Key", "value");
		}
		for (size_t i = 0; i < N(own); i++)
			evi_element_release_list(&own[i]);
		assert_in_range(counts.bytes - bytes, 1, 50000);
	}
	evi_element_free_spares();
	assert_int_equal(counts.bytes, bytes);
}

/* The program adds a very long element to a list whose head was short. */
TEST(block_that_is_much_too_large_is_not_used_again)
{
	char text[100000];
	long bytes;

	add("Key", "value");
	evi_element_release_list(&list);
	bytes = counts.bytes;
	memset(text, 'x', sizeof(text));
	evi_headers_append(&list, text, sizeof(text), text, sizeof(text));
	evi_element_release_list(&list);
	add("Key", "value");
	assert_list("Key=value");
	evi_element_release_list(&list);
	assert_in_range(counts.bytes, 0, bytes);
	evi_element_free_spares();
}

TEST(element_that_the_program_made_lives_as_long_as_its_strings)
{
	struct evkeyval *kv = malloc(sizeof(*kv));

	kv->key = strdup("ab");
	kv->value = NULL;
	TAILQ_INSERT_TAIL(&list, kv, next);
	evhttp_clear_headers(&list);
	add("ab", "");
	assert_list("ab=");
	evhttp_clear_headers(&list);
	add("abc", "d");
	assert_list("abc=d");
	evhttp_clear_headers(&list);
	kv = malloc(sizeof(*kv));
	kv->key = kv->value = NULL;
	evi_element_release(kv);
	evi_element_free_spares();
	evi_element_free_spares();
}

static void *
use_list(void *arg)
{
	struct evkeyvalq own = TAILQ_HEAD_INITIALIZER(own);

	for (int i = 0; i < 10; i++)
		evhttp_add_header(&own, "Key", "value");
	evhttp_clear_headers(&own);
	return arg;
}

TEST(elements_are_freed_when_their_thread_ends)
{
	pthread_t thread;
	long bytes;

	for (int i = 0; i < 3; i++) {
		if (i == 1)
			bytes = bytes_of_all_threads();
		assert_int_equal(pthread_create(&thread, NULL, use_list, NULL),
		    0);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
	assert_int_equal(bytes_of_all_threads(), bytes);
}

/* --- without memory --- */

/* The element that the thread keeps is too short for the next header. */
TEST(kept_element_that_gets_no_memory_is_freed)
{
	long bytes = counts.bytes;

	for (long nth = 1; nth <= 2; nth++) {
		add("K", "v");
		evhttp_clear_headers(&list);
		fail_alloc(nth);
		errno = 0;
		assert_int_equal(evhttp_add_header(&list, "Key", "value"), -1);
		assert_int_equal(errno, ENOMEM);
		fail_alloc(0);
		assert_null(TAILQ_FIRST(&list));
	}
	evi_element_free_spares();
	assert_int_equal(counts.bytes, bytes);
}

TEST(elements_are_not_kept_without_memory_for_them)
{
	long bytes = counts.bytes;

	add_some();
	fail_allocs_from(1);
	evhttp_clear_headers(&list);
	fail_alloc(0);
	assert_int_equal(counts.bytes, bytes);
}

TEST(header_that_gets_no_memory_is_not_added)
{
	struct counts before;

	add("A", "1");
	before = counts;
	for (long nth = 1; nth <= 3; nth++) {
		fail_alloc(nth);
		errno = 0;
		assert_int_equal(evhttp_add_header(&list, "B", "2"), -1);
		assert_int_equal(errno, ENOMEM);
		assert_true(alloc_failed());
		assert_int_equal(counts.bytes, before.bytes);
	}
	fail_alloc(0);
	add("C", "3");
	assert_list("A=1 C=3");
	evhttp_clear_headers(&list);
}

TEST(text_that_gets_no_memory_is_not_folded)
{
	char text[1000];

	memset(text, ' ', sizeof(text));
	add("A", "1");
	fail_alloc(1);
	errno = 0;
	assert_int_equal(evi_headers_fold(&list, text, sizeof(text)), -1);
	assert_int_equal(errno, ENOMEM);
	fail_alloc(0);
	assert_list("A=1");
	evhttp_clear_headers(&list);
}

TEST(finding_and_removing_do_without_memory)
{
	add("A", "1");
	add("A", "2");
	add("B", "3");
	fail_allocs_from(1);
	assert_non_null(evhttp_find_header(&list, "A"));
	assert_true(evi_headers_has_token(&list, "A", "2"));
	assert_int_equal(evhttp_remove_header(&list, "A"), 0);
	evi_headers_remove_all(&list, "A");
	evhttp_clear_headers(&list);
	fail_alloc(0);
}
