/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes the reading of resolv.conf.  Whatever the bytes, the result has to be
 * valid settings of a resolver, and has to stay the same with other blanks and
 * line ends in the file.  An additional line must change its setting and
 * nothing else.
 */
#include "fuzz.h"

#include <sys/mman.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/dns/conf/resolv_conf.h"

struct text {
	char *bytes;
	size_t len;
};

/* --- ways to write a file --- */

/* Puts two texts around the input. */
static struct text
wrap(const char *before, const uint8_t *data, size_t size, const char *after)
{
	size_t start = strlen(before), end = strlen(after);
	struct text t = {malloc(start + size + end + 1), start + size + end};

	CHECK(t.bytes != NULL);
	memcpy(t.bytes, before, start);
	if (size > 0)
		memcpy(t.bytes + start, data, size);
	memcpy(t.bytes + start + size, after, end);
	return t;
}

static struct text
with_tabs(const uint8_t *data, size_t size)
{
	struct text t = wrap("", data, size, "");

	for (size_t i = 0; i < t.len; i++)
		if (t.bytes[i] == ' ')
			t.bytes[i] = '\t';
	return t;
}

static struct text
with_carriage_returns(const uint8_t *data, size_t size)
{
	struct text t = {malloc(2 * size + 1), 0};

	CHECK(t.bytes != NULL);
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n')
			t.bytes[t.len++] = '\r';
		t.bytes[t.len++] = (char)data[i];
	}
	return t;
}

/*
 * Writes the text to a file in memory, frees it, and reads the file as
 * resolv.conf.
 */
static struct resolv_conf
parse(struct text t)
{
	static int file = -1;
	static char path[32];
	struct resolv_conf conf;

	if (file == -1) {
		file = memfd_create("resolv.conf", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	}
	CHECK(ftruncate(file, 0) == 0);
	CHECK(pwrite(file, t.bytes, t.len, 0) == (ssize_t)t.len);
	CHECK(evi_resolv_conf_read(&conf, path) == CONF_OK);
	free(t.bytes);
	return conf;
}

/* --- the settings --- */

static void
check_servers(const struct resolv_conf *conf)
{
	char text[EVI_ADDRESS_TEXT];
	struct address back;

	for (int i = 0; i < conf->nservers; i++) {
		evi_address_text(&conf->servers[i], text);
		CHECK(evi_address_read(&back, text) == 0);
		CHECK(evi_address_equal(&back, &conf->servers[i]));
		CHECK(back.len == conf->servers[i].len);
		for (int j = 0; j < i; j++)
			CHECK(!evi_address_equal(&conf->servers[i],
			    &conf->servers[j]));
	}
}

static void
check_search(const struct resolv_conf *conf)
{
	CHECK(conf->has_search || conf->search == NULL);
	for (int i = 0; conf->search != NULL && i < conf->search->n; i++) {
		const char *domain = conf->search->domains[i];
		size_t len = strlen(domain);

		CHECK(len > 0);
		CHECK(domain[0] != '.' && domain[len - 1] != '.');
		CHECK(strcspn(domain, " \t\r\v\f\n") == len);
	}
}

static bool
is_within(int value, int min, int max)
{
	return value == -1 || (value >= min && value <= max);
}

static void
check_options(const struct dns_options *o)
{
	CHECK(is_within(o->ndots, 0, 15));
	CHECK(is_within(o->timeout, 1, 30));
	CHECK(is_within(o->attempts, 1, 5));
	CHECK(is_within(o->max_timeouts, 1, 255));
	CHECK(is_within(o->max_inflight, 1, 65000));
	CHECK(is_within(o->rotate, 0, 1));
	CHECK(is_within(o->use_vc, 0, 1));
	CHECK(is_within(o->edns0, 0, 1));
}

static bool
has_same_servers(const struct resolv_conf *a, const struct resolv_conf *b)
{
	if (a->nservers != b->nservers)
		return false;
	for (int i = 0; i < a->nservers; i++)
		if (!evi_address_equal(&a->servers[i], &b->servers[i]))
			return false;
	return true;
}

static bool
has_same_search(const struct resolv_conf *a, const struct resolv_conf *b)
{
	const struct search_list *one = a->search, *other = b->search;

	if (a->has_search != b->has_search ||
	    (one == NULL) != (other == NULL) ||
	    (one != NULL && one->n != other->n))
		return false;
	for (int i = 0; one != NULL && i < one->n; i++)
		if (strcmp(one->domains[i], other->domains[i]) != 0)
			return false;
	return true;
}

static bool
has_same_options(const struct resolv_conf *a, const struct resolv_conf *b)
{
	return memcmp(a->options.all, b->options.all, sizeof(a->options.all)) ==
	       0;
}

/* --- additional lines --- */

static void
check_same(const struct resolv_conf *conf, struct text other)
{
	struct resolv_conf b = parse(other);

	CHECK(has_same_servers(conf, &b));
	CHECK(has_same_search(conf, &b));
	CHECK(has_same_options(conf, &b));
	evi_resolv_conf_free(&b);
}

/* A search line at the end: this one wins. */
static void
check_last_search(const struct resolv_conf *conf, struct text other)
{
	struct resolv_conf b = parse(other);

	CHECK(has_same_servers(conf, &b));
	CHECK(has_same_options(conf, &b));
	CHECK(b.search != NULL && b.search->n == 2);
	CHECK(strcmp(b.search->domains[0], "last.example") == 0);
	evi_resolv_conf_free(&b);
}

/* An option at the start: any later one wins. */
static void
check_first_option(const struct resolv_conf *conf, struct text other)
{
	struct resolv_conf b = parse(other);

	CHECK(has_same_servers(conf, &b));
	CHECK(has_same_search(conf, &b));
	if (conf->options.ndots == -1) {
		CHECK(b.options.ndots == 7);
		b.options.ndots = -1;
	}
	CHECK(has_same_options(conf, &b));
	evi_resolv_conf_free(&b);
}

/* A nameserver at the start: it is the first one. */
static void
check_first_server(const struct resolv_conf *conf, struct text other)
{
	struct resolv_conf b = parse(other);
	struct address first;
	int n = conf->nservers + 1;

	CHECK(evi_address_read(&first, "192.0.2.77:7777") == 0);
	for (int i = 0; i < conf->nservers; i++)
		if (evi_address_equal(&first, &conf->servers[i]))
			n--;
	CHECK(b.nservers == n);
	CHECK(evi_address_equal(&first, &b.servers[0]));
	CHECK(has_same_search(conf, &b));
	CHECK(has_same_options(conf, &b));
	evi_resolv_conf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct resolv_conf conf;

	/* Each line may become longer, and a file of 64 KB is too long. */
	if (size > 30000)
		return 0;
	conf = parse(wrap("", data, size, ""));
	check_servers(&conf);
	check_search(&conf);
	check_options(&conf.options);
	check_same(&conf, with_tabs(data, size));
	check_same(&conf, with_carriage_returns(data, size));
	check_same(&conf, wrap("\n# comment\n", data, size, "\njunk"));
	check_last_search(&conf,
	    wrap("", data, size, "\nsearch last.example b"));
	check_first_option(&conf, wrap("options ndots:7\n", data, size, ""));
	check_first_server(&conf,
	    wrap("nameserver 192.0.2.77:7777\n", data, size, ""));
	evi_resolv_conf_free(&conf);
	return 0;
}
