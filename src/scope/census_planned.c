/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lab that is not up, as a census would find it if it were: the state that a
 * model is lowered to (plan/state.h), in the words of <nsloom/scope.h>. Numbers that
 * the kernel gives (inodes, nsids, the host's ifindexes) are unknown in it.
 */
#include <string.h>

#include "census.h"
#include "state.h"
#include "text.h"

struct planning {
	struct arena *a;
	const struct state *state;
	struct nsl_census *census;
	int32_t *index; /* of each space: in the census; -1: it is not there */
};

static const char *const kinds[] = {
	[DEVICE_LO] = "loopback", [DEVICE_VETH] = "veth", [DEVICE_BRIDGE] = "bridge", [DEVICE_OTHER] = ""};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == DEVICE_KIND_COUNT, "every kind has its word");

static void put_device(struct planning *p, int32_t ns, const struct device *d, struct nsl_device *out)
{
	char text[PREFIX_TEXT_MAX], mac[MAC_TEXT_MAX];
	bool tied = d->peer.space >= 0 && p->index[d->peer.space] >= 0;

	*out = (struct nsl_device){
		.ifindex = d->ifindex,
		.name = arena_strdup(p->a, d->name),
		.kind = kinds[d->kind],
		.mac = mac_is_zero(&d->mac) ? NULL : arena_strdup(p->a, mac_text(&d->mac, mac)),
		.lab = ns == 0 && d->alias ? arena_strdup(p->a, p->state->lab) : NULL,
		.altname = d->altname ? arena_strdup(p->a, d->altname) : NULL,
		.mtu = d->mtu,
		.up = d->up,
		.carrier = d->up,
		.n_addresses = d->addresses.n,
		.addresses = arena_array(p->a, d->addresses.n, const char *),
		.master = {d->master < 0 ? -1 : ns, d->master},
		.tie = tied ? NSL_TIE_PEER : NSL_TIE_NONE,
		.tied = {tied ? p->index[d->peer.space] : -1, tied ? d->peer.device : -1},
		.tie_nsid = -1,
	};
	for (size_t i = 0; i < d->addresses.n; i++)
		out->addresses[i] = arena_strdup(p->a, prefix_text(&d->addresses.items[i].ip, text));
}

static bool is_on(const struct space *sp, const char *path)
{
	for (size_t i = 0; i < sp->settings.n; i++)
		if (streq(sp->settings.items[i].path, path))
			return streq(sp->settings.items[i].value, "1");
	return false;
}

static void put_way_out(struct planning *p, const struct space *sp, struct nsl_netns *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < sp->routes.n; i++) {
		const struct kroute *r = &sp->routes.items[i];

		if (r->to.len || !r->hops.n)
			continue;
		out->out[r->to.ip.family].device = r->hops.items[0].device;
		if (r->hops.items[0].via.set)
			out->out[r->to.ip.family].via = arena_strdup(p->a, ip_text(&r->hops.items[0].via, text));
	}
}

static void put_host(struct planning *p, struct nsl_netns *out)
{
	const struct rules *rules = &p->state->rules;

	out->forwards[IP4] = rules->forward[IP4];
	out->forwards[IP6] = rules->forward[IP6];
	out->nat = rules_nat_network(rules) != NULL;
}

static void put_space(struct planning *p, const struct space *sp, int32_t ns)
{
	struct nsl_netns *out = &p->census->items[ns];

	*out = (struct nsl_netns){NETNS_UNKNOWN};
	out->n_devices = sp->devices.n;
	out->devices = arena_array(p->a, sp->devices.n, struct nsl_device);
	for (size_t i = 0; i < sp->devices.n; i++)
		put_device(p, ns, &sp->devices.items[i], &out->devices[i]);
	if (sp->kind == SPACE_HOST) {
		out->name = "host";
		put_host(p, out);
		return;
	}
	out->lab = arena_strdup(p->a, p->state->lab);
	out->node = arena_strdup(p->a, sp->name);
	out->name = arena_printf(p->a, "%s.%s", p->state->lab, sp->name);
	out->forwards[IP4] = is_on(sp, "net/ipv4/ip_forward");
	out->forwards[IP6] = is_on(sp, "net/ipv6/conf/all/forwarding");
	put_way_out(p, sp, out);
}

static struct nsl_census *make(struct arena *a, const struct model *m)
{
	struct census_box *box = arena_new_of(a, struct census_box);
	struct planning p = {.a = a, .state = state_of_model(a, m, NULL, NULL), .census = &box->census};
	size_t n = p.state->spaces.n;

	box->arena = a;
	p.index = arena_array(a, n, int32_t);
	p.census->items = arena_array(a, n, struct nsl_netns);
	for (size_t i = 0; i < n; i++)
		p.index[i] = p.state->spaces.items[i].present ? (int32_t)p.census->n++ : -1;
	for (size_t i = 0; i < n; i++)
		if (p.index[i] >= 0)
			put_space(&p, &p.state->spaces.items[i], p.index[i]);
	return p.census;
}

int census_of_model(const struct model *m, struct nsl_census **out, struct nsl_error **err)
{
	struct arena *a = arena_new();

	if (!a)
		return error_oom(err);
	if (arena_exhausted(a)) {
		arena_free(a);
		return error_oom(err);
	}
	*out = make(a, m);
	arena_settle(a);
	return 0;
}
