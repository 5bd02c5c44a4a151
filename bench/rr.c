/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests and responses of one byte over one TCP connection, one after the other: what a round trip costs.
 *
 * usage: rr serve PORT             answers one client, then ends
 *        rr call ADDRESS PORT SECONDS   prints how many round trips a second there were
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "rr: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void no_delay(int fd)
{
	int one = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
		fail("TCP_NODELAY");
}

static int serve(const char *port)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *at;
	int one = 1, listener, fd;
	char c;

	if (getaddrinfo(NULL, port, &hints, &at) != 0)
		fail(port);
	listener = socket(at->ai_family, SOCK_STREAM, 0);
	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(listener, at->ai_addr, at->ai_addrlen) < 0 || listen(listener, 1) < 0)
		fail("listen");
	freeaddrinfo(at);
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		fail("accept");
	no_delay(fd);
	while (read(fd, &c, 1) == 1)
		if (write(fd, &c, 1) != 1)
			fail("write");
	return 0;
}

/* The server may not listen yet. */
static int reach(const struct addrinfo *at)
{
	double until = now() + 5;

	for (;;) {
		int fd = socket(at->ai_family, SOCK_STREAM, 0);

		if (fd < 0)
			fail("socket");
		if (connect(fd, at->ai_addr, at->ai_addrlen) == 0)
			return fd;
		if (now() > until)
			fail("connect");
		close(fd);
		usleep(10000);
	}
}

static int call(const char *address, const char *port, double seconds)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *at;
	double start, end;
	long n = 0;
	char c = 0;
	int fd;

	if (getaddrinfo(address, port, &hints, &at) != 0)
		fail(address);
	fd = reach(at);
	freeaddrinfo(at);
	no_delay(fd);
	start = end = now();
	for (; end < start + seconds; end = now(), n++)
		if (write(fd, &c, 1) != 1 || read(fd, &c, 1) != 1)
			fail("round trip");
	printf("%.0f\n", (double)n / (end - start));
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2]);
	if (argc == 5 && strcmp(argv[1], "call") == 0)
		return call(argv[2], argv[3], atof(argv[4]));
	fprintf(stderr, "usage: rr serve PORT | rr call ADDRESS PORT SECONDS\n");
	return 2;
}
