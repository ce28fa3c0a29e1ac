/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libevent 1.4.15 makes of strings: recorded from it.  What it makes of
 * each byte alone is a rule in the tests.
 */
#ifndef CONFORMANCE_HTTP_TEXT_GOLDEN_H
#define CONFORMANCE_HTTP_TEXT_GOLDEN_H

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct golden_text {
	const char *in, *out;
};

/* evhttp_encode_uri(). */
static const struct golden_text golden_encoded[] = {
    {"", ""},
    {"a b", "a%20b"},
    {"a+b", "a+b"},
    {"/path?x=1&y=2", "/path%3Fx=1%26y=2"},
    {"%41", "%2541"},
    {"\303\251", "%C3%A9"},
    {"a\nb", "a%0Ab"},
    {"#~|^`{}\\\"<>;", "%23~%7C%5E%60%7B%7D%5C%22%3C%3E%3B"},
    {"caf\351 au lait", "caf%E9%20au%20lait"},
};

/* evhttp_decode_uri(). */
static const struct golden_text golden_decoded[] = {
    {"", ""},
    {"a%20b", "a b"},
    {"a+b", "a+b"},
    {"?a+b", "?a b"},
    {"a+b?c+d", "a+b?c d"},
    {"x%3fa+b", "x?a+b"},
    {"%4", "%4"},
    {"%4g", "%4g"},
    {"%g4", "%g4"},
    {"%00x", ""},
    {"y%00", "y"},
    {"%0", "%0"},
    {"%41%62", "Ab"},
    {"%%41", "%A"},
    {"%2B+?%2B+", "++?+ "},
    {"%fF", "\377"},
    {"%zz%41", "%zzA"},
    {"a%", "a%"},
    {"?%", "?%"},
    {"%2525", "%25"},
    {"a?b?c+d", "a?b?c d"},
    {"%u0041", "%u0041"},
    {"\303\251+?+", "\303\251+? "},
    {"+?+", "+? "},
    {"%3F+", "?+"},
    {"%2f%2F", "//"},
    {"?%2b", "?+"},
};

/* evhttp_htmlescape(). */
static const struct golden_text golden_escaped[] = {
    {"", ""},
    {"abc", "abc"},
    {"<>&\"'", "&lt;&gt;&amp;&quot;&#039;"},
    {"a&amp;b", "a&amp;amp;b"},
    {"\303\251\001\177", "\303\251\001\177"},
    {"/ = ` %", "/ = ` %"},
    {"<script>alert('x')</script>",
	"&lt;script&gt;alert(&#039;x&#039;)&lt;/script&gt;"},
};

/* evhttp_parse_query(): each argument as [key=value]. */
static const struct golden_text golden_queries[] = {
    {"", ""},
    {"/x", ""},
    {"/x?", ""},
    {"?", ""},
    {"/x?a=b", "[a=b]"},
    {"/x?a=b&c=d", "[a=b][c=d]"},
    {"/x?a", ""},
    {"/x?a&b=c", ""},
    {"/x?a=", "[a=]"},
    {"/x?a=b=c", "[a=b=c]"},
    {"/x?a=b&", "[a=b]"},
    {"/x?&a=b", ""},
    {"/x?a=1&a=2", "[a=1][a=2]"},
    {"/x?A=1&a=2", "[A=1][a=2]"},
    {"/x?a%20b=c%20d", "[a%20b=c d]"},
    {"/x?a+b=c+d", "[a+b=c d]"},
    {"/x?a=b?c=d", "[a=b?c=d]"},
    {"/x?a=%00z", "[a=]"},
    {"/x?a;b=c;d", "[a;b=c;d]"},
    {"a=b", ""},
    {"/x?a=b;c=d", "[a=b;c=d]"},
    {"/x?%61=%62", "[%61=b]"},
    {"/x?a=b%26c", "[a=b&c]"},
    {"/x?a=b%3dc", "[a=b=c]"},
    {"/x?\?a=b", "[?a=b]"},
    {"/x?a=+", "[a= ]"},
    {"/x?a=%2B", "[a=+]"},
    {"http://h/x?k=v", "[k=v]"},
};

/* The same, of arguments before an invalid one. */
static const struct golden_text golden_cut_queries[] = {
    {"/x?b=c&a", "[b=c]"},
    {"/x?b=c&a&d=e", "[b=c]"},
    {"/x?a=b&&c=d", "[a=b]"},
};

/* The same, of what RFC 3986 does not have in a query. */
static const struct golden_text golden_strange_queries[] = {
    {"/x?=b", "[=b]"},
    {"/x?=", "[=]"},
    {"/x?a=b#f", "[a=b#f]"},
    {"/x?a=%zz", "[a=%zz]"},
    {"/x?a=%", "[a=%]"},
    {"/x?a=b%0d%0aX: y", "[a=b\r\nX: y]"},
    {"/x?a=\303\251", "[a=\303\251]"},
    {"/x?a=b&c=%41%4", "[a=b][c=A%4]"},
};

#endif
