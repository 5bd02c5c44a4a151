/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel in memory. See plan_world.h. */
#include "plan_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cascade.h"
#include "strbuf.h"
#include "text.h"

#define BORN_VALUE "born"

/* ---- what stands ------------------------------------------------------------------------------- */

struct world *world_new(struct arena *a, const char *lab)
{
	struct world *w = arena_new_of(a, struct world);

	w->arena = a;
	w->lab = lab;
	w->next_index = 10;
	*vec_push(a, &w->spaces) = (struct world_space){.kind = SPACE_HOST, .name = "host", .present = true};
	*vec_push(a, &w->spaces) = (struct world_space){.kind = SPACE_FABRIC, .name = FABRIC_NAME};
	return w;
}

static int space_at(struct world *w, enum space_kind kind, const char *name)
{
	for (size_t i = 0; i < w->spaces.n; i++)
		if (w->spaces.items[i].kind == kind && streq(w->spaces.items[i].name, name))
			return (int)i;
	*vec_push(w->arena, &w->spaces) = (struct world_space){.kind = kind, .name = name};
	return (int)w->spaces.n - 1;
}

static int device_at(const struct world *w, int space, const char *name)
{
	for (size_t i = 0; i < w->devices.n; i++)
		if (!w->devices.items[i].gone && w->devices.items[i].space == space &&
		    streq(w->devices.items[i].d.name, name))
			return (int)i;
	return -1;
}

struct world_device *world_device(struct world *w, const char *space, const char *name)
{
	for (size_t i = 0; i < w->spaces.n; i++)
		if (streq(w->spaces.items[i].name, space)) {
			int at = device_at(w, (int)i, name);

			return at < 0 ? NULL : &w->devices.items[at];
		}
	return NULL;
}

static void drop_routes(struct world *w, int device)
{
	for (size_t i = 0; i < w->routes.n; i++)
		for (size_t h = 0; h < w->routes.items[i].hops.n; h++)
			w->routes.items[i].gone |= w->routes.items[i].hops.items[h].device == device;
}

static void drop(struct world *w, int at)
{
	struct world_device *dev = &w->devices.items[at];

	if (dev->gone)
		return;
	dev->gone = true;
	drop_routes(w, at);
	for (size_t i = 0; i < w->devices.n; i++)
		if (w->devices.items[i].master == at)
			w->devices.items[i].master = -1;
	if (dev->peer >= 0)
		drop(w, dev->peer);
}

void world_drop_device(struct world *w, struct world_device *dev)
{
	drop(w, (int)(dev - w->devices.items));
}

bool world_is_empty(const struct world *w)
{
	for (size_t i = 0; i < w->devices.n; i++)
		if (!w->devices.items[i].gone && w->devices.items[i].d.owner == OWNER_LAB)
			return false;
	for (size_t i = FABRIC_SPACE; i < w->spaces.n; i++)
		if (w->spaces.items[i].present || w->spaces.items[i].named)
			return false;
	return !w->rules && !w->forwarding[IP4] && !w->forwarding[IP6];
}

/* ---- doing ------------------------------------------------------------------------------------- */

static bool refuse(struct world *w, const char *why, const char *object)
{
	snprintf(w->why, sizeof(w->why), "%s %s", why, object);
	return false;
}

static int space_of(struct world *w, const struct plan *p, uint32_t space)
{
	return space_at(w, p->spaces.items[space].kind, p->spaces.items[space].name);
}

static int add_device(struct world *w, int space, const struct device *d, bool up)
{
	struct world_device *dev = vec_push(w->arena, &w->devices);

	*dev = (struct world_device){.space = space, .d = *d, .master = -1, .peer = -1};
	dev->d.owner = OWNER_LAB;
	dev->d.up = up;
	dev->d.alias = dev->d.altname = NULL;
	dev->d.no_autoconf = false;
	dev->d.addresses.items = NULL;
	dev->d.addresses.n = dev->d.addresses.cap = 0;
	if (!dev->d.ifindex)
		dev->d.ifindex = w->next_index++;
	return (int)w->devices.n - 1;
}

static bool addable(struct world *w, int space, const char *name)
{
	if (!w->spaces.items[space].present)
		return refuse(w, "there is no namespace for", name);
	return device_at(w, space, name) < 0 || refuse(w, "there is already a device", name);
}

static bool add_space(struct world *w, int space)
{
	struct world_space *s = &w->spaces.items[space];

	if (s->present)
		return refuse(w, "there is already a namespace", s->name);
	s->present = true;
	s->named = s->kind == SPACE_NODE;
	s->settings.n = 0;
	add_device(w, space, &(struct device){.name = "lo", .kind = DEVICE_LO, .ifindex = 1}, false);
	return true;
}

static bool remove_space(struct world *w, int space)
{
	for (size_t i = 0; i < w->devices.n; i++)
		if (w->devices.items[i].space == space)
			drop(w, (int)i);
	w->spaces.items[space].present = w->spaces.items[space].named = false;
	return true;
}

static bool remove_spaces(struct world *w, const struct plan *p, const struct op *op)
{
	if (!op->whole)
		return remove_space(w, space_of(w, p, op->space));
	for (size_t i = FABRIC_SPACE; i < w->spaces.n; i++)
		remove_space(w, (int)i);
	return true;
}

static bool add_bridge(struct world *w, const struct plan *p, const struct op *op)
{
	int space = space_of(w, p, op->space), at;

	if (!addable(w, space, op->dev->name))
		return false;
	at = add_device(w, space, op->dev, false);
	w->devices.items[at].d.mtu = MTU_DEFAULT;
	return true;
}

static bool add_veth(struct world *w, const struct plan *p, const struct op *op)
{
	const struct space *far_space = &p->want->spaces.items[op->dev->peer.space];
	const struct device *far = &far_space->devices.items[op->dev->peer.device];
	int spaces[2] = {space_of(w, p, op->space), space_at(w, far_space->kind, far_space->name)}, ends[2],
	    master = -1;

	if (!addable(w, spaces[0], op->dev->name) || !addable(w, spaces[1], far->name))
		return false;
	if (far->master >= 0) {
		master = device_at(w, spaces[1], far_space->devices.items[far->master].name);
		if (master < 0)
			return refuse(w, "there is no bridge for", far->name);
	}
	ends[0] = add_device(w, spaces[0], op->dev, false);
	ends[1] = add_device(w, spaces[1], far, far_space->kind == SPACE_FABRIC);
	w->devices.items[ends[0]].peer = ends[1];
	w->devices.items[ends[1]].peer = ends[0];
	w->devices.items[ends[1]].master = master;
	return true;
}

static bool set_device(struct world *w, const struct plan *p, const struct op *op)
{
	int space = space_of(w, p, op->space), at = device_at(w, space, op->dev->name);
	struct device *d = at < 0 ? NULL : &w->devices.items[at].d;

	if (!d)
		return refuse(w, "there is no device", op->dev->name);
	if (op->set & SET_MAC)
		d->mac = op->dev->mac;
	if (op->set & SET_GROUP) {
		d->leaving = op->group & MARK_LEAVING;
		return true;
	}
	if (op->set & SET_MTU)
		d->mtu = op->dev->mtu;
	if (op->set & SET_UP)
		d->up = op->dev->up;
	if (op->set & SET_ALIAS)
		d->alias = op->dev->alias;
	if (op->set & SET_ALTNAME)
		d->altname = op->dev->altname;
	if (op->set & SET_AUTOCONF)
		d->no_autoconf = true;
	if (op->set & SET_MASTER) {
		const struct space *ws = p->spaces.items[op->space].wanted;
		int master = op->dev->master < 0 ? -1 : device_at(w, space, ws->devices.items[op->dev->master].name);

		if (op->dev->master >= 0 && master < 0)
			return refuse(w, "there is no bridge for", op->dev->name);
		w->devices.items[at].master = master;
	}
	return true;
}

static bool remove_device(struct world *w, const struct plan *p, const struct op *op)
{
	int space = space_of(w, p, op->space), at = device_at(w, space, op->dev->name);

	if (op->whole) {
		for (size_t i = 0; i < w->devices.n; i++)
			if (w->devices.items[i].space == space && w->devices.items[i].d.owner == OWNER_LAB &&
			    (w->devices.items[i].d.group | (w->devices.items[i].d.leaving ? MARK_LEAVING : 0)) ==
			            op->group)
				drop(w, (int)i);
		return true;
	}
	if (at >= 0) /* it may have gone with its other end */
		drop(w, at);
	return true;
}

static bool change_address(struct world *w, const struct plan *p, const struct op *op)
{
	int at = device_at(w, space_of(w, p, op->space), op->dev->name);
	struct device *d = at < 0 ? NULL : &w->devices.items[at].d;

	if (!d)
		return refuse(w, "there is no device for an address", op->dev->name);
	for (size_t i = 0; i < d->addresses.n; i++)
		if (prefix_cmp(&d->addresses.items[i].ip, &op->address->ip) == 0) {
			if (op->kind == OP_ADDRESS_ADD)
				return refuse(w, "there is already an address on", d->name);
			d->addresses.items[i] = d->addresses.items[--d->addresses.n];
			drop_routes(w, at); /* the worst that the kernel does */
			return true;
		}
	if (op->kind == OP_ADDRESS_DEL)
		return refuse(w, "there is no such address on", d->name);
	*vec_push(w->arena, &d->addresses) = (struct ifaddr){.ip = op->address->ip, .ours = true};
	return true;
}

static bool reachable(const struct device *d, const struct ip *via)
{
	for (size_t i = 0; i < d->addresses.n; i++) {
		struct ip_prefix subnet = prefix_subnet(&d->addresses.items[i].ip);

		if (prefix_contains(&subnet, via))
			return true;
	}
	return false;
}

static void remove_route(struct world *w, int space, const struct ip_prefix *to)
{
	for (size_t i = 0; i < w->routes.n; i++)
		if (w->routes.items[i].space == space && prefix_cmp(&w->routes.items[i].to, to) == 0)
			w->routes.items[i].gone = true;
}

static bool set_route(struct world *w, const struct plan *p, const struct op *op)
{
	const struct space *ws = p->spaces.items[op->space].wanted;
	int space = space_of(w, p, op->space);
	struct world_route r = {.space = space, .to = op->route->to};

	for (size_t i = 0; i < op->route->hops.n; i++) {
		const struct khop *h = &op->route->hops.items[i];
		int at = device_at(w, space, ws->devices.items[h->device].name);

		if (at < 0 || !w->devices.items[at].d.up)
			return refuse(w, "no device, or one that is down, for a route in", ws->name);
		if (!reachable(&w->devices.items[at].d, &h->via))
			return refuse(w, "a next hop out of reach in", ws->name);
		*vec_push(w->arena, &r.hops) = (struct khop){h->via, at};
	}
	remove_route(w, space, &op->route->to);
	*vec_push(w->arena, &w->routes) = r;
	return true;
}

static bool write_setting(struct world *w, const struct plan *p, const struct op *op)
{
	int space = space_of(w, p, op->space);
	const char *conf = strstr(op->setting->path, "/conf/");
	char device[32];

	if (!w->spaces.items[space].present)
		return refuse(w, "there is no namespace for", op->setting->path);
	if (conf && sscanf(conf + 6, "%31[^/]", device) == 1 && !streq(device, "all") && !streq(device, "default") &&
	    device_at(w, space, device) < 0)
		return refuse(w, "there is no device for", op->setting->path);
	for (size_t i = 0; i < w->spaces.items[space].settings.n; i++)
		if (streq(w->spaces.items[space].settings.items[i].path, op->setting->path)) {
			w->spaces.items[space].settings.items[i].value = op->setting->value;
			return true;
		}
	*vec_push(w->arena, &w->spaces.items[space].settings) =
		(struct setting){.path = op->setting->path, .value = op->setting->value};
	return true;
}

static bool set_limit(struct world *w, const struct plan *p, const struct op *op)
{
	struct limit_found *f = &w->limits[op->limit];

	if (op->kind == OP_LIMIT_SET && !f->noted)
		f->was = f->value;
	f->noted = op->kind == OP_LIMIT_SET || f->others;
	f->claim = op->kind == OP_LIMIT_SET ? p->want->limits_needed[op->limit] : 0;
	f->stale = 0;
	f->value = op->to;
	return true;
}

static bool apply_op(struct world *w, const struct plan *p, const struct op *op)
{
	switch (op->kind) {
	case OP_SPACE_ADD:
		return add_space(w, space_of(w, p, op->space));
	case OP_SPACE_DEL:
		return remove_spaces(w, p, op);
	case OP_NAME_SET:
		return w->spaces.items[space_of(w, p, op->space)].named = true;
	case OP_BRIDGE_ADD:
		return add_bridge(w, p, op);
	case OP_VETH_ADD:
		return add_veth(w, p, op);
	case OP_DEVICE_SET:
		return set_device(w, p, op);
	case OP_DEVICE_DEL:
		return remove_device(w, p, op);
	case OP_ADDRESS_ADD:
	case OP_ADDRESS_DEL:
		return change_address(w, p, op);
	case OP_ROUTE_SET:
		return set_route(w, p, op);
	case OP_ROUTE_DEL:
		remove_route(w, space_of(w, p, op->space), &op->route->to);
		return true;
	case OP_SETTING:
		return write_setting(w, p, op);
	case OP_RULES_SET:
		w->rules = &p->want->rules;
		w->rules_spoilt = false;
		return true;
	case OP_RULES_DEL:
		w->rules = NULL;
		return true;
	case OP_FORWARD_ON:
		if (!w->rules || !w->rules->forward[op->family])
			return refuse(w, "nothing claims", "the switch");
		return w->forwarding[op->family] = true;
	case OP_FORWARD_OFF:
		w->forwarding[op->family] = false;
		return true;
	case OP_LIMIT_SET:
	case OP_LIMIT_BACK:
		return set_limit(w, p, op);
	case OP_PUBLISH_SET:
	case OP_PUBLISH_DEL:
	case OP_ACCEPT_ADD:
	case OP_ACCEPT_DEL:
	case OP_WAY_OUT_SET:
	case OP_WAY_OUT_DEL: /* of no space */
	case OP_KIND_COUNT:
		break;
	}
	return refuse(w, "this world has none of", "that");
}

bool world_apply(struct world *w, const struct plan *p)
{
	for (size_t i = 0; i < p->ops.n; i++)
		if (!p->ops.items[i].done && !apply_op(w, p, &p->ops.items[i]))
			return false;
	return true;
}

/* ---- showing ----------------------------------------------------------------------------------- */

/* A sysctl of a device that is not there has no value. */
static const char *setting_value(const struct world *w, int space, const struct world_space *s, const char *path)
{
	const char *conf = strstr(path, "/conf/");
	char device[32];

	if (space >= 0 && conf && sscanf(conf + 6, "%31[^/]", device) == 1 && !streq(device, "all") &&
	    !streq(device, "default") && device_at(w, space, device) < 0)
		return NULL;
	for (size_t i = 0; i < s->settings.n; i++)
		if (streq(s->settings.items[i].path, path))
			return s->settings.items[i].value;
	return BORN_VALUE;
}

static void show_settings(struct world *w, struct space *sp, const struct world_space *s, const struct state *names)
{
	/* All parts of the fabric have the same. */
	const struct space *ns = !names                    ? NULL
	                         : s->kind == SPACE_FABRIC ? &names->spaces.items[FABRIC_SPACE]
	                                                   : state_space(names, s->kind, s->name);

	for (size_t i = 0; ns && i < ns->settings.n; i++) {
		bool known = false;

		for (size_t k = 0; k < sp->settings.n; k++)
			known |= streq(sp->settings.items[k].path, ns->settings.items[i].path);
		if (!known)
			*vec_push(w->arena, &sp->settings) = (struct setting){
				.path = ns->settings.items[i].path,
				.value = setting_value(w, (int)(s - w->spaces.items), s, ns->settings.items[i].path)};
	}
}

static int compare_routes(const void *a, const void *b)
{
	return prefix_cmp(&((const struct kroute *)a)->to, &((const struct kroute *)b)->to);
}

/* Positions of the world's devices among those of their spaces. */
static void show_space(struct world *w, int space, struct space *sp, int32_t *position)
{
	for (size_t i = 0; i < w->devices.n; i++) {
		const struct world_device *dev = &w->devices.items[i];

		if (dev->gone || dev->space != space)
			continue;
		position[i] = (int32_t)sp->devices.n;
		*space_add_device(w->arena, sp, dev->d.name, dev->d.kind) = dev->d;
		sp->devices.items[position[i]].master = -1;
		sp->devices.items[position[i]].peer = (struct device_ref){-1, -1};
	}
}

static void show_routes(struct world *w, int space, struct space *sp, const int32_t *position)
{
	for (size_t i = 0; i < w->routes.n; i++) {
		struct kroute r = {.to = w->routes.items[i].to, .protocol = MARK_PROTOCOL};

		if (w->routes.items[i].gone || w->routes.items[i].space != space)
			continue;
		for (size_t h = 0; h < w->routes.items[i].hops.n; h++)
			*vec_push(w->arena, &r.hops) = (struct khop){w->routes.items[i].hops.items[h].via,
			                                             position[w->routes.items[i].hops.items[h].device]};
		*vec_push(w->arena, &sp->routes) = r;
	}
	if (sp->routes.n)
		qsort(sp->routes.items, sp->routes.n, sizeof(*sp->routes.items), compare_routes);
}

static void show_rules(const struct world *w, const struct state *want, struct state *s)
{
	struct strbuf have = {0}, wanted = {0};
	const struct rules *both[2] = {w->rules, want ? &want->rules : NULL};
	struct strbuf *text[2] = {&have, &wanted};

	for (int k = 0; k < 2; k++)
		for (size_t i = 0; both[k] && i < both[k]->networks.n; i++) {
			const struct rule_network *n = &both[k]->networks.items[i];

			strbuf_printf(text[k], "%s %d %d %d %d", n->device, n->nat[0], n->nat[1], both[k]->forward[0],
			              both[k]->forward[1]);
			for (size_t j = 0; j < n->sources.n; j++) {
				char buf[PREFIX_TEXT_MAX];

				strbuf_adds(text[k], prefix_text(&n->sources.items[j], buf));
			}
		}
	s->rules_found = !w->rules ? RULES_ABSENT
	                 : !w->rules_spoilt && have.len == wanted.len && (!have.len || !strcmp(have.s, wanted.s))
	                         ? RULES_MATCH
	                         : RULES_DIFFER;
	for (int f = 0; f < IP_FAMILIES; f++) {
		s->forwarding[f] = w->forwarding[f];
		s->lends[f] = w->rules && w->rules->forward[f];
	}
	strbuf_done(&have);
	strbuf_done(&wanted);
}

/* The parts of the fabric before the nodes. */
static void add_spaces(struct world *w, struct state *s)
{
	uint32_t part;

	for (size_t i = 0; i < w->spaces.n; i++)
		if (w->spaces.items[i].kind == SPACE_FABRIC && state_part_parse(w->spaces.items[i].name, &part) && part)
			state_add_part(s, part);
	for (size_t i = 0; i < w->spaces.n; i++)
		if (w->spaces.items[i].kind == SPACE_NODE)
			state_add_node(s, w->spaces.items[i].name);
}

static void show_peer(const struct state *s, struct device *d, int here, int there, int32_t position)
{
	d->peer = (struct device_ref){there, position};
	d->trunk = here < (int)s->first_node && there < (int)s->first_node;
}

struct state *world_observe(struct world *w, const struct state *want, const struct state *before)
{
	struct state *s = state_new(w->arena, w->lab);
	int32_t *position = arena_array(w->arena, w->devices.n + 1, int32_t);
	int *at = arena_array(w->arena, w->spaces.n, int);

	add_spaces(w, s);
	for (size_t i = 0; i < w->spaces.n; i++) {
		const struct world_space *ws = &w->spaces.items[i];
		struct space *sp = state_space(s, ws->kind, ws->name);

		at[i] = (int)(sp - s->spaces.items);
		sp->present = ws->present;
		sp->named = ws->named;
		sp->name_taken = ws->name_taken;
		if (ws->present) {
			show_settings(w, sp, ws, want);
			show_settings(w, sp, ws, before);
		}
		show_space(w, (int)i, sp, position);
		s->any |= i > HOST_SPACE && ws->present;
	}
	for (size_t i = 0; i < w->devices.n; i++) {
		const struct world_device *dev = &w->devices.items[i];
		struct device *d = dev->gone ? NULL : &s->spaces.items[at[dev->space]].devices.items[position[i]];

		if (d && dev->master >= 0)
			d->master = position[dev->master];
		if (d && dev->peer >= 0)
			show_peer(s, d, at[dev->space], at[w->devices.items[dev->peer].space], position[dev->peer]);
	}
	for (size_t i = 0; i < w->spaces.n; i++)
		show_routes(w, (int)i, &s->spaces.items[at[i]], position);
	show_rules(w, want, s);
	s->host_group = MARK_GROUP_HOST + 1;
	memcpy(s->limits, w->limits, sizeof(s->limits));
	return s;
}

const struct space *world_born(struct world *w, const struct state *want, const struct state *before)
{
	struct space *born = arena_new_of(w->arena, struct space);
	const struct world_space fresh = {.kind = SPACE_NODE};

	born->kind = SPACE_NODE;
	for (int k = 0; k < 2; k++)
		for (size_t i = FABRIC_SPACE; (k ? before : want) && i < (k ? before : want)->spaces.n; i++) {
			const struct space *sp = &(k ? before : want)->spaces.items[i];

			for (size_t j = 0; j < sp->settings.n; j++)
				if (!strstr(sp->settings.items[j].path, "/conf/eth"))
					*vec_push(w->arena, &born->settings) = (struct setting){
						.path = sp->settings.items[j].path,
						.value = setting_value(w, -1, &fresh, sp->settings.items[j].path)};
		}
	return born;
}

struct plan *world_plan(struct world *w, const struct model *m, const struct model *before,
                        const struct plan_options *options, struct nsl_error **err)
{
	struct state *want = m ? state_of_model(w->arena, m, &w->thresholds, NULL) : NULL;
	struct state *was = before ? state_of_model(w->arena, before, &w->thresholds, NULL) : NULL;
	struct state *have = world_observe(w, want, was);
	struct plan *p = NULL;

	if (m && cascade_matters(want, have))
		want = state_of_model(w->arena, m, &w->thresholds, have);
	plan_diff(w->arena, want, have, world_born(w, want, was), options, &p, err);
	return p;
}

/* ---- words ------------------------------------------------------------------------------------- */

char *plan_text(const struct plan *p, bool quiet)
{
	static const char signs[] = "+~-";
	struct strbuf out = {0};
	struct op_text t;

	strbuf_adds(&out, "");
	for (size_t i = 0; i < p->ops.n; i++) {
		const struct op *op = &p->ops.items[i];

		if (op->quiet && !quiet)
			continue;
		op_describe(p->arena, p, op, &t);
		strbuf_printf(&out, "%s%c %s: %s %s", op->quiet ? "  " : "", signs[op->action], t.place, t.kind,
		              t.object);
		if (t.was && t.now)
			strbuf_printf(&out, " (%s -> %s)", t.was, t.now);
		else if (t.now)
			strbuf_printf(&out, " (%s)", t.now);
		if (t.why)
			strbuf_printf(&out, ": %s", t.why);
		if (op->pos.line)
			strbuf_printf(&out, " :%u", op->pos.line);
		strbuf_addc(&out, '\n');
	}
	return strbuf_steal(&out);
}
