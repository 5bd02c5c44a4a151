/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing nodes and links down. See sketch.h. */
#include "sketch.h"

#include <stdarg.h>
#include <stdio.h>

struct node_name node_name(const char *fmt, ...)
{
	struct node_name name;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name.s, sizeof(name.s), fmt, ap);
	va_end(ap);
	return name;
}

void sketch_node(struct sketch *s, enum role role, const char *fmt, ...)
{
	va_list ap;

	s->full |= ++s->n_nodes > SKETCH_MAX_NODES;
	if (s->full)
		return;
	va_start(ap, fmt);
	strbuf_adds(&s->nodes, "  ");
	strbuf_vprintf(&s->nodes, fmt, ap);
	va_end(ap);
	strbuf_adds(&s->nodes, role == ROUTER ? ": {router: true}\n" : ": {}\n");
}

void sketch_link(struct sketch *s, const char *a, const char *b)
{
	struct ip_prefix subnet = {.len = 31};
	struct ip last;
	char text[PREFIX_TEXT_MAX];

	s->full |= !prefix_nth(&s->request->subnet, s->next + 1, &last);
	if (s->full)
		return;
	prefix_nth(&s->request->subnet, s->next, &subnet.ip);
	s->next += 2;
	strbuf_printf(&s->links, "  - {endpoints: [%s, %s], subnet: %s}\n", a, b, prefix_text(&subnet, text));
}

/* The smallest subnet for n nodes, a gateway, and the two addresses that are nobody's. */
static uint8_t prefix_len_for(unsigned n)
{
	uint8_t len = 30;

	while (len > 8 && (1ULL << (32 - len)) < (unsigned long long)n + 3)
		len--;
	return len;
}

void sketch_switch(struct sketch *s, const char *network, const char *prefix, unsigned n)
{
	struct ip_prefix subnet = {.ip = s->request->subnet.ip, .len = prefix_len_for(n)};
	char text[PREFIX_TEXT_MAX];

	s->full = subnet.len < s->request->subnet.len;
	strbuf_printf(&s->networks, "  %s: {subnet: %s%s}\n", network, prefix_text(&subnet, text),
	              s->request->nat ? ", gateway: true, nat: true" : "");
	for (unsigned i = 1; i <= n; i++)
		strbuf_printf(&s->nodes, "  %s%u: {networks: [%s]}\n", prefix, i, network);
}
