/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading links: cables between two endpoints, in the short form and in the long one. */
#include "keys.h"

#include <string.h>

#include "text.h"
#include "utf8.h"

/* NODE or NODE:INTERFACE. */
static void read_endpoint(struct reader *r, const struct key *k, const struct value *v, struct spec_endpoint *e)
{
	const char *colon = v->kind == VALUE_SCALAR ? strchr(v->text, ':') : NULL;

	if (v->kind != VALUE_SCALAR || !*v->text || colon == v->text || (colon && !colon[1])) {
		fault_type(r, k, v);
		return;
	}
	e->node = key_text(r, v);
	if (!colon)
		return;
	e->node.s = arena_strndup(r->arena, v->text, (size_t)(colon - v->text));
	e->interface = (struct spec_text){.s = colon + 1, .pos = e->node.pos};
	e->interface.pos.column += (unsigned)utf8_cells(v->text, (size_t)(colon + 1 - v->text)) + v->quoted;
}

/* The items of a list of two, or a complaint. */
static bool is_pair(struct reader *r, const struct key *k, const struct value *v, const struct value *pair[2])
{
	if (v->kind != VALUE_LIST) {
		fault_type(r, k, v);
		return false;
	}
	if (v->n != 2) {
		fault_value(r, v, "\"%s\" takes %s, not a list of %zu", k->name, k->expects, v->n);
		return false;
	}
	pair[0] = v->first;
	pair[1] = v->first->next;
	return true;
}

void read_endpoints(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_link *l = field;
	struct key item = {.name = k->name, .expects = "NODE or NODE:INTERFACE for each endpoint"};
	const struct value *pair[2];

	if (!is_pair(r, k, v, pair))
		return;
	for (int i = 0; i < 2; i++)
		read_endpoint(r, &item, pair[i], &l->end[i]);
}

void read_link_addresses(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_link *l = field;
	struct key item = {
		.name = k->name, .expects = "an address with its prefix length, such as 10.0.0.1/24", .form = k->form};
	const struct value *pair[2];

	if (!is_pair(r, k, v, pair))
		return;
	for (int i = 0; i < 2; i++) {
		if (pair[i]->kind != VALUE_NULL)
			read_addresses(r, &item, pair[i], &l->end[i].addresses);
	}
}

void read_link_macs(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_link *l = field;
	struct key item = {.name = k->name, .expects = "a MAC such as 02:00:00:00:00:01 for each endpoint"};
	const struct value *pair[2];

	if (!is_pair(r, k, v, pair))
		return;
	for (int i = 0; i < 2; i++) {
		if (pair[i]->kind != VALUE_NULL)
			read_mac(r, &item, pair[i], &l->end[i].mac);
	}
}

void read_link_local(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_link *l = field;
	struct spec_bool asked = {0};

	read_choice(r, k, v, &asked);
	l->link_local = asked.value;
}

/* What the keys of a link have to do with each other. */
static void check_link(struct reader *r, const struct value *item, struct spec_link *l)
{
	const struct value *addresses = map_key(item, "addresses"), *subnet = map_key(item, "subnet");

	/* An unknown key may have been taken for it. */
	if (!map_key(item, "endpoints") && !l->end[0].node.s) {
		fault_value(r, item, "a link needs \"endpoints\"");
		fault_hint(r->faults, "write endpoints: [NODE, NODE]");
	}
	if (addresses && subnet) {
		l->subnets.n = 0;
		fault_value(r,
		            addresses->line > subnet->line ||
		                            (addresses->line == subnet->line && addresses->column > subnet->column)
		                    ? addresses
		                    : subnet,
		            "\"subnet\" and \"addresses\" of one link: give one of them");
		fault_hint(r->faults, "\"subnet\" lets nsloom choose (.1 and .2), \"addresses\" says which");
	}
}

void read_links(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	const struct key *endpoints = find_key(&link_keyset, "endpoints");
	struct spec *spec = field;

	if (v->kind != VALUE_LIST && v->kind != VALUE_NULL) {
		fault_type(r, k, v);
		return;
	}
	reserve(r->arena, &spec->links, v->n);
	for (const struct value *item = v->first; item; item = item->next) {
		struct spec_link l = {.pos = reader_pos(r, item)};

		if (item->kind == VALUE_MAP) {
			read_keys(r, &link_keyset, item, &l);
			check_link(r, item, &l);
		} else if (item->kind == VALUE_LIST) {
			read_endpoints(r, endpoints, item, &l);
		} else {
			fault_item(r, k, "[ENDPOINT, ENDPOINT] or {endpoints: [ENDPOINT, ENDPOINT], …}", item);
		}
		if (l.end[0].node.s && l.end[1].node.s)
			*vec_push(r->arena, &spec->links) = l;
		else
			r->gaps++;
	}
}
