/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labs, nodes, interfaces, addresses, namespaces and processes, as they are when the key is pressed: see complete.h. */
#include <string.h>

#include <nsloom/scope.h>

#include "complete.h"
#include "fd.h"
#include "text.h"

/* ---- labs ------------------------------------------------------------------------------------------ */

void offer_labs(struct completer *c)
{
	struct nsloom_list *list = NULL;

	if (nsloom_ls(c->cli->ns, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list->n_labs; i++)
		if (!list->labs[i].user)
			offer(c, list->labs[i].name, list->labs[i].file ? list->labs[i].file : "lab");
	nsloom_list_free(list);
}

/* By --file or --lab, or by LAB.NODE in the first operand; NULL in both: the one that is found here. */
static struct nsloom_target target_of(const struct completer *c)
{
	struct nsloom_target target = {.file = c->line->globals.file, .lab = c->line->globals.lab};
	const char *first = c->line->operands.n ? c->line->operands.items[0] : "", *dot = strchr(first, '.');

	if (!target.file && !target.lab && dot && c->line->command->operands[0].word == WORD_FROM)
		target.lab = arena_strndup(c->cli->arena, first, (size_t)(dot - first));
	return target;
}

static const struct nsloom_lab *lab_of(struct completer *c)
{
	struct nsloom_target target = target_of(c);

	if (!c->lab && !c->no_lab)
		c->no_lab = nsloom_show(c->cli->ns, &target, &c->lab, NULL) < 0;
	return c->no_lab ? NULL : c->lab;
}

void complete_done(struct completer *c)
{
	nsloom_lab_free(TAKE_PTR(c->lab));
}

void offer_host(struct completer *c)
{
	offer(c, "host", "the machine itself");
}

static const char *kind_of(const struct nsloom_node *n)
{
	return n->router ? "router" : "node";
}

void offer_nodes(struct completer *c)
{
	const struct nsloom_lab *lab = lab_of(c);

	for (size_t i = 0; lab && i < lab->n_nodes; i++)
		offer(c, lab->nodes[i].name, kind_of(&lab->nodes[i]));
}

/* Whether one is the beginning of the other: a word may become "LAB.…", or has got beyond it. */
static bool fits(const char *begun, const char *lead)
{
	return has_prefix(lead, begun) || has_prefix(begun, lead);
}

static void offer_nodes_of(struct completer *c, const char *name)
{
	struct nsloom_target target = {.lab = name};
	struct nsloom_lab *lab = NULL;

	if (nsloom_show(c->cli->ns, &target, &lab, NULL) < 0)
		return;
	for (size_t i = 0; i < lab->n_nodes; i++)
		offer(c, lab->nodes[i].netns, kind_of(&lab->nodes[i]));
	nsloom_lab_free(lab);
}

void offer_nodes_of_others(struct completer *c)
{
	const struct globals *g = &c->line->globals;
	const struct nsloom_lab *own = lab_of(c);
	struct nsloom_list *list = NULL;

	if (g->file || g->lab || nsloom_ls(c->cli->ns, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list->n_labs; i++) {
		const char *name = list->labs[i].name;
		bool unasked = own && streq(name, own->name) && !strchr(c->begun, '.');

		if (!list->labs[i].user && !unasked && fits(c->begun, arena_printf(c->cli->arena, "%s.", name)))
			offer_nodes_of(c, name);
	}
	nsloom_list_free(list);
}

/* "192.168.15.1/24, 10.0.0.1/24": what an interface is told by. */
static const char *addresses_of(struct completer *c, const struct nsloom_interface *i)
{
	const char *text = NULL;

	for (size_t k = 0; k < i->n_addresses; k++)
		text = text ? arena_printf(c->cli->arena, "%s, %s", text, i->addresses[k]) : i->addresses[k];
	return text ? text : "no address";
}

/* Up to its last colon, `begun` is `name`, or lab.name. */
static bool before_colon(const struct completer *c, const struct nsloom_node *n)
{
	size_t len = (size_t)(strrchr(c->begun, ':') - c->begun);

	return (strlen(n->name) == len && strncmp(n->name, c->begun, len) == 0) ||
	       (strlen(n->netns) == len && strncmp(n->netns, c->begun, len) == 0);
}

void offer_interfaces(struct completer *c)
{
	const struct nsloom_lab *lab = strrchr(c->begun, ':') ? lab_of(c) : NULL;

	for (size_t i = 0; lab && i < lab->n_nodes; i++) {
		const struct nsloom_node *n = &lab->nodes[i];
		int len = (int)(strrchr(c->begun, ':') - c->begun);

		if (!before_colon(c, n))
			continue;
		for (size_t k = 0; k < n->n_interfaces; k++)
			offer(c, arena_printf(c->cli->arena, "%.*s:%s", len, c->begun, n->interfaces[k].name),
			      addresses_of(c, &n->interfaces[k]));
	}
}

static void offer_address(struct completer *c, const char *address, const char *whose)
{
	offer(c, arena_strndup(c->cli->arena, address, strcspn(address, "/")), whose);
}

void offer_addresses(struct completer *c)
{
	const struct nsloom_lab *lab = *c->begun ? lab_of(c) : NULL;

	for (size_t i = 0; lab && i < lab->n_nodes; i++) {
		const struct nsloom_node *n = &lab->nodes[i];

		for (size_t k = 0; k < n->n_interfaces; k++)
			for (size_t j = 0; j < n->interfaces[k].n_addresses; j++)
				offer_address(c, n->interfaces[k].addresses[j],
				              arena_printf(c->cli->arena, "%s:%s", n->name, n->interfaces[k].name));
	}
	for (size_t i = 0; lab && i < lab->n_networks; i++)
		for (size_t k = 0; k < lab->networks[i].n_subnets; k++)
			if (lab->networks[i].subnets[k].gateway)
				offer_address(c, lab->networks[i].subnets[k].gateway,
				              arena_printf(c->cli->arena, "host, on %s", lab->networks[i].name));
}

/* ---- the machine ----------------------------------------------------------------------------------- */

static struct nsl_census *census_of(struct completer *c, bool devices)
{
	struct nsl_census_options options = {.no_devices = !devices};
	struct nsl_census *census = NULL;

	return nsloom_census(c->cli->ns, &options, &census, NULL) < 0 ? NULL : census;
}

static const char *kind_of_namespace(const struct nsl_netns *ns)
{
	return streq(ns->name, "host") ? "the machine itself"
	       : ns->lab               ? "node"
	       : ns->engine            ? ns->engine
	                               : "namespace";
}

void offer_namespaces(struct completer *c)
{
	struct nsl_census *census = census_of(c, false);

	for (size_t i = 0; census && i < census->n; i++)
		offer(c, census->items[i].name, kind_of_namespace(&census->items[i]));
	nsloom_census_free(census);
}

void offer_namespace_names(struct completer *c)
{
	struct nsl_census *census = census_of(c, false);

	for (size_t i = 0; census && i < census->n; i++) {
		const struct nsl_netns *ns = &census->items[i];

		for (size_t k = 0; !ns->lab && k < ns->n_holds; k++)
			if (ns->holds[k].by == NSL_KEPT_BY_NAME)
				offer(c, strrchr(ns->holds[k].path, '/') + 1, kind_of_namespace(ns));
	}
	nsloom_census_free(census);
}

static void offer_devices_of(struct completer *c, const struct nsl_netns *ns)
{
	int len = (int)(strrchr(c->begun, ':') - c->begun);

	if (strlen(ns->name) != (size_t)len || strncmp(ns->name, c->begun, (size_t)len) != 0)
		return;
	for (size_t i = 0; i < ns->n_devices; i++)
		offer(c, arena_printf(c->cli->arena, "%s:%s", ns->name, ns->devices[i].name), ns->devices[i].kind);
}

void offer_devices(struct completer *c)
{
	struct nsl_census *census = strrchr(c->begun, ':') ? census_of(c, true) : NULL;
	const struct nsloom_lab *lab = census ? lab_of(c) : NULL;
	bool own = false;

	for (size_t i = 0; lab && i < lab->n_nodes; i++)
		own |= before_colon(c, &lab->nodes[i]);
	if (own)
		offer_interfaces(c);
	for (size_t i = 0; !own && census && i < census->n; i++)
		offer_devices_of(c, &census->items[i]);
	nsloom_census_free(census);
}

void offer_processes(struct completer *c)
{
	struct nsl_census *census = census_of(c, false);

	for (size_t i = 0; census && i < census->n; i++) {
		const struct nsl_netns *ns = &census->items[i];

		for (size_t k = 0; k < ns->n_holds; k++)
			if (ns->holds[k].by == NSL_KEPT_BY_PROCESS)
				offer(c, arena_printf(c->cli->arena, "%d", ns->holds[k].pid),
				      arena_printf(c->cli->arena, "%s, in %s",
				                   ns->holds[k].command ? ns->holds[k].command : "?", ns->name));
	}
	nsloom_census_free(census);
}
