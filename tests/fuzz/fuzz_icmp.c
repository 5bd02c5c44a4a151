/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what comes in on a raw socket: any bytes give a message or none, and a reason for a person. */
#include "fuzz.h"

#include <stdlib.h>

#include "icmp.h"

static void check(enum ip_family family, bool read, const struct icmp_message *m)
{
	if (read != (m->kind != ICMP_OTHER) || m->kind >= ICMP_KIND_COUNT)
		abort();
	if (m->kind == ICMP_ANSWER && !m->keyed)
		abort();
	if (m->kind == ICMP_FAILURE && (!m->quoted_to.set || m->quoted_to.family != family))
		abort();
	if (!*icmp_reason(family, m->type, m->code))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct icmp_message m;
	bool read;

	read = icmp4_read(data, len, &m);
	check(IP4, read, &m);
	read = icmp6_read(data, len, &m);
	check(IP6, read, &m);
	return 0;
}
