/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a spec to a model. This file has the order of the steps and what they
 * share; each step has a file of its own (build_*.c).
 *
 * Where the spec came from a reader that had complaints of its own, some of
 * its values are unset. A step skips those without a word, and no fault is
 * made of something missing that may have been written.
 */
#include "build.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "routes.h"
#include "text.h"

/* Looking for a near name costs a walk over all names; after that many faults nobody reads the hints. */
enum { SUGGEST_MAX_FAULTS = 20 };

uint64_t model_hash(const struct model *m, enum hash_use use, const char *first, const char *second, unsigned attempt)
{
	uint64_t h = stable_hash(first, strlen(first) + 1, m->hash + use + ((uint64_t)attempt << 8));

	return second ? stable_hash(second, strlen(second) + 1, h) : h;
}

void build_suggest(struct build *b, const char *word, bool nodes)
{
	const struct spec *s = b->spec;
	size_t n = nodes ? s->nodes.n : s->networks.n, known = 0;

	if (b->faults->n > SUGGEST_MAX_FAULTS)
		return;

	const char **names = arena_array(b->a, n, const char *);

	for (size_t i = 0; i < n; i++) {
		const char *name = nodes ? s->nodes.items[i].name.s : s->networks.items[i].name.s;

		if (name)
			names[known++] = name;
	}

	const char *near = nearest_word(word, names, known);

	if (near)
		fault_hint(b->faults, "did you mean \"%s\"?", near);
}

bool address_sound(struct build *b, const struct spec_address *sa)
{
	const struct ip *ip = &sa->value.ip;
	char text[IP_TEXT_MAX];
	const char *why = ip_unspecified(ip)                       ? "the unspecified address"
	                  : ip_multicast(ip)                       ? "a multicast address"
	                  : ip_loopback(ip)                        ? "a loopback address"
	                  : ip->family == IP6 && ip_link_local(ip) ? "a link-local address, which nsloom gives itself"
	                  : ip->family == IP4 && ip->b[0] == 255   ? "a broadcast address"
	                                                           : NULL;

	if (why)
		fault(b->faults, sa->pos, "%s is %s", ip_text(ip, text), why);
	return !why;
}

bool subnet_sound(struct build *b, const struct spec_address *sa)
{
	const struct ip_prefix subnet = prefix_subnet(&sa->value);
	const struct ip *ip = &subnet.ip;
	char text[PREFIX_TEXT_MAX], right[PREFIX_TEXT_MAX];

	if (!sa->has_len) {
		fault(b->faults, sa->pos, "a subnet needs a prefix length");
		fault_hint(b->faults, "write \"%s/%s\"", ip_text(&sa->value.ip, text), ip->family == IP4 ? "24" : "64");
		return false;
	}
	prefix_text(&sa->value, text);
	if (prefix_cmp(&subnet, &sa->value) != 0) {
		fault(b->faults, sa->pos, "%s is not a subnet: it has host bits set", text);
		fault_hint(b->faults, "did you mean %s?", prefix_text(&subnet, right));
		return false;
	}
	const char *why = subnet.len == 0                          ? "everything there is"
	                  : ip_multicast(ip)                       ? "multicast"
	                  : ip_loopback(ip)                        ? "loopback"
	                  : ip->family == IP6 && ip_link_local(ip) ? "link-local"
	                                                           : NULL;

	if (why)
		fault(b->faults, sa->pos, "%s cannot be a subnet: it is %s", text, why);
	return !why;
}

bool mtu_sound(struct build *b, const struct spec_uint *mtu)
{
	if (mtu->value >= MTU_MIN && mtu->value <= MTU_MAX)
		return true;
	fault(b->faults, mtu->pos, "mtu %u is not between %d and %d", (unsigned)mtu->value, (int)MTU_MIN, (int)MTU_MAX);
	return false;
}

struct ip subnet_first(const struct ip_prefix *subnet)
{
	struct ip ip = subnet->ip;

	if (!prefix_usable(subnet, &ip))
		prefix_nth(subnet, 1, &ip);
	return ip;
}

/* The model with room for what the spec has. */
static struct model *model_new(const struct spec *spec)
{
	struct model *m = arena_new_of(spec->arena, struct model);

	m->arena = spec->arena;
	m->source = spec->source;
	m->routing = !spec->routing.set || spec->routing.value;
	m->raise_limits = spec->limits.set && spec->limits.value;
	m->limits_pos = spec->limits.pos;
	m->node_index = map_new(m->arena);
	m->network_index = map_new(m->arena);
	vec_fill(m->arena, &m->networks, spec->networks.n);
	vec_fill(m->arena, &m->nodes, spec->nodes.n);
	vec_fill(m->arena, &m->links, spec->links.n);
	return m;
}

bool model_build_into(struct spec *spec, struct faults *faults, struct model **out)
{
	static void (*const steps[])(struct build *) = {
		build_names, build_networks, build_interfaces, build_addresses, build_devices,
		build_macs,  build_overlaps, build_settings,   build_publish,
	};
	size_t before = faults->n;
	struct build b = {
		.a = spec->arena,
		.spec = spec,
		.faults = faults,
		.unsound = before > 0,
		.m = model_new(spec),
		.plugged = map_new(spec->arena),
		.iface_names = map_new(spec->arena),
		.taken = map_new(spec->arena),
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		steps[i](&b);
	if (faults->n > before || b.incomplete)
		return false;
	routes_compute(b.m);
	publish_settle(b.m);
	*out = b.m;
	return true;
}

int model_build(struct spec *spec, struct model **out, struct nsl_error **err)
{
	struct arena *a = spec->arena;
	struct faults *faults = arena_new_of(a, struct faults);

	if (!faults)
		return error_oom(err);
	faults_init(faults, &spec->source);
	if (arena_exhausted(a)) {
		faults_done(faults);
		arena_settle(a);
		return error_oom(err);
	}

	bool built = model_build_into(spec, faults, out);
	int r = faults_finish(faults, err);

	arena_settle(a);
	if (r == 0 && !built)
		return error_set(err, NSL_E_FILE, EINVAL, "something that a lab needs was left out");
	return r;
}

void model_free(struct model *m)
{
	if (m)
		arena_free(m->arena);
}

const struct node *model_node(const struct model *m, const char *name)
{
	return map_gets(m->node_index, name);
}

const struct network *model_network(const struct model *m, const char *name)
{
	return map_gets(m->network_index, name);
}
