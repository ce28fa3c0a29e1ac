/* SPDX-License-Identifier: BSD-3-Clause */
/* What the three programs `shout` have in common; see shout.h. */
#include "shout.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

struct tally tally;

int
shout_seconds(int argc, char **argv)
{
	int seconds = argc == 2 ? atoi(argv[1]) : 0;

	if (seconds < 1)
		errx(2, "usage: %s SECONDS", argv[0]);
	return seconds;
}

int
shout_listen(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    listen(fd, 128) == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "socket");
	printf("port %d\n", ntohs(sin.sin_port));
	fflush(stdout);
	return fd;
}

void
shout_raise(unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)toupper(bytes[i]);
	tally.bytes += len;
}

void
shout_print_tally(void)
{
	printf("%u clients, %u of them silent, %lu bytes\n", tally.clients,
	    tally.silent, tally.bytes);
}
