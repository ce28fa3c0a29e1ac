/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads and writes the addresses of nameservers. */
#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DNS_PORT 53

/* Reads a text of digits alone.  -1 if it is not, or is more than max. */
static int64_t
read_number(const char *text, int64_t max)
{
	char *end;
	int64_t n;

	if (*text < '0' || *text > '9')
		return -1;
	n = strtoll(text, &end, 10);
	return *end == '\0' && n <= max ? n : -1;
}

/*
 * Reads what follows an address: nothing, or a colon and the port.  Returns the
 * port in network order; 0 if it is neither.
 */
static in_port_t
read_port(const char *text)
{
	int64_t port;

	/* 1.4: a colon alone, or port 0, is port 53. */
	if (strcmp(text, "") == 0 || strcmp(text, ":") == 0)
		return htons(DNS_PORT);
	if (*text != ':')
		return 0;
	port = read_number(text + 1, UINT16_MAX);
	if (port == 0)
		return htons(DNS_PORT);
	return port > 0 ? htons((in_port_t)port) : 0;
}

/*
 * Like all of libc, also takes the forms with fewer than three dots.  1.4, by
 * glibc: what follows white space is ignored; musl refuses it.
 */
static int
read_v4(struct address *out, char *text)
{
	char *colon = text + strcspn(text, ":");
	struct sockaddr_in in = {.sin_family = AF_INET};

	in.sin_port = read_port(colon);
	*colon = '\0';
	text[strcspn(text, " \t\n\v\f\r")] = '\0';
	if (in.sin_port == 0 || inet_aton(text, &in.sin_addr) == 0)
		return -1;
	*out = (struct address){sizeof(in), {.in = in}};
	return 0;
}

/* A scope: the name of an interface, or a number. */
static int
read_scope(const char *text, uint32_t *scope)
{
	int64_t n = read_number(text, UINT32_MAX);

	*scope = n >= 0 ? (uint32_t)n : if_nametoindex(text);
	return n >= 0 || *scope != 0 ? 0 : -1;
}

static int
read_v6(struct address *out, char *text, in_port_t port)
{
	char *percent = strchr(text, '%');
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = port};

	if (percent != NULL) {
		*percent = '\0';
		if (read_scope(percent + 1, &in6.sin6_scope_id) == -1)
			return -1;
	}
	if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1)
		return -1;
	*out = (struct address){sizeof(in6), {.in6 = in6}};
	return 0;
}

static int
read_bracketed(struct address *out, char *text)
{
	char *bracket = strchr(text, ']');
	in_port_t port;

	if (bracket == NULL)
		return -1;
	port = read_port(bracket + 1);
	*bracket = '\0';
	return port != 0 ? read_v6(out, text + 1, port) : -1;
}

/* A text with two colons is an IPv6 address; its port needs brackets. */
int
evi_address_read(struct address *out, const char *text)
{
	char copy[EVI_ADDRESS_TEXT];
	const char *colon = strchr(text, ':');

	if (strlen(text) >= sizeof(copy))
		return -1;
	strcpy(copy, text);
	if (*copy == '[')
		return read_bracketed(out, copy);
	if (colon != NULL && strchr(colon + 1, ':') != NULL)
		return read_v6(out, copy, htons(DNS_PORT));
	return read_v4(out, copy);
}

bool
evi_address_equal(const struct address *one, const struct address *other)
{
	const struct sockaddr_in6 *a = &one->in6, *b = &other->in6;

	if (one->sa.sa_family != other->sa.sa_family)
		return false;
	if (one->sa.sa_family == AF_INET)
		return one->in.sin_port == other->in.sin_port &&
		       one->in.sin_addr.s_addr == other->in.sin_addr.s_addr;
	return a->sin6_port == b->sin6_port &&
	       a->sin6_scope_id == b->sin6_scope_id &&
	       memcmp(&a->sin6_addr, &b->sin6_addr, sizeof(a->sin6_addr)) == 0;
}

void
evi_address_text(const struct address *address, char text[EVI_ADDRESS_TEXT])
{
	char host[INET6_ADDRSTRLEN], scope[sizeof("%4294967295")] = "";
	const struct sockaddr_in6 *in6 = &address->in6;

	if (address->sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->in.sin_addr, host, sizeof(host));
		snprintf(text, EVI_ADDRESS_TEXT, "%s:%u", host,
		    (unsigned int)ntohs(address->in.sin_port));
		return;
	}
	inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
	if (in6->sin6_scope_id != 0)
		snprintf(scope, sizeof(scope), "%%%u", in6->sin6_scope_id);
	snprintf(text, EVI_ADDRESS_TEXT, "[%s%s]:%u", host, scope,
	    (unsigned int)ntohs(in6->sin6_port));
}
