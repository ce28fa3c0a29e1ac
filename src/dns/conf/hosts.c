/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hosts file, hosts(5).
 *
 * 1. The first lookup reads all of it, and nsswitch.conf, which may say that it
 *    is not to be read.  So does the first lookup after a change.
 * 2. Each name of each line is an entry.  They are sorted twice, so that a
 *    lookup in a long file is fast: all by family and name, and the first names
 *    of lines by family and address.
 * 3. localhost and numeric addresses are known without the file.
 */
#include "hosts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "text.h"

#define FILE_MAX ((size_t)256 << 20) /* bytes; a longer file is ignored */

/* One name of one line. */
struct entry {
	const char *name; /* in the file's text */
	int family;
	uint32_t place; /* among the names of the file, from 0 */
	unsigned char address[16];
};

struct list {
	struct entry *entries;
	size_t n, room;
};

/* What was read. */
struct content {
	struct text_file text;
	enum hosts_order order;
	struct list names; /* in the order of family, name and place */
	struct list lines; /* first names of lines: family, address, place */
};

struct hosts {
	struct content content;
	struct file_stamp file, nsswitch;
	bool is_old;  /* the files may say other things now */
	bool is_read; /* there is content */
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

/* A name without a dot at its end, copied for that; "" for what is too long. */
static const char *
without_dot(char copy[NI_MAXHOST], const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || name[len - 1] != '.')
		return len < NI_MAXHOST ? name : "";
	len = len <= NI_MAXHOST ? len - 1 : 0;
	memcpy(copy, name, len);
	copy[len] = '\0';
	return copy;
}

static bool
is_localhost(const char *name)
{
	size_t len = strlen(name), tail = strlen("localhost");

	return len >= tail && compare(name + len - tail, "localhost") == 0 &&
	       (len == tail || (len > tail + 1 && name[len - tail - 1] == '.'));
}

/* The family of a numeric address, or 0. */
static int
read_numeric(unsigned char address[16], const char *name)
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
	return is_localhost(name) || read_numeric(address, name) != 0;
}

/* --- reading --- */

static int
add(struct list *list, const struct entry *entry)
{
	size_t room = list->room * 2 + 16;
	struct entry *entries;

	if (list->n == list->room) {
		entries = realloc(list->entries, room * sizeof(*entries));
		if (entries == NULL)
			return -1;
		list->entries = entries;
		list->room = room;
	}
	list->entries[list->n++] = *entry;
	return 0;
}

/* The family of an address, or 0; a scope is lost. */
static int
read_address(unsigned char address[16], char *word)
{
	memset(address, 0, 16);
	if (inet_pton(AF_INET, word, address) == 1)
		return AF_INET;
	word[strcspn(word, "%")] = '\0';
	return inet_pton(AF_INET6, word, address) == 1 ? AF_INET6 : 0;
}

/* Adds a name of a line, which may be the first one. */
static int
add_name(struct content *c, const struct entry *entry, bool is_first)
{
	if (is_first && add(&c->lines, entry) == -1)
		return -1;
	return add(&c->names, entry);
}

/* glibc: ::ffff:192.0.2.1 is 192.0.2.1, too. */
static int
add_mapped(struct content *c, const struct entry *entry, bool is_first)
{
	static const unsigned char prefix[12] = {[10] = 0xff, [11] = 0xff};
	struct entry v4 = {entry->name, AF_INET, entry->place, {0}};

	if (entry->family != AF_INET6 ||
	    memcmp(entry->address, prefix, sizeof(prefix)) != 0)
		return 0;
	memcpy(v4.address, entry->address + sizeof(prefix), 4);
	return add_name(c, &v4, is_first);
}

static int
read_line(struct content *c, char *line, uint32_t *place)
{
	char *rest, *word;
	struct entry entry;
	bool is_first = true;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, EVI_BLANKS, &rest);
	if (word == NULL)
		return 0;
	entry.family = read_address(entry.address, word);
	if (entry.family == 0)
		return 0;
	while ((word = strtok_r(NULL, EVI_BLANKS, &rest)) != NULL) {
		if (word[strlen(word) - 1] == '.')
			word[strlen(word) - 1] = '\0';
		if (*word == '\0')
			continue;
		entry.name = word;
		entry.place = (*place)++;
		if (add_name(c, &entry, is_first) == -1 ||
		    add_mapped(c, &entry, is_first) == -1)
			return -1;
		is_first = false;
	}
	return 0;
}

/* Orders entries by family, and by name, by address, or by both. */
static int
order_of(const struct entry *a, const struct entry *b, bool name, bool address)
{
	int order = a->family - b->family;

	if (order == 0 && name)
		order = compare(a->name, b->name);
	if (order == 0 && address)
		order = memcmp(a->address, b->address, sizeof(a->address));
	return order;
}

static int
by_place(const struct entry *a, const struct entry *b, int order)
{
	return order != 0 ? order
			  : (a->place > b->place) - (a->place < b->place);
}

static int
by_name(const void *a, const void *b)
{
	return by_place(a, b, order_of(a, b, true, false));
}

static int
by_address(const void *a, const void *b)
{
	return by_place(a, b, order_of(a, b, false, true));
}

static int
by_name_and_address(const void *a, const void *b)
{
	return by_place(a, b, order_of(a, b, true, true));
}

static void
sort(struct list *list, int (*order)(const void *, const void *))
{
	if (list->n > 0)
		qsort(list->entries, list->n, sizeof(*list->entries), order);
}

/* Drops repeated addresses of a name. */
static void
drop_repeated(struct list *list)
{
	size_t n = 0;

	sort(list, by_name_and_address);
	for (size_t i = 0; i < list->n; i++)
		if (n == 0 || order_of(&list->entries[n - 1], &list->entries[i],
				  true, true) != 0)
			list->entries[n++] = list->entries[i];
	list->n = n;
}

static int
read_text(struct content *c)
{
	uint32_t place = 0;
	char *line;

	while ((line = evi_text_line(&c->text)) != NULL)
		if (read_line(c, line, &place) == -1)
			return -1;
	drop_repeated(&c->names);
	sort(&c->names, by_name);
	sort(&c->lines, by_address);
	return 0;
}

static void
free_content(struct content *c)
{
	free(c->names.entries);
	free(c->lines.entries);
	evi_text_free(&c->text);
}

static int
read_content(struct content *c)
{
	enum conf_result result;

	*c = (struct content){.order = EVI_HOSTS_FIRST};
	if (evi_nsswitch_read(&c->order, evi_file_names.nsswitch) == -1)
		return -1;
	if (c->order == EVI_HOSTS_NEVER)
		return 0;
	result = evi_text_read(&c->text, evi_file_names.hosts, FILE_MAX);
	if (result == CONF_OK)
		return read_text(c);
	return evi_text_is_transient(result) ? -1 : 0;
}

/*
 * Reads the files, if they may have changed.  0, also if that fails and there
 * is older content; otherwise -1, errno set.
 */
static int
load(struct hosts *hosts)
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

/* --- struct hosts --- */

struct hosts *
evi_hosts_new(void)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));

	if (hosts != NULL)
		hosts->is_old = true;
	return hosts;
}

void
evi_hosts_free(struct hosts *hosts)
{
	if (hosts == NULL)
		return;
	free_content(&hosts->content);
	free(hosts);
}

void
evi_hosts_check_files(struct hosts *hosts)
{
	const struct file_names *names = &evi_file_names;
	time_t now = time(NULL);

	if (evi_file_check(&hosts->file, names->hosts, now) != FILE_IS_SAME)
		hosts->is_old = true;
	if (evi_file_check(&hosts->nsswitch, names->nsswitch, now) !=
	    FILE_IS_SAME)
		hosts->is_old = true;
}

enum hosts_order
evi_hosts_order(struct hosts *hosts)
{
	load(hosts);
	return hosts->content.order;
}

/* --- asking --- */

/* The number of the first entry of a list that is not before entry. */
static size_t
find(const struct list *list, const struct entry *entry,
    int (*order)(const void *, const void *))
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order(&list->entries[middle], entry) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Finds the entries of a name in a family.  Returns how many there are. */
static int
find_name(const struct content *c, const char *name, int family,
    const struct entry **entries)
{
	struct entry entry = {.name = name, .family = family};
	size_t first = find(&c->names, &entry, by_name), end = first;

	while (end < c->names.n &&
	       order_of(&c->names.entries[end], &entry, true, false) == 0)
		end++;
	*entries = end > first ? &c->names.entries[first] : NULL;
	return (int)(end - first);
}

/* Copies the addresses of n entries.  Returns 1, or -1 without memory. */
static int
copy_addresses(const struct entry *entries, int n, void **addresses)
{
	size_t size = entries->family == AF_INET ? 4 : 16;
	char *copy = malloc(size * (size_t)n);

	for (int i = 0; copy != NULL && i < n; i++)
		memcpy(copy + size * (size_t)i, entries[i].address, size);
	*addresses = copy;
	return copy != NULL ? 1 : -1;
}

static const void *
loopback(int family)
{
	static const unsigned char v4[4] = {127, 0, 0, 1};

	return family == AF_INET ? (const void *)v4 : &in6addr_loopback;
}

int
evi_hosts_addresses(struct hosts *hosts, const char *name, int family,
    void **addresses, int *count)
{
	char copy[NI_MAXHOST];
	const struct entry *found;
	struct entry own = {.family = family};
	int numeric_family;

	name = without_dot(copy, name);
	*addresses = NULL;
	numeric_family = read_numeric(own.address, name);
	*count = numeric_family == family;
	if (numeric_family != 0)
		return *count > 0 ? copy_addresses(&own, 1, addresses) : 1;
	if (load(hosts) == -1)
		return -1;
	*count = find_name(&hosts->content, name, family, &found);
	if (*count > 0)
		return copy_addresses(found, *count, addresses);
	if (!is_localhost(name))
		return find_name(&hosts->content, name,
			   family == AF_INET ? AF_INET6 : AF_INET, &found) > 0;
	memcpy(own.address, loopback(family), family == AF_INET ? 4 : 16);
	*count = 1;
	return copy_addresses(&own, 1, addresses);
}

int
evi_hosts_name(struct hosts *hosts, int family, const void *address,
    const char **name)
{
	const struct list *lines = &hosts->content.lines;
	size_t size = family == AF_INET ? 4 : 16, at;
	struct entry entry = {.family = family};

	*name = NULL;
	if (load(hosts) == -1)
		return -1;
	memcpy(entry.address, address, size);
	at = find(lines, &entry, by_address);
	if (at < lines->n &&
	    order_of(&lines->entries[at], &entry, false, true) == 0)
		*name = lines->entries[at].name;
	else if (memcmp(address, loopback(family), size) == 0)
		*name = "localhost";
	return *name != NULL;
}
