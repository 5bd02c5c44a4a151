/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States as a container: spaces by name, devices by name. */
#include "state.h"

#include <string.h>

#include "text.h"

/* From this many devices on a space keeps a map of them. */
enum { MAP_FROM = 24 };

/* A part of the fabric with a higher number is none of ours: 2^16 of them have room for more ports than a host. */
enum { PART_MAX = 1 << 16 };

static struct space *add_space(struct state *s, enum space_kind kind, const char *name)
{
	struct space *sp = vec_push(s->arena, &s->spaces);

	*sp = (struct space){.kind = kind, .name = name};
	map_puts(s->names, name, (void *)s->spaces.n);
	return sp;
}

struct state *state_new(struct arena *a, const char *lab)
{
	struct state *s = arena_new_of(a, struct state);

	s->arena = a;
	s->lab = lab;
	s->names = map_new(a);
	*vec_push(a, &s->spaces) = (struct space){.kind = SPACE_HOST, .name = "host", .present = true};
	add_space(s, SPACE_FABRIC, FABRIC_NAME);
	s->first_node = s->spaces.n;
	return s;
}

const char *state_part_name(struct arena *a, uint32_t part)
{
	return part ? arena_printf(a, FABRIC_NAME "+%u", part) : FABRIC_NAME;
}

struct space *state_add_part(struct state *s, uint32_t part)
{
	struct space *sp = add_space(s, SPACE_FABRIC, state_part_name(s->arena, part));

	sp->part = part;
	s->first_node = s->spaces.n;
	return sp;
}

bool state_part_parse(const char *name, uint32_t *part)
{
	size_t len = strlen(FABRIC_NAME);
	unsigned long long n = 0;

	if (!has_prefix(name, FABRIC_NAME) ||
	    (name[len] && (name[len] != '+' || name[len + 1] == '0' || !parse_u64(name + len + 1, PART_MAX, &n))))
		return false;
	*part = (uint32_t)n;
	return true;
}

struct space *state_add_node(struct state *s, const char *name)
{
	return add_space(s, SPACE_NODE, name);
}

struct space *state_space(const struct state *s, enum space_kind kind, const char *name)
{
	size_t i;

	if (kind == SPACE_HOST)
		return &s->spaces.items[HOST_SPACE];
	i = (size_t)map_gets(s->names, name);
	return i ? &s->spaces.items[i - 1] : NULL;
}

static bool is_of_lab(const struct device *d, const char *lab)
{
	size_t len = strlen(lab);

	return d->owner == OWNER_OTHER_LAB && d->alias && has_prefix(d->alias, MARK_ALIAS) &&
	       strncmp(d->alias + strlen(MARK_ALIAS), lab, len) == 0 && d->alias[strlen(MARK_ALIAS) + len] == '/';
}

static void drop_published(published_ports *all, const char *lab)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		if (!streq(all->items[i].lab, lab))
			all->items[n++] = all->items[i];
	all->n = n;
}

void state_without_lab(struct state *s, const char *lab)
{
	struct space *host = &s->spaces.items[HOST_SPACE];
	size_t n = 0;

	for (size_t i = 0; i < host->others.n; i++) {
		const struct kroute *r = &host->others.items[i];
		int32_t at = r->hops.n ? r->hops.items[0].device : -1;

		if (at < 0 || !is_of_lab(&host->devices.items[at], lab))
			host->others.items[n++] = *r;
	}
	host->others.n = n;
	for (size_t i = 0; i < host->devices.n; i++)
		if (is_of_lab(&host->devices.items[i], lab))
			host->devices.items[i].name = ""; /* indices stay as they are */
	host->by_name = NULL;
	drop_published(&s->published_elsewhere, lab);
}

int32_t space_device(const struct space *sp, const char *name)
{
	if (sp->by_name)
		return (int32_t)(size_t)map_gets(sp->by_name, name) - 1;
	for (size_t i = 0; i < sp->devices.n; i++)
		if (streq(sp->devices.items[i].name, name))
			return (int32_t)i;
	return -1;
}

const struct kroute *space_route(const struct space *sp, const struct ip_prefix *to)
{
	size_t lo = 0, hi = sp->routes.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = prefix_cmp(&sp->routes.items[mid].to, to);

		if (c == 0)
			return &sp->routes.items[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct rule_network *rules_nat_network(const struct rules *r)
{
	for (size_t i = 0; i < r->networks.n; i++)
		if (r->networks.items[i].nat[IP4] || r->networks.items[i].nat[IP6])
			return &r->networks.items[i];
	return NULL;
}

int published_cmp(const struct published_port *a, const struct published_port *b)
{
	int c = ip_cmp(&a->host, &b->host);

	if (c == 0)
		c = (a->udp > b->udp) - (a->udp < b->udp);
	return c ? c : (a->port > b->port) - (a->port < b->port);
}

static void map_devices(struct arena *a, struct space *sp)
{
	sp->by_name = map_new(a);
	for (size_t i = 0; i < sp->devices.n; i++)
		map_puts(sp->by_name, sp->devices.items[i].name, (void *)(i + 1));
}

struct device *space_add_device(struct arena *a, struct space *sp, const char *name, enum device_kind kind)
{
	struct device *d = vec_push(a, &sp->devices);

	*d = (struct device){.name = name, .kind = kind, .master = -1, .peer = {-1, -1}};
	if (sp->by_name)
		map_puts(sp->by_name, name, (void *)sp->devices.n);
	else if (sp->devices.n == MAP_FROM)
		map_devices(a, sp);
	return d;
}
