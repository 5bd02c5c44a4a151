/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab_spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct reader {
	struct arena *a;
	struct spec *spec;
	unsigned line;
	unsigned column;
};

static struct nsl_pos here(const struct reader *r)
{
	return (struct nsl_pos){"lab", r->line, r->column};
}

static struct spec_text text(const struct reader *r, const char *s)
{
	return (struct spec_text){arena_strdup(r->a, s), here(r)};
}

static struct spec_address address(const struct reader *r, const char *s)
{
	struct spec_address sa = {.pos = here(r)};

	if (prefix_parse(s, &sa.value)) {
		sa.has_len = true;
	} else if (!ip_parse(s, &sa.value.ip)) {
		fprintf(stderr, "lab_spec: line %u: \"%s\" is no address\n", r->line, s);
		abort();
	}
	return sa;
}

static struct spec_uint number(const struct reader *r, const char *s)
{
	return (struct spec_uint){true, (uint32_t)atoi(s), here(r)};
}

static struct spec_mac mac(const struct reader *r, const char *s)
{
	struct spec_mac m = {.set = true, .pos = here(r)};

	if (!mac_parse(s, &m.value))
		abort();
	return m;
}

/* Splits "NAME@…%…" at its marks: returns the next piece and what introduced it. */
static char *piece(char **rest, char *mark)
{
	char *s = *rest;

	if (!*s)
		return NULL;
	*mark = strchr("@%!^~", *s) ? *s++ : 0;

	size_t len = strcspn(s, "@%!^~");
	char *out = strndup(s, len);

	*rest = s + len;
	return out;
}

static void read_port(struct reader *r, char *word, struct spec_node *n)
{
	struct spec_port *p = vec_push(r->a, &n->ports);
	char mark, *s;

	while ((s = piece(&word, &mark))) {
		switch (mark) {
		case 0:
			p->network = text(r, s);
			break;
		case '@':
			*vec_push(r->a, &p->addresses) = address(r, s);
			break;
		case '%':
			p->interface = text(r, s);
			break;
		case '!':
			p->mac = mac(r, s);
			break;
		case '^':
			p->port = text(r, s);
			break;
		case '~':
			p->mtu = number(r, s);
			break;
		}
		free(s);
	}
}

static void read_end(struct reader *r, char *word, struct spec_endpoint *e)
{
	char mark, *s;

	while ((s = piece(&word, &mark))) {
		switch (mark) {
		case 0:
			e->node = text(r, s);
			break;
		case '@':
			*vec_push(r->a, &e->addresses) = address(r, s);
			break;
		case '%':
			e->interface = text(r, s);
			break;
		case '!':
			e->mac = mac(r, s);
			break;
		}
		free(s);
	}
}

static void read_network(struct reader *r, char *word, struct spec_network *n)
{
	if (!n->name.s)
		n->name = text(r, word);
	else if (streq(word, "gw") || streq(word, "nogw"))
		n->gateway_first = (struct spec_bool){true, *word == 'g', here(r)};
	else if (has_prefix(word, "gw="))
		*vec_push(r->a, &n->gateways) = address(r, word + 3);
	else if (streq(word, "nat"))
		n->nat = (struct spec_bool){true, true, here(r)};
	else if (has_prefix(word, "mtu="))
		n->mtu = number(r, word + 4);
	else if (has_prefix(word, "device="))
		n->device = text(r, word + 7);
	else
		*vec_push(r->a, &n->subnets) = address(r, word);
}

static void read_node(struct reader *r, char *word, struct spec_node *n)
{
	char *comma = strchr(word, ',');

	if (!n->name.s) {
		n->name = text(r, word);
	} else if (streq(word, "router")) {
		n->router = (struct spec_bool){true, true, here(r)};
	} else if (streq(word, "norouting")) {
		n->routing = (struct spec_bool){true, false, here(r)};
	} else if (has_prefix(word, "route=")) {
		struct spec_route *route = vec_push(r->a, &n->routes);

		*comma = '\0';
		route->pos = here(r);
		route->is_default = streq(word + 6, "default");
		if (!route->is_default)
			route->to = address(r, word + 6);
		route->via = address(r, comma + 1);
	} else if (has_prefix(word, "sysctl=")) {
		*comma = '\0';
		*vec_push(r->a, &n->sysctls) = (struct spec_sysctl){text(r, word + 7), text(r, comma + 1)};
	} else {
		read_port(r, word, n);
	}
}

static void read_link(struct reader *r, char *word, struct spec_link *l, unsigned nth)
{
	l->pos = (struct nsl_pos){"lab", r->line, 1};
	if (nth <= 2)
		read_end(r, word, &l->end[nth - 1]);
	else if (streq(word, "ll"))
		l->link_local = true;
	else if (has_prefix(word, "mtu="))
		l->mtu = number(r, word + 4);
	else
		*vec_push(r->a, &l->subnets) = address(r, word);
}

static void read_line(struct reader *r, char *line)
{
	char *save = NULL, *kind = strtok_r(line, " ", &save), *word;
	struct spec *s = r->spec;
	struct spec_network *net = NULL;
	struct spec_node *node = NULL;
	struct spec_link *link = NULL;

	if (!kind || *kind == '#')
		return;
	if (streq(kind, "network"))
		net = vec_push(r->a, &s->networks);
	else if (streq(kind, "node"))
		node = vec_push(r->a, &s->nodes);
	else if (streq(kind, "link"))
		link = vec_push(r->a, &s->links);
	for (unsigned i = 1; (word = strtok_r(NULL, " ", &save)); i++) {
		r->column = (unsigned)(word - line) + 1;
		if (net)
			read_network(r, word, net);
		else if (node)
			read_node(r, word, node);
		else if (link)
			read_link(r, word, link, i);
		else if (streq(word, "norouting"))
			s->routing = (struct spec_bool){true, false, here(r)};
		else
			s->name = text(r, word);
	}
}

struct spec *lab_spec(const char *lines)
{
	struct arena *a = arena_new();
	struct spec *spec = arena_new_of(a, struct spec);
	struct reader r = {.a = a, .spec = spec, .line = 1, .column = 1};

	spec->arena = a;
	spec->source = (struct source){"lab", arena_strdup(a, lines), strlen(lines)};
	spec->name = text(&r, "test");
	spec->name.pos = (struct nsl_pos){0};
	for (; *lines; r.line++) {
		size_t len = strcspn(lines, "\n");
		char *line = strndup(lines, len);

		read_line(&r, line);
		free(line);
		lines += len + (lines[len] == '\n');
	}
	return spec;
}
