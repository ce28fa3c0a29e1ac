/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes the reading of the hosts file.  Each word of the input is looked up in
 * the file, and the result is compared with that of a plain search through its
 * lines.  The same bytes are read as nsswitch.conf as well.
 */
#include "fuzz.h"

#include <sys/mman.h>
#include <arpa/inet.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/dns/conf/file.h"
#include "../../src/dns/conf/hosts.h"

#define BLANKS " \t\r\v\f"
#define WORDS_MAX 100
#define FOUND_MAX 512

/* What is looked for, and what was found. */
struct search {
	const char *name;
	int family;
	int size; /* of an address */
	bool is_known;
	int n;
	unsigned char found[FOUND_MAX][16];
};

static struct hosts *hosts;
static int file, order_file;
static char order_path[32];

/* --- a plain search --- */

/* Names are compared without regard to case and to one dot at the end. */
static bool
is_same(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);

	if (m > 0 && a[m - 1] == '.')
		m--;
	if (n > 0 && b[n - 1] == '.')
		n--;
	return m > 0 && m == n && strncasecmp(a, b, n) == 0;
}

static void
find(struct search *s, int family, const unsigned char *address)
{
	if (family == AF_INET6 && s->family == AF_INET &&
	    memcmp(address, "\0\0\0\0\0\0\0\0\0\0\377\377", 12) == 0) {
		find(s, AF_INET, address + 12);
		return;
	}
	s->is_known = true;
	if (family != s->family)
		return;
	for (int i = 0; i < s->n; i++)
		if (memcmp(s->found[i], address, (size_t)s->size) == 0)
			return;
	CHECK(s->n < FOUND_MAX);
	memcpy(s->found[s->n++], address, (size_t)s->size);
}

static void
search_line(struct search *s, char *line)
{
	unsigned char address[16];
	int family = AF_INET;
	char *rest, *word;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, BLANKS, &rest);
	if (word == NULL)
		return;
	if (inet_pton(AF_INET, word, address) != 1) {
		family = AF_INET6;
		word[strcspn(word, "%")] = '\0';
		if (inet_pton(AF_INET6, word, address) != 1)
			return;
	}
	while ((word = strtok_r(NULL, BLANKS, &rest)) != NULL)
		if (is_same(word, s->name))
			find(s, family, address);
}

static void
search_lines(struct search *s, const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	const uint8_t *end;
	size_t len;

	CHECK(line != NULL);
	for (; size > 0; data += len, size -= len) {
		end = memchr(data, '\n', size);
		len = end != NULL ? (size_t)(end - data) + 1 : size;
		memcpy(line, data, len);
		line[end != NULL ? len - 1 : len] = '\0';
		search_line(s, line);
	}
	free(line);
}

/* --- comparison --- */

static void
check_found(const struct search *s, int r, int n, const unsigned char *found)
{
	if (evi_hosts_is_local(s->name) && s->n == 0) {
		CHECK(r == 1);
		return;
	}
	if (evi_hosts_is_local(s->name) &&
	    strpbrk(s->name, ":0123456789") != NULL)
		return;
	CHECK((r == 1) == s->is_known);
	CHECK(n == s->n);
	for (int i = 0; i < n; i++)
		CHECK(memcmp(found + i * s->size, s->found[i],
			  (size_t)s->size) == 0);
}

static void
check_name(const char *name, int family, const uint8_t *data, size_t size)
{
	struct search s = {.name = name, .family = family};
	void *addresses;
	int r, n;

	s.size = family == AF_INET ? 4 : 16;
	r = evi_hosts_addresses(hosts, name, family, &addresses, &n);
	CHECK(r == 0 || r == 1);
	CHECK(n >= 0 && (r == 1 || n == 0));
	search_lines(&s, data, size);
	check_found(&s, r, n, addresses);
	free(addresses);
}

/* An address that is found has a name, which has that address. */
static void
check_address(const char *text)
{
	unsigned char address[16];
	int family = AF_INET, r, n;
	void *addresses;
	const char *name;

	if (inet_pton(family, text, address) != 1) {
		family = AF_INET6;
		if (inet_pton(family, text, address) != 1)
			return;
	}
	r = evi_hosts_name(hosts, family, address, &name);
	CHECK(r == (name != NULL));
	if (r == 0)
		return;
	CHECK(*name != '\0' && strpbrk(name, BLANKS "#\n") == NULL);
	/* What cannot be asked for, or has another answer. */
	if (strlen(name) > 255 || name[strlen(name) - 1] == '.' ||
	    evi_hosts_is_local(name))
		return;
	CHECK(evi_hosts_addresses(hosts, name, family, &addresses, &n) == 1);
	CHECK(n > 0);
	free(addresses);
}

static void
check_words(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest, *word;
	int n = 0;

	CHECK(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	word = strtok_r(text, BLANKS "\n#", &rest);
	for (; word != NULL && n < WORDS_MAX; n++) {
		if (strlen(word) <= 255) {
			check_name(word, AF_INET, data, size);
			check_name(word, AF_INET6, data, size);
		}
		check_address(word);
		word = strtok_r(NULL, BLANKS "\n#", &rest);
	}
	free(text);
}

/* --- nsswitch.conf --- */

static enum hosts_order
order_of(const void *bytes, size_t size)
{
	enum hosts_order order;

	CHECK(ftruncate(order_file, 0) == 0);
	CHECK(pwrite(order_file, bytes, size, 0) == (ssize_t)size);
	CHECK(evi_nsswitch_read(&order, order_path) == 0);
	return order;
}

static void
check_order(const uint8_t *data, size_t size)
{
	static const char line[] = "\nhosts: dns [x] files\n";
	char *text = malloc(size + sizeof(line));
	enum hosts_order order, other;

	CHECK(text != NULL);
	for (size_t i = 0; i < size; i++)
		text[i] = data[i] == ' ' ? '\t' : (char)data[i];
	order = order_of(data, size);
	other = order_of(text, size);
	CHECK(order <= EVI_HOSTS_NEVER);
	CHECK(order == other);
	memcpy(text + size, line, sizeof(line));
	other = order_of(text, size + sizeof(line));
	CHECK(other == EVI_HOSTS_LAST);
	free(text);
}

static void
open_file(void)
{
	static char path[32];

	file = memfd_create("hosts", MFD_CLOEXEC);
	CHECK(file != -1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	order_file = memfd_create("nsswitch", MFD_CLOEXEC);
	CHECK(order_file != -1);
	snprintf(order_path, sizeof(order_path), "/proc/self/fd/%d",
	    order_file);
	evi_file_names.hosts = path;
	evi_file_names.nsswitch = "/dev/null";
	hosts = evi_hosts_new();
	CHECK(hosts != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (hosts == NULL)
		open_file();
	CHECK(ftruncate(file, 0) == 0);
	CHECK(pwrite(file, data, size, 0) == (ssize_t)size);
	evi_hosts_check_files(hosts);
	check_words(data, size);
	check_order(data, size);
	return 0;
}
