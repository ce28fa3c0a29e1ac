/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hosts file, hosts(5), read whole when it is first asked and sorted, so
 * that a long one is no slower to ask.
 */
#include "hosts.h"

#include "file.h"
#include "text.h"

#include <arpa/inet.h>

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What is longer is as if it were not there. */
#define FILE_MAX ((size_t)256 << 20)

/* One name of one line. */
struct entry {
	const char *name; /* in the file's text */
	uint32_t place;	  /* in the file */
	unsigned char address[16];
};

struct list {
	struct entry *at;
	size_t n, room;
};

/* What the file says of one family. */
struct table {
	struct list names; /* by name, then in the order of the file */
	struct list lines; /* the first names, by address, then likewise */
	unsigned char *addresses; /* those of names, one behind the other */
	size_t size;		  /* of an address */
	int family;
};

/* What was read. */
struct content {
	struct evi_text text;
	enum evi_hosts_order order;
	struct table tables[2]; /* IPv4, IPv6 */
};

struct evi_hosts {
	struct content content;
	struct file_stamp file, nsswitch;
	bool is_old;		   /* the files may say other things now */
	bool is_read;		   /* there is content */
	unsigned char written[16]; /* the address that was written out */
};

/* --- names --- */

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

/* Like strcasecmp(), in every locale as in the "C" locale. */
static int
compare(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) - lower(*b);
}

/* Copies a name, without a dot at its end; "" for what is too long. */
static const char *
without_dot(char copy[NI_MAXHOST], const char *name)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len >= NI_MAXHOST)
		len = 0;
	memcpy(copy, name, len);
	copy[len] = '\0';
	return copy;
}

static bool
is_localhost(const char *name)
{
	size_t len = strlen(name), tail = strlen(".localhost");

	return compare(name, "localhost") == 0 ||
	       (len > tail && compare(name + len - tail, ".localhost") == 0);
}

/* The family of an address that is written out, or 0. */
static int
read_written(unsigned char address[16], const char *name)
{
	size_t len = strlen(name);

	if (len > 0 && isdigit((unsigned char)name[len - 1]) &&
	    inet_pton(AF_INET, name, address) == 1)
		return AF_INET;
	if (strchr(name, ':') == NULL)
		return 0;
	return inet_pton(AF_INET6, name, address) == 1 ? AF_INET6 : 0;
}

bool
evi_hosts_is_local(const char *name)
{
	char copy[NI_MAXHOST];
	unsigned char address[16];

	name = without_dot(copy, name);
	return is_localhost(name) || read_written(address, name) != 0;
}

/* --- reading --- */

static int
add(struct list *list, const struct entry *entry)
{
	size_t room = list->room * 2 + 16;
	struct entry *at;

	if (list->n == list->room) {
		at = realloc(list->at, room * sizeof(*at));
		if (at == NULL)
			return -1;
		list->at = at;
		list->room = room;
	}
	list->at[list->n++] = *entry;
	return 0;
}

/* The table an address belongs to, or NULL if it is none; a scope is lost. */
static struct table *
read_address(struct content *c, struct entry *entry, char *word)
{
	memset(entry->address, 0, sizeof(entry->address));
	if (inet_pton(AF_INET, word, entry->address) == 1)
		return &c->tables[0];
	word[strcspn(word, "%")] = '\0';
	if (inet_pton(AF_INET6, word, entry->address) == 1)
		return &c->tables[1];
	return NULL;
}

/* A name of a line, which may be the first one, goes into a family's table. */
static int
add_name(struct table *t, const struct entry *entry, bool is_first)
{
	if (is_first && add(&t->lines, entry) == -1)
		return -1;
	return add(&t->names, entry);
}

/* glibc: ::ffff:192.0.2.1 is 192.0.2.1, too. */
static int
add_mapped(struct content *c, const struct entry *entry, bool is_first)
{
	static const unsigned char prefix[12] = {[10] = 0xff, [11] = 0xff};
	struct entry v4 = {.name = entry->name, .place = entry->place};

	if (memcmp(entry->address, prefix, sizeof(prefix)) != 0)
		return 0;
	memcpy(v4.address, entry->address + sizeof(prefix), 4);
	return add_name(&c->tables[0], &v4, is_first);
}

static int
read_line(struct content *c, char *line, uint32_t *place)
{
	char *rest, *word;
	struct entry entry;
	struct table *t;
	bool is_first = true;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, EVI_BLANKS, &rest);
	t = word != NULL ? read_address(c, &entry, word) : NULL;
	if (t == NULL)
		return 0;
	while ((word = strtok_r(NULL, EVI_BLANKS, &rest)) != NULL) {
		if (word[strlen(word) - 1] == '.')
			word[strlen(word) - 1] = '\0';
		if (*word == '\0')
			continue;
		entry.name = word;
		entry.place = (*place)++;
		if (add_name(t, &entry, is_first) == -1 ||
		    add_mapped(c, &entry, is_first) == -1)
			return -1;
		is_first = false;
	}
	return 0;
}

static int
by_place(const struct entry *a, const struct entry *b)
{
	return a->place < b->place ? -1 : a->place > b->place;
}

static int
by_name(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;
	int order = compare(a->name, b->name);

	return order != 0 ? order : by_place(a, b);
}

static int
by_address(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;
	int order = memcmp(a->address, b->address, sizeof(a->address));

	return order != 0 ? order : by_place(a, b);
}

static int
by_name_and_address(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;
	int order = compare(a->name, b->name);

	return order != 0 ? order : by_address(a, b);
}

static void
sort(struct list *list, int (*order)(const void *, const void *))
{
	if (list->n > 0)
		qsort(list->at, list->n, sizeof(*list->at), order);
}

/* An address counts once for a name. */
static void
drop_repeated(struct list *list)
{
	size_t n = 0;

	sort(list, by_name_and_address);
	for (size_t i = 0; i < list->n; i++) {
		const struct entry *entry = &list->at[i];

		if (n == 0 || compare(list->at[n - 1].name, entry->name) != 0 ||
		    memcmp(list->at[n - 1].address, entry->address,
			sizeof(entry->address)) != 0)
			list->at[n++] = *entry;
	}
	list->n = n;
}

static int
arrange(struct table *t)
{
	drop_repeated(&t->names);
	sort(&t->names, by_name);
	sort(&t->lines, by_address);
	t->addresses = malloc(t->names.n * t->size + 1);
	if (t->addresses == NULL)
		return -1;
	for (size_t i = 0; i < t->names.n; i++)
		memcpy(t->addresses + i * t->size, t->names.at[i].address,
		    t->size);
	return 0;
}

static int
read_text(struct content *c)
{
	uint32_t place = 0;
	char *line;

	while ((line = evi_text_line(&c->text)) != NULL)
		if (read_line(c, line, &place) == -1)
			return -1;
	return arrange(&c->tables[0]) == -1 ? -1 : arrange(&c->tables[1]);
}

static void
free_content(struct content *c)
{
	for (int i = 0; i < 2; i++) {
		free(c->tables[i].names.at);
		free(c->tables[i].lines.at);
		free(c->tables[i].addresses);
	}
	evi_text_free(&c->text);
}

static void
clear(struct content *c)
{
	*c = (struct content){.order = EVI_HOSTS_FIRST};
	c->tables[0].family = AF_INET;
	c->tables[0].size = 4;
	c->tables[1].family = AF_INET6;
	c->tables[1].size = 16;
}

static int
read_content(struct content *c)
{
	enum conf_result result;

	clear(c);
	if (evi_nsswitch_read(&c->order, evi_file_names.nsswitch) == -1)
		return -1;
	if (c->order == EVI_HOSTS_NEVER)
		return 0;
	result = evi_text_read(&c->text, evi_file_names.hosts, FILE_MAX);
	if (result == CONF_OK)
		return read_text(c);
	return evi_text_is_transient(result) ? -1 : 0;
}

/* Sees to it that the content is what the file says. */
static int
load(struct evi_hosts *hosts)
{
	struct content fresh;
	int saved;

	if (!hosts->is_old)
		return 0;
	if (read_content(&fresh) == -1) {
		saved = errno;
		free_content(&fresh);
		errno = saved;
		return hosts->is_read ? 0 : -1;
	}
	free_content(&hosts->content);
	hosts->content = fresh;
	hosts->is_old = false;
	hosts->is_read = true;
	return 0;
}

/* --- life --- */

struct evi_hosts *
evi_hosts_new(void)
{
	struct evi_hosts *hosts = calloc(1, sizeof(*hosts));

	if (hosts == NULL)
		return NULL;
	clear(&hosts->content);
	hosts->is_old = true;
	return hosts;
}

void
evi_hosts_free(struct evi_hosts *hosts)
{
	if (hosts == NULL)
		return;
	free_content(&hosts->content);
	free(hosts);
}

void
evi_hosts_look(struct evi_hosts *hosts)
{
	const struct evi_file_names *names = &evi_file_names;
	time_t now = time(NULL);

	if (evi_file_look(&hosts->file, names->hosts, now) != FILE_IS_SAME)
		hosts->is_old = true;
	if (evi_file_look(&hosts->nsswitch, names->nsswitch, now) !=
	    FILE_IS_SAME)
		hosts->is_old = true;
}

enum evi_hosts_order
evi_hosts_order(struct evi_hosts *hosts)
{
	load(hosts);
	return hosts->content.order;
}

/* --- asking --- */

/* Whether a table knows the name; its entries are count ones from first on. */
static bool
find_name(const struct table *t, const char *name, size_t *first, int *count)
{
	size_t low = 0, high = t->names.n, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(t->names.at[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < t->names.n; end++)
		if (compare(t->names.at[end].name, name) != 0)
			break;
	*first = low;
	*count = (int)(end - low);
	return *count > 0;
}

static bool
find_addresses(const struct evi_hosts *hosts, const char *name, int family,
    const void **addresses, int *count)
{
	const struct table *t = hosts->content.tables;
	bool is_known = false;
	size_t first;
	int n;

	for (int i = 0; i < 2; i++) {
		if (!find_name(&t[i], name, &first, &n))
			continue;
		is_known = true;
		if (t[i].family == family) {
			*addresses = t[i].addresses + first * t[i].size;
			*count = n;
		}
	}
	return is_known;
}

static const void *
loopback(int family)
{
	static const unsigned char v4[4] = {127, 0, 0, 1};

	return family == AF_INET ? (const void *)v4 : &in6addr_loopback;
}

int
evi_hosts_addresses(struct evi_hosts *hosts, const char *name, int family,
    const void **addresses, int *count)
{
	char copy[NI_MAXHOST];
	int written;
	bool is_known;

	name = without_dot(copy, name);
	*addresses = NULL;
	*count = 0;
	written = read_written(hosts->written, name);
	if (written != 0) {
		*addresses = hosts->written;
		*count = written == family;
		return 1;
	}
	if (load(hosts) == -1)
		return -1;
	is_known = find_addresses(hosts, name, family, addresses, count);
	if (*count > 0 || !is_localhost(name))
		return is_known;
	*addresses = loopback(family);
	*count = 1;
	return 1;
}

/* The first one of the lines with that address, or NULL. */
static const char *
find_line(const struct table *t, const void *address)
{
	struct entry entry = {.place = 0};
	size_t low = 0, high = t->lines.n;

	memcpy(entry.address, address, t->size);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_address(&t->lines.at[middle], &entry) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == t->lines.n ||
	    memcmp(t->lines.at[low].address, address, t->size) != 0)
		return NULL;
	return t->lines.at[low].name;
}

int
evi_hosts_name(struct evi_hosts *hosts, int family, const void *address,
    const char **name)
{
	const struct table *t = &hosts->content.tables[family == AF_INET6];

	*name = NULL;
	if (load(hosts) == -1)
		return -1;
	*name = find_line(t, address);
	if (*name == NULL && memcmp(address, loopback(family), t->size) == 0)
		*name = "localhost";
	return *name != NULL;
}
