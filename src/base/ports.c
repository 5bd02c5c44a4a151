/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges of ports. See ports.h. */
#include "ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

int port_range_cmp(const struct port_range *a, const struct port_range *b)
{
	int c = ip_cmp(&a->host, &b->host);

	if (c)
		return c;
	if (a->udp != b->udp)
		return a->udp ? 1 : -1;
	return (a->first > b->first) - (a->first < b->first);
}

static int by_range(const void *a, const void *b)
{
	return port_range_cmp(a, b);
}

static bool same_place(const struct port_range *a, const struct port_range *b)
{
	return a->udp == b->udp && ip_equal(&a->host, &b->host);
}

size_t ports_tidy(struct port_range *r, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(r, n, sizeof(*r), by_range);
	for (size_t i = 0; i < n; i++) {
		struct port_range *last = kept ? &r[kept - 1] : NULL;

		if (!last || !same_place(last, &r[i]) || r[i].first > last->last + 1)
			r[kept++] = r[i];
		else if (r[i].last > last->last)
			last->last = r[i].last;
	}
	return kept;
}

bool ports_same(const struct port_range *a, size_t n, const struct port_range *b, size_t m)
{
	for (size_t i = 0; n == m && i < n; i++)
		if (port_range_cmp(&a[i], &b[i]) || a[i].last != b[i].last)
			return false;
	return n == m;
}

bool ports_have(const struct port_range *r, size_t n, const struct ip *host, bool udp, uint16_t port)
{
	for (size_t i = 0; i < n; i++)
		if (r[i].udp == udp && port >= r[i].first && port <= r[i].last && ip_equal(&r[i].host, host))
			return true;
	return false;
}

const char *port_range_text(const struct port_range *r, char buf[PORT_RANGE_TEXT_MAX])
{
	if (r->first == r->last)
		snprintf(buf, PORT_RANGE_TEXT_MAX, "%u", r->first);
	else
		snprintf(buf, PORT_RANGE_TEXT_MAX, "%u-%u", r->first, r->last);
	return buf;
}

bool port_range_parse(const char *text, struct port_range *out)
{
	const char *dash = strchr(text, '-');
	unsigned long long first, last;
	char word[PORT_RANGE_TEXT_MAX];
	size_t len = dash ? (size_t)(dash - text) : strlen(text);

	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	if (!parse_u64(word, UINT16_MAX, &first))
		return false;
	last = first;
	if (dash && !parse_u64(dash + 1, UINT16_MAX, &last))
		return false;
	if (last < first)
		return false;
	out->first = (uint16_t)first;
	out->last = (uint16_t)last;
	return true;
}
