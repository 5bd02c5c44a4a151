/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sockets of the host wait for somebody: /proc/net/tcp and its like, see proc_net_tcp in the kernel's documentation. */
#include "listeners.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"

enum { STATE_CLOSE = 7, STATE_LISTEN = 10 }; /* TCP_CLOSE: a datagram socket without a peer */

static const struct {
	const char *path;
	bool udp;
	enum ip_family family;
} tables[] = {
	{"/proc/thread-self/net/tcp", false, IP4},
	{"/proc/thread-self/net/tcp6", false, IP6},
	{"/proc/thread-self/net/udp", true, IP4},
	{"/proc/thread-self/net/udp6", true, IP6},
};

/* Words of 32 bits in the machine's order, as hexadecimal numbers. */
static bool read_address(const char *hex, enum ip_family f, struct ip *out)
{
	*out = (struct ip){.set = true, .family = (uint8_t)f};
	if (strlen(hex) != 2 * ip_bytes(f))
		return false;
	for (size_t i = 0; i < ip_bytes(f); i += 4) {
		char word[9] = {0};
		uint32_t value;

		memcpy(word, hex + 2 * i, 8);
		value = (uint32_t)strtoul(word, NULL, 16);
		memcpy(out->b + i, &value, sizeof(value));
	}
	return true;
}

static bool is_asked(const struct rules *r, const struct listener *l)
{
	for (size_t i = 0; i < r->published.n; i++) {
		const struct publish *p = r->published.items[i].publish;

		if (p->udp == l->udp && l->port >= p->port && l->port - p->port < p->count)
			return true;
	}
	return false;
}

/* Fills found with those of a table; more than fit are not needed: one is enough for a warning. */
static size_t read_table(size_t t, const struct rules *r, const struct kernel_machine *machine, struct listener *found,
                         size_t max)
{
	int fd = machine ? machine->open(machine->data, tables[t].path) : open(tables[t].path, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[512], address[33];
	unsigned port, state;
	size_t n = 0;

	while (file && n < max && fgets(line, sizeof(line), file)) {
		struct listener l = {.udp = tables[t].udp};

		if (sscanf(line, " %*u: %32[0-9A-Fa-f]:%4x %*[0-9A-Fa-f]:%*x %2x", address, &port, &state) != 3 ||
		    state != (l.udp ? STATE_CLOSE : STATE_LISTEN) || !read_address(address, tables[t].family, &l.ip))
			continue;
		l.port = (uint16_t)port;
		if (is_asked(r, &l))
			found[n++] = l;
	}
	if (file)
		fclose(file);
	return n;
}

void listeners_observe(struct arena *a, const struct rules *wanted, const struct kernel_machine *machine,
                       listeners *out)
{
	struct listener found[256];

	for (size_t t = 0; wanted->published.n && t < ARRAY_SIZE(tables); t++) {
		size_t n = read_table(t, wanted, machine, found, ARRAY_SIZE(found));

		for (size_t i = 0; i < n; i++)
			*vec_push(a, out) = found[i];
	}
}
