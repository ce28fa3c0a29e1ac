/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Header fields: names, values, lines that are continued, and how much of all
 * that there may be.
 */
#include "http_server.h"

#define GET "GET / HTTP/1.1\r\n"

struct field {
	const char *line; /* as sent, without its end */
	const char *list; /* of headers, as noted */
};

/* Each line as the one field of a request. */
static void
gives_each(const struct field *all)
{
	char head[256], expected[256];

	for (; all->line != NULL; all++) {
		printf("%s\n", all->line);
		snprintf(head, sizeof(head), GET "%s\r\n\r\n", all->line);
		snprintf(expected, sizeof(expected), "GET:/{%s}", all->list);
		serves_headers(head, expected);
	}
}

/* Each line as the one field of a request, which is then 400. */
static void
refuses_each(const char *const *all)
{
	char head[256];

	for (; *all != NULL; all++) {
		printf("%s\n", *all);
		snprintf(head, sizeof(head), GET "%s\r\n\r\n", *all);
		refuses(head);
	}
}

TEST(http_blanks_before_a_value_are_dropped)
{
	static const struct field all[] = {{"A:b", "A=b"}, {"A: b", "A=b"},
	    {"A:   b", "A=b"}, {"A: b c", "A=b c"}, {NULL, NULL}};

	gives_each(all);
}

TEST(http_value_may_be_empty)
{
	static const struct field all[] = {{"A:", "A="}, {"A: ", "A="},
	    {NULL, NULL}};

	gives_each(all);
}

TEST(http_value_may_contain_colons_and_bytes_above_127)
{
	static const struct field all[] = {{"A: b:c: d", "A=b:c: d"},
	    {"A: \303\251\377", "A=\303\251\377"}, {NULL, NULL}};

	gives_each(all);
}

TEST(http_control_bytes_but_cr_and_nul_stay_in_a_value)
{
	static const struct field all[] = {{"A: b\001c", "A=b\001c"},
	    {"A: b\tc", "A=b\tc"}, {"A: b\033c\177", "A=b\033c\177"},
	    {NULL, NULL}};

	gives_each(all);
}

TEST(http_tabs_and_blanks_around_a_value_are_dropped,
    DIFFERS(V14, "blanks before it alone are dropped"),
    DIFFERS(V21, "tabs before it stay"))
{
	static const struct field all[] = {{"A:\tb", "A=b"}, {"A: \t b", "A=b"},
	    {"A: b ", "A=b"}, {"A: b\t \t", "A=b"}, {NULL, NULL}};

	gives_each(all);
}

TEST(http_fields_keep_their_order_names_and_duplicates)
{
	serves_headers(GET "b: 1\r\nA: 2\r\nB: 3\r\na: 2\r\n\r\n",
	    "GET:/{b=1,A=2,B=3,a=2}");
}

TEST(http_request_without_host_is_served)
{
	serves_headers(GET "\r\n", "GET:/{}");
}

/* The run of blanks may stay or become one. */
static void
gives_folded(const char *head, const char *kept, const char *joined)
{
	struct server s;
	struct client c;

	server_open(&s);
	s.shows_headers = true;
	client_open(&c, &s);
	say(&c, head);
	expect_answers(&c, "200:/");
	if (strcmp(noted(), joined) != 0)
		assert_string_equal(noted(), kept);
	note_clear();
	close_both(&s, &c);
}

TEST(http_line_that_begins_with_a_blank_continues_the_one_before)
{
	gives_folded(GET "A: b\r\n\tc\r\n\r\n", "GET:/{A=b\tc}",
	    "GET:/{A=b c}");
	gives_folded(GET "A: b\r\n c\r\nD: e\r\n\r\n", "GET:/{A=b c,D=e}",
	    "GET:/{A=b c,D=e}");
	gives_folded(GET "A: b\n  c\n  d\n\n", "GET:/{A=b  c  d}",
	    "GET:/{A=b c d}");
}

TEST(http_first_line_of_the_header_cannot_be_a_continuation)
{
	static const char *const all[] = {" A: b", "\tA: b", " ", NULL};

	refuses_each(all);
}

TEST(http_line_without_a_colon_is_refused)
{
	static const char *const all[] = {"A", "no colon here", "A b",
	    "A: b\r\nC", NULL};

	refuses_each(all);
}

TEST(http_blank_before_the_colon_is_refused,
    DIFFERS(V14, "it is part of the name"),
    DIFFERS(V21, "it is part of the name"))
{
	static const char *const all[] = {"A : b", "A\t: b", "A b: c",
	    "Transfer-Encoding : chunked", "Content-Length : 5", NULL};

	refuses_each(all);
}

TEST(http_empty_name_is_refused, DIFFERS(V14, "it is a name"),
    DIFFERS(V21, "it is a name"))
{
	static const char *const all[] = {": b", ":b", ":", NULL};

	refuses_each(all);
}

TEST(http_name_that_is_not_a_token_is_refused, DIFFERS(V14, "it is a name"),
    DIFFERS(V21, "it is a name"))
{
	static const char *const all[] = {"(x): y", "\"x\": y", "x\001: y",
	    "x\177: y", "x\303\251: y", "a/b: c", "a@b: c", "a,b: c", "a[b]: c",
	    "a{: c", "a=b: c", "a;b: c", "a?: c", "a\\: c", NULL};

	refuses_each(all);
}

TEST(http_every_byte_of_a_token_may_stand_in_a_name)
{
	static const struct field all[] = {{"!#$%&'*+-.^_`|~09azAZ: b",
					       "!#$%&'*+-.^_`|~09azAZ=b"},
	    {NULL, NULL}};

	gives_each(all);
}

TEST(http_nul_in_a_name_is_refused)
{
	static const char head[] = GET "A\0B: c\r\n\r\n";

	refuses_bytes(head, sizeof(head) - 1, "400");
}

TEST(http_nul_in_a_value_is_refused, DIFFERS(V14, "the value is cut"),
    DIFFERS(V21, "the value is cut"))
{
	static const char head[] = GET "A: b\0c\r\n\r\n";
	static const char at_end[] = GET "A: b\0\r\n\r\n";

	refuses_bytes(head, sizeof(head) - 1, "400");
	refuses_bytes(at_end, sizeof(at_end) - 1, "400");
}

TEST(http_carriage_return_that_cuts_a_field_short_is_refused)
{
	static const char *const all[] = {"A: b\rc", "A\rB: c", "A: \rb", NULL};

	refuses_each(all);
}

TEST(http_carriage_return_between_two_fields_is_refused,
    DIFFERS(V14, "it ends the line"))
{
	static const char *const all[] = {"A: b\rC: d", "A: b\r\rC: d",
	    "A:\rB:", NULL};

	refuses_each(all);
}

TEST(http_control_byte_in_a_field_that_frames_is_refused,
    DIFFERS(V14, "it is part of the value"),
    DIFFERS(V21, "it is part of the value"))
{
	static const char *const all[] = {"Host: h\001", "Host: \177h",
	    "Connection: close\001", "Connection: \013close", NULL};

	refuses_each(all);
}

TEST(http_two_hosts_are_refused, DIFFERS(V14, "the first counts"),
    DIFFERS(V21, "the first counts"))
{
	refuses(GET "Host: a\r\nHost: b\r\n\r\n");
	refuses(GET "Host: a\r\nX: y\r\nhost: a\r\n\r\n");
}

TEST(http_host_that_is_not_a_host_is_refused,
    DIFFERS(V14, "it is not looked at"), DIFFERS(V21, "it is not looked at"))
{
	static const char *const all[] = {"Host: a b", "Host: c@d", "Host: a/b",
	    "Host: a?b", "Host: a#b", "Host: a, b", "Host: a:b", "Host: a:1x",
	    NULL};

	refuses_each(all);
}

TEST(http_host_may_have_a_port_or_be_an_address_or_empty)
{
	static const struct field all[] = {{"Host: a", "Host=a"},
	    {"Host: a.example:8080", "Host=a.example:8080"},
	    {"Host: 127.0.0.1:80", "Host=127.0.0.1:80"},
	    {"Host: [::1]:80", "Host=[::1]:80"}, {"Host: [::1]", "Host=[::1]"},
	    {"Host: a_b-c", "Host=a_b-c"}, {"Host: a:", "Host=a:"},
	    {"Host:", "Host="}, {NULL, NULL}};

	gives_each(all);
}

/*
 * How much.
 */

/* A head with a field of n bytes is served. */
static void
serves_field_of(size_t bytes)
{
	char *head = malloc(bytes + 100);

	assert_non_null(head);
	strcpy(head, GET "A: ");
	memset(head + strlen(head), 'x', bytes);
	strcpy(head + strlen(GET "A: ") + bytes, "\r\n\r\n");
	serves(head, "GET:/");
	free(head);
}

TEST(http_field_of_100000_bytes_is_accepted)
{
	serves_field_of(70000);
	serves_field_of(100000);
}

TEST(http_900_fields_are_accepted)
{
	static char head[65536];
	size_t used = (size_t)sprintf(head, GET);

	for (int i = 0; i < 900; i++)
		used += (size_t)sprintf(head + used, "A%d: b\r\n", i);
	strcpy(head + used, "\r\n");
	serves(head, "GET:/");
}

/* A client that sends more than anybody keeps.  The server may close before all
 * is sent, and the answer has to arrive even then. */
static void
refuses_flood(const char *first, const char *again, size_t times,
    const char *code)
{
	size_t len = strlen(again), used = strlen(first);
	char *text = malloc(used + len * times + 1);

	assert_non_null(text);
	memcpy(text, first, used);
	for (size_t i = 0; i < times; i++, used += len)
		memcpy(text + used, again, len);
	refuses_bytes(text, used, code);
	free(text);
}

TEST(http_request_line_without_end_is_414, DIFFERS(V14, "there is no limit"),
    DIFFERS(V21, "there is no limit"))
{
	refuses_flood("GET /", "0123456789abcdef", 65536, "414");
}

TEST(http_field_without_end_is_431, DIFFERS(V14, "there is no limit"),
    DIFFERS(V21, "there is no limit"))
{
	refuses_flood(GET "A: ", "0123456789abcdef", 65536, "431");
}

TEST(http_fields_without_end_are_431, DIFFERS(V14, "there is no limit"),
    DIFFERS(V21, "there is no limit"))
{
	refuses_flood(GET, "A: b\r\n", 200000, "431");
}

TEST(http_10000_fields_are_431, DIFFERS(V14, "there is no limit"),
    DIFFERS(V21, "there is no limit"))
{
	refuses_flood(GET, "A: b\r\n", 10000, "431");
}
