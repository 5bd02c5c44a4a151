/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations in words. */
#include "diff.h"
#include "limit.h"

#include <assert.h>
#include <linux/netfilter.h>
#include <string.h>

#include "text.h"

static const char *const switch_path[IP_FAMILIES] = {"net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"};

static const char *place_of(const struct plan *p, uint32_t space)
{
	const struct plan_space *ps = &p->spaces.items[space];

	return ps->kind == SPACE_FABRIC ? "fabric" : ps->name;
}

static const char *device_word(const struct plan *p, const struct op *op)
{
	if (op->dev->kind == DEVICE_BRIDGE)
		return "bridge";
	if (op->dev->trunk)
		return "trunk";
	return p->spaces.items[op->space].kind == SPACE_NODE || op->dev->kind == DEVICE_LO ? "interface" : "port";
}

static const char *prefix_word(struct arena *a, const struct ip_prefix *ip)
{
	char buf[PREFIX_TEXT_MAX];

	if (ip->len == 0)
		return ip->ip.family == IP6 ? "default (IPv6)" : "default";
	return arena_strdup(a, prefix_text(ip, buf));
}

static const char *mac_word(struct arena *a, const struct mac *m)
{
	char buf[MAC_TEXT_MAX];

	return arena_strdup(a, mac_text(m, buf));
}

/* "to two:veth-two", "to v-net-0". */
static const char *cable_words(struct arena *a, const struct plan *p, const struct device *dev)
{
	const struct space *other = &p->want->spaces.items[dev->peer.space];
	const struct device *peer = &other->devices.items[dev->peer.device];

	if (other->kind == SPACE_NODE)
		return arena_printf(a, "to %s:%s", other->name, peer->name);
	return arena_printf(a, "to %s, port %s", other->devices.items[peer->master].name, peer->name);
}

static const char *hops_words(struct arena *a, const struct space *sp, const struct kroute *r)
{
	const char *text = NULL;

	for (size_t i = 0; sp && i < r->hops.n; i++) {
		const struct khop *h = &r->hops.items[i];
		char buf[IP_TEXT_MAX];

		text = arena_printf(a, "%s%svia %s dev %s", text ? text : "", text ? ", " : "",
		                    h->via.set ? ip_text(&h->via, buf) : "link",
		                    h->device >= 0 ? sp->devices.items[h->device].name : "?");
	}
	return text;
}

/* How one attribute of a device reads. */
static const char *attribute(struct arena *a, const struct space *sp, const struct device *d, uint32_t bit)
{
	switch (bit) {
	case SET_MAC:
		return arena_printf(a, "mac %s", mac_word(a, &d->mac));
	case SET_MTU:
		return arena_printf(a, "mtu %u", d->mtu);
	case SET_UP:
		return d->up ? "up" : "down";
	case SET_MASTER:
		return sp && d->master >= 0 ? arena_printf(a, "on %s", sp->devices.items[d->master].name)
		       : d->master_index    ? "on another bridge"
		                            : "on no bridge";
	case SET_ALIAS:
		return arena_printf(a, "alias \"%s\"", d->alias ? d->alias : "");
	case SET_AUTOCONF:
		return d->no_autoconf ? "no automatic IPv6" : "automatic IPv6";
	case SET_ALTNAME:
		return arena_printf(a, "alternative name %s", d->altname ? d->altname : "none");
	default: /* several at once: what is left to do on a device just made */
		return NULL;
	}
}

static void describe_device(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	const struct plan_space *ps = &p->spaces.items[op->space];

	t->object = op->dev->name;
	if (op->kind == OP_VETH_ADD)
		t->now = cable_words(a, p, op->dev);
	if (op->kind == OP_DEVICE_SET) {
		t->now = attribute(a, ps->wanted, op->dev, op->set);
		t->was = op->was ? attribute(a, ps->found, op->was, op->set) : NULL;
	}
}

/* sysctl(8)'s spelling of a path below /proc/sys. */
static const char *setting_word(struct arena *a, const char *path)
{
	char *key = arena_strdup(a, path);

	for (char *c = key; *c; c++)
		*c = *c == '/' ? '.' : *c == '.' ? '/' : *c;
	return key;
}

static void describe_setting(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	t->object = setting_word(a, op->setting->path);
	t->now = op->setting->value;
	t->was = op->setting_was ? op->setting_was->value : NULL;
}

static void describe_limit(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	t->object = setting_word(a, limit_path(op->limit));
	t->was = arena_printf(a, "%llu", (unsigned long long)op->from);
	t->now = arena_printf(a, "%llu", (unsigned long long)op->to);
}

static void describe_rules(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	t->object = arena_printf(a, MARK_TABLE "%s", p->lab);
	if (op->kind == OP_RULES_SET)
		t->now = rules_nat_network(&p->want->rules) ? "isolation and nat" : "isolation";
}

static const char *target_words(struct arena *a, const struct publish *p, const char *node)
{
	struct publish at = *p;
	char text[PUBLISH_TEXT_MAX];

	at.host = p->address;
	at.port = p->to;
	publish_host_text(&at, text);
	text[strlen(text) - strlen("/tcp")] = '\0';
	return node ? arena_printf(a, "to %s, %s", node, text) : arena_printf(a, "to %s", text);
}

static void describe_publish(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	const struct publish *published = op->publish ? op->publish->asked : op->published;
	char text[PUBLISH_TEXT_MAX];

	t->object = arena_strdup(a, publish_host_text(published, text));
	if (op->publish)
		t->now = target_words(a, published, op->publish->node);
	if (op->publish && op->published)
		t->was = target_words(a, op->published, NULL);
}

static void describe_way_out(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	const struct way_out *w = &p->have->way_out;

	t->object = op->kind == OP_WAY_OUT_DEL || !w->can ? w->runs : w->can;
	if (op->kind == OP_WAY_OUT_SET && w->takes_ports)
		t->now = way_out_words(a, op->ports);
	if (op->action == ACTION_CHANGE)
		t->was = way_out_words(a, &w->ports);
}

/* nft(8)'s word for an NFPROTO_*. */
static const char *family_word(uint8_t family)
{
	return family == NFPROTO_IPV4 ? "ip" : family == NFPROTO_IPV6 ? "ip6" : "inet";
}

static void describe_space(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	t->object = arena_printf(a, "%s.%s", p->lab, p->spaces.items[op->space].name);
}

static void describe_address(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	t->object = arena_printf(a, "%s dev %s", prefix_word(a, &op->address->ip), op->dev->name);
}

static void describe_route(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	const struct plan_space *ps = &p->spaces.items[op->space];

	t->object = prefix_word(a, &op->route->to);
	if (op->kind == OP_ROUTE_SET)
		t->now = hops_words(a, ps->wanted, op->route);
	if (op->action == ACTION_CHANGE)
		t->was = hops_words(a, ps->found, space_route(ps->found, &op->route->to));
}

static void describe_forwarding(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	bool on = op->kind == OP_FORWARD_ON;

	t->object = switch_path[op->family];
	t->was = on ? "0" : "1";
	t->now = on ? "1" : "0";
}

static void describe_accept(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t)
{
	t->object = arena_printf(a, "%s %s %s", family_word(op->chain->family), op->chain->table, op->chain->name);
	if (op->kind == OP_ACCEPT_ADD)
		t->now = "this chain drops forwarded packets";
}

static const struct {
	const char *word; /* NULL: it depends on the device */
	void (*describe)(struct arena *a, const struct plan *p, const struct op *op, struct op_text *t);
} kinds[] = {
	[OP_FORWARD_OFF] = {"forwarding", describe_forwarding},
	[OP_ROUTE_DEL] = {"route", describe_route},
	[OP_ADDRESS_DEL] = {"address", describe_address},
	[OP_DEVICE_DEL] = {NULL, describe_device},
	[OP_RULES_DEL] = {"rules", describe_rules},
	[OP_SPACE_DEL] = {"namespace", describe_space},
	[OP_LIMIT_BACK] = {"limit", describe_limit},
	[OP_LIMIT_SET] = {"limit", describe_limit},
	[OP_RULES_SET] = {"rules", describe_rules},
	[OP_SPACE_ADD] = {"namespace", describe_space},
	[OP_NAME_SET] = {"name", describe_space},
	[OP_BRIDGE_ADD] = {NULL, describe_device},
	[OP_VETH_ADD] = {NULL, describe_device},
	[OP_DEVICE_SET] = {NULL, describe_device},
	[OP_ADDRESS_ADD] = {"address", describe_address},
	[OP_ROUTE_SET] = {"route", describe_route},
	[OP_SETTING] = {"sysctl", describe_setting},
	[OP_PUBLISH_SET] = {"published port", describe_publish},
	[OP_PUBLISH_DEL] = {"published port", describe_publish},
	[OP_FORWARD_ON] = {"forwarding", describe_forwarding},
	[OP_ACCEPT_ADD] = {"accept rule", describe_accept},
	[OP_ACCEPT_DEL] = {"accept rule", describe_accept},
	[OP_WAY_OUT_SET] = {"way out", describe_way_out},
	[OP_WAY_OUT_DEL] = {"way out", describe_way_out},
};
static_assert(sizeof(kinds) / sizeof(kinds[0]) == OP_KIND_COUNT, "every operation can be told");

void op_describe_briefly(const struct plan *p, const struct op *op, struct op_text *out)
{
	const char *word = kinds[op->kind].word;

	*out = (struct op_text){
		.place = place_of(p, op->space),
		.kind = word ? word : device_word(p, op),
		.object = "",
		.why = op->why,
	};
}

void op_describe(struct arena *a, const struct plan *p, const struct op *op, struct op_text *out)
{
	op_describe_briefly(p, op, out);
	kinds[op->kind].describe(a, p, op, out);
}
