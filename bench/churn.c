/* SPDX-License-Identifier: BSD-3-Clause */
/* The clients of the churn cases, and the server's end of their sockets. */
#include "churn.h"

#include "bench.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <unistd.h>

static int listener;
static int count; /* clients at a time */
static int *clients;
static int *free_places, free_count;

/* A listening Unix socket without a name on disk. */
static int
listen_anywhere(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	bench_need(fd >= 0, "socket");
	/* With nothing but the family, the kernel invents an abstract name. */
	bench_need(bind(fd, (struct sockaddr *)&sun, sizeof(sa_family_t)) == 0,
	    "bind");
	bench_need(listen(fd, 1024) == 0, "listen");
	return fd;
}

int
churn_open(int n)
{
	count = n;
	clients = bench_alloc((size_t)n, sizeof(int));
	free_places = bench_alloc((size_t)n, sizeof(int));
	for (int i = 0; i < n; i++)
		free_places[free_count++] = i;
	listener = listen_anywhere();
	return listener;
}

int
churn_accept(int *place)
{
	int fd = accept(listener, NULL, NULL);

	bench_need(fd >= 0 && free_count > 0, "accept");
	*place = free_places[--free_count];
	return fd;
}

int
churn_read(int fd)
{
	char question;
	ssize_t n = recv(fd, &question, 1, 0);

	bench_need(n >= 0, "recv");
	return (int)n;
}

void
churn_reply(int fd)
{
	bench_need(send(fd, "a", 1, 0) == 1, "send");
}

void
churn_close(int fd, int place)
{
	close(fd);
	free_places[free_count++] = place;
}

/*
 * All clients connect, send a byte each and end their half of the connection:
 * the server sees what a closing TCP client shows it, an end of file.
 */
static void
connect_clients(void)
{
	struct sockaddr_un sun;
	socklen_t len = sizeof(sun);

	getsockname(listener, (struct sockaddr *)&sun, &len);
	for (int i = 0; i < count; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		bench_need(fd >= 0, "socket");
		bench_need(connect(fd, (struct sockaddr *)&sun, len) == 0,
		    "connect");
		bench_need(send(fd, "q", 1, 0) == 1, "send");
		shutdown(fd, SHUT_WR);
		clients[i] = fd;
	}
}

static void
close_clients(void)
{
	for (int i = 0; i < count; i++)
		close(clients[i]);
}

long
churn_run(long events, long (*dispatch)(long))
{
	long total;

	for (total = 0; total < events; total += count) {
		bench_unmeasured(connect_clients);
		dispatch(count);
		bench_unmeasured(close_clients);
	}
	return total;
}
