/* SPDX-License-Identifier: BSD-3-Clause */
/* The address of a nameserver, and its text. */
#ifndef EVI_ADDRESS_H
#define EVI_ADDRESS_H

#include <sys/socket.h>
#include <netinet/in.h>
#include <stdbool.h>

struct address {
	socklen_t len;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
};

/*
 * Reads the text of an address: "192.0.2.1", "192.0.2.1:5353", "2001:db8::1",
 * "[2001:db8::1]", "[2001:db8::1]:5353", "fe80::1%eth0" (also in brackets; the
 * scope is an interface's name or its number).  Without a port it is 53.
 * Returns 0, or -1 if text is not an address; *out is not changed then.
 */
int evi_address_read(struct address *out, const char *text);

/* Same family, address, port and scope. */
bool evi_address_equal(const struct address *one, const struct address *other);

/* Bytes of the text of an address, NUL included; a longer one is none. */
#define EVI_ADDRESS_TEXT 80

/* Writes an address with its port: "192.0.2.1:53", "[2001:db8::1]:53". */
void
evi_address_text(const struct address *address, char text[EVI_ADDRESS_TEXT]);

#endif
