/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec and ping: being inside nodes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "enter.h"
#include "ping.h"
#include "text.h"

int nsloom_exec(struct nsloom *ns, const struct nsloom_target *target, const char *node, char *const argv[],
                struct nsl_error **err)
{
	struct target t = target_of(target);
	char lab[NAME_MAX_LEN + 1], name[NAME_MAX_LEN + 1];
	int r;

	if (streq(node, "host"))
		return enter_host(&ns->engine, argv, err);
	r = find_node(&ns->engine, &t, node, lab, name, err);
	return r < 0 ? r : enter_exec(&ns->engine, lab, name, argv, err);
}

/* ---- ping ------------------------------------------------------------------------------------------ */

struct ping_box {
	struct nsloom_ping ping;
	struct arena *arena;
};

/* Who pings whom; place i is node i, the last one is the host. */
struct pinger {
	struct nsloom *ns;
	struct arena *a;
	const struct model *m;
	struct ping_box *box;
	struct ping_place *places;
	size_t host_place;
	VEC(struct ping_probe) probes;
	VEC(struct nsloom_ping_pair) pairs;
	VEC(int32_t) probe_of; /* of each pair; -1: there is nothing to ping */
};

enum { NOBODY = -1 };

static bool is_address(const char *s)
{
	struct ip ip;

	return ip_parse(s, &ip);
}

static const char *place_name(const struct pinger *p, size_t place)
{
	return place == p->host_place ? "host" : p->m->nodes.items[place].name;
}

/* ip NULL: there is no address to ping; the pair's detail is to say why. */
static void add_pair(struct pinger *p, size_t from, const char *to, const struct ip *ip)
{
	char text[IP_TEXT_MAX];

	*vec_push(p->a, &p->pairs) = (struct nsloom_ping_pair){
		.from = arena_strdup(p->a, place_name(p, from)),
		.to = to ? arena_strdup(p->a, to) : NULL,
		.address = ip ? arena_strdup(p->a, ip_text(ip, text)) : NULL,
		.result = NSLOOM_NO_ROUTE,
	};
	*vec_push(p->a, &p->probe_of) = ip ? (int32_t)p->probes.n : NOBODY;
	if (ip)
		*vec_push(p->a, &p->probes) = (struct ping_probe){.place = (uint32_t)from, .to = *ip};
}

static void add_nothing(struct pinger *p, size_t from, const char *to, const char *why)
{
	add_pair(p, from, to, NULL);
	p->pairs.items[p->pairs.n - 1].detail = why;
}

/* The host takes part only in networks with a gateway, and in what it has routes to. */
static bool host_reaches(const struct pinger *p, const struct iface *i, const struct ip *ip)
{
	if (i->attach == ATTACH_NETWORK && p->m->networks.items[i->index].on_host)
		return true;
	for (size_t k = 0; k < p->m->host_routes.n; k++)
		if (prefix_contains(&p->m->host_routes.items[k].to, ip))
			return true;
	return false;
}

/* only: that interface of the node's, or NULL for all. */
static void add_node_target(struct pinger *p, size_t from, size_t to, const struct iface *only)
{
	const struct node *n = &p->m->nodes.items[to];
	size_t before = p->pairs.n;
	bool any = false;

	for (size_t i = 0; i < n->ifaces.n; i++)
		for (size_t k = 0; (!only || only == &n->ifaces.items[i]) && k < n->ifaces.items[i].addresses.n; k++) {
			const struct ip *ip = &n->ifaces.items[i].addresses.items[k].ip;

			any = true;
			if (from != p->host_place || host_reaches(p, &n->ifaces.items[i], ip))
				add_pair(p, from, n->name, ip);
		}
	if (p->pairs.n == before)
		add_nothing(p, from, n->name, any ? "the host has no route that leads there" : "it has no address");
}

/* The host as a node sees it: the gateways of the networks it is on, else those of the lab. */
static void add_host_target(struct pinger *p, size_t from)
{
	size_t before = p->pairs.n;

	for (int own = 1; own >= 0 && p->pairs.n == before; own--)
		for (size_t i = 0; i < p->m->networks.n; i++) {
			const struct network *net = &p->m->networks.items[i];
			bool on = false;

			for (size_t k = 0; from != p->host_place && k < net->ports.n; k++)
				on |= net->ports.items[k].node == from;
			for (int f = 0; f < IP_FAMILIES; f++)
				if (net->subnet[f].gateway.set && (on || !own))
					add_pair(p, from, "host", &net->subnet[f].gateway);
		}
	if (p->pairs.n == before)
		add_nothing(p, from, "host", "the host has no address in this lab");
}

static int no_such_node(struct pinger *p, const char *name, struct nsl_error **err)
{
	const char **names = arena_array(p->a, p->m->nodes.n, const char *), *near;

	for (size_t i = 0; i < p->m->nodes.n; i++)
		names[i] = p->m->nodes.items[i].name;
	near = nearest_word(name, names, p->m->nodes.n);
	error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"%s\" has no node \"%s\"", p->m->name, name);
	if (near)
		error_hint(err, "did you mean \"%s\"?", near);
	return -ENOENT;
}

/* A node's index, host_place, or an error. */
static int place_of(struct pinger *p, const char *name, size_t *out, struct nsl_error **err)
{
	const char *dot = strchr(name, '.');
	const struct node *n;

	if (streq(name, "host")) {
		*out = p->host_place;
		return 0;
	}
	if (dot && strncmp(name, p->m->name, (size_t)(dot - name)) == 0 && p->m->name[dot - name] == '\0')
		name = dot + 1;
	n = model_node(p->m, name);
	if (!n)
		return no_such_node(p, name, err);
	*out = (size_t)(n - p->m->nodes.items);
	return 0;
}

static int no_such_interface(struct pinger *p, const struct node *n, const char *name, struct nsl_error **err)
{
	const char **names = arena_array(p->a, n->ifaces.n + 1, const char *), *near;

	for (size_t i = 0; i < n->ifaces.n; i++)
		names[i] = n->ifaces.items[i].name;
	near = nearest_word(name, names, n->ifaces.n);
	error_set(err, NSL_E_NOT_FOUND, ENOENT, "node \"%s\" has no interface \"%s\"", n->name, name);
	if (near)
		error_hint(err, "did you mean \"%s:%s\"?", n->name, near);
	return -ENOENT;
}

/* NODE:INTERFACE */
static int add_interface(struct pinger *p, size_t from, const char *to, const char *colon, struct nsl_error **err)
{
	size_t place = 0;
	int r = place_of(p, arena_strndup(p->a, to, (size_t)(colon - to)), &place, err);
	const struct node *n;

	if (r < 0)
		return r;
	if (place == p->host_place)
		return error_set(err, NSL_E_USAGE, EINVAL,
		                 "\"%s\": interfaces of the host are none of the lab's; name an address", to);
	n = &p->m->nodes.items[place];
	for (size_t i = 0; i < n->ifaces.n; i++) {
		if (!streq(n->ifaces.items[i].name, colon + 1))
			continue;
		add_node_target(p, from, place, &n->ifaces.items[i]);
		return 0;
	}
	return no_such_interface(p, n, colon + 1, err);
}

static int add_target(struct pinger *p, size_t from, const char *to, struct nsl_error **err)
{
	const char *colon = strchr(to, ':');
	struct ip ip;
	size_t place = 0;
	int r;

	if (ip_parse(to, &ip)) {
		add_pair(p, from, NULL, &ip);
		return 0;
	}
	if (colon)
		return add_interface(p, from, to, colon, err);
	r = place_of(p, to, &place, err);
	if (r < 0)
		return r;
	if (place == p->host_place)
		add_host_target(p, from);
	else
		add_node_target(p, from, place, NULL);
	return 0;
}

static void add_targets_of_all(struct pinger *p, size_t from)
{
	for (size_t i = 0; i < p->m->nodes.n; i++)
		if (i != from)
			add_node_target(p, from, i, NULL);
}

static int list_pairs(struct pinger *p, const struct nsloom_ping_options *o, struct nsl_error **err)
{
	size_t from = 0, last = p->m->nodes.n;
	bool address_only = o->from && !o->to && is_address(o->from); /* every node to that address */
	const char *to = address_only ? o->from : o->to;
	int r = o->from && !address_only ? place_of(p, o->from, &from, err) : 0;

	if (r < 0)
		return r;
	if (o->from && !address_only)
		last = from + 1;
	for (; r == 0 && from < last; from++) {
		if (to)
			r = add_target(p, from, to, err);
		else
			add_targets_of_all(p, from);
	}
	return r;
}

static void list_places(struct pinger *p)
{
	size_t n = p->m->nodes.n;

	p->host_place = n;
	p->places = arena_array(p->a, n + 1, struct ping_place);
	p->box->ping.nodes = arena_array(p->a, n, const char *);
	p->box->ping.n_nodes = n;
	for (size_t i = 0; i < n; i++) {
		char file[NAME_MAX_LEN + 4], path[512];

		snprintf(file, sizeof(file), "ns/%s", p->m->nodes.items[i].name);
		rundir_path(&p->ns->engine.dirs, p->m->name, file, path, sizeof(path));
		p->places[i].netns = arena_strdup(p->a, path);
		p->box->ping.nodes[i] = arena_strdup(p->a, p->m->nodes.items[i].name);
	}
}

static const enum nsloom_reply replies[] = {
	[PING_REPLY] = NSLOOM_REPLY,
	[PING_NO_ANSWER] = NSLOOM_NO_ANSWER,
	[PING_NO_ROUTE] = NSLOOM_NO_ROUTE,
	[PING_UNREACHABLE] = NSLOOM_UNREACHABLE,
	[PING_SEND_FAILED] = NSLOOM_SEND_FAILED,
};
_Static_assert(sizeof(replies) / sizeof(replies[0]) == PING_RESULT_COUNT, "every result has its word");

static const char *ip_word(struct arena *a, const struct ip *ip)
{
	char text[IP_TEXT_MAX];

	return ip->set ? arena_strdup(a, ip_text(ip, text)) : NULL;
}

static void take_results(struct pinger *p)
{
	struct nsloom_ping *out = &p->box->ping;

	for (size_t i = 0; i < p->pairs.n; i++) {
		struct nsloom_ping_pair *pair = &p->pairs.items[i];
		const struct ping_probe *probe;
		const char *reason;

		if (p->probe_of.items[i] == NOBODY)
			continue;
		probe = &p->probes.items[p->probe_of.items[i]];
		reason = ping_reason(probe);
		pair->result = replies[probe->result];
		pair->source = ip_word(p->a, &probe->source);
		pair->by = probe->result == PING_UNREACHABLE ? ip_word(p->a, &probe->by) : NULL;
		pair->detail = reason ? arena_strdup(p->a, reason) : NULL;
		pair->sent = probe->sent;
		pair->received = probe->received;
		pair->rtt_min_us = probe->rtt_min_us;
		pair->rtt_avg_us = probe->rtt_avg_us;
		pair->rtt_max_us = probe->rtt_max_us;
		out->n_answered += probe->result == PING_REPLY;
	}
	out->lab = arena_strdup(p->a, p->m->name);
	out->pairs = p->pairs.items;
	out->n_pairs = p->pairs.n;
}

/* The three steps, so that the arena's landing spans none that opens sockets. */
static int prepare(struct pinger *p, const struct nsloom_ping_options *o, struct nsl_error **err)
{
	int r;

	if (arena_exhausted(p->a)) {
		arena_settle(p->a);
		return error_oom(err);
	}
	p->box = arena_new_of(p->a, struct ping_box);
	p->box->arena = p->a;
	list_places(p);
	r = list_pairs(p, o, err);
	arena_settle(p->a);
	return r;
}

static int finish(struct pinger *p, struct nsl_error **err)
{
	if (arena_exhausted(p->a)) {
		arena_settle(p->a);
		return error_oom(err);
	}
	take_results(p);
	arena_settle(p->a);
	return 0;
}

static int lab_up(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_ping_options *o,
                  struct model **m, struct nsl_error **err)
{
	struct target t = target_of(target);
	char lab[NAME_MAX_LEN + 1], node[NAME_MAX_LEN + 1];
	int r;

	if (o->from && strchr(o->from, '.') && !is_address(o->from))
		r = find_node(&ns->engine, &t, o->from, lab, node, err);
	else
		r = find_lab(&ns->engine, &t, lab, err);
	if (r == 0)
		r = record_read(&ns->engine.dirs, lab, m, err);
	if (r == 0 && !*m) {
		r = error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"%s\" is not up", lab);
		error_hint(err, "nsloom up weaves it");
	}
	return r;
}

int nsloom_ping(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_ping_options *options,
                struct nsloom_ping **out, struct nsl_error **err)
{
	static const struct nsloom_ping_options none;
	const struct nsloom_ping_options *o = options ? options : &none;
	_cleanup_model_ struct model *m = NULL;
	_cleanup_arena_ struct arena *a = NULL;
	struct ping_options po = {.count = o->count, .timeout_ms = o->timeout_ms, .cancel = &ns->engine.cancel};
	struct pinger p = {.ns = ns};
	int r = call_begin(ns, err);

	if (r == 0)
		r = lab_up(ns, target, o, &m, err);
	if (r < 0)
		return r;
	a = arena_new();
	if (!a)
		return error_oom(err);
	p.a = a;
	p.m = m;
	r = prepare(&p, o, err);
	if (r == 0)
		r = ping_run(p.places, p.host_place + 1, p.probes.items, p.probes.n, &po, err);
	if (r == 0)
		r = finish(&p, err);
	if (r < 0)
		return call_end(ns, r);
	*out = &p.box->ping;
	a = NULL; /* the box owns it */
	return 0;
}

void nsloom_ping_free(struct nsloom_ping *ping)
{
	if (ping)
		arena_free(((struct ping_box *)ping)->arena);
}
