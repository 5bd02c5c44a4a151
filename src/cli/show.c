/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lab as it is decided: its nodes, networks, links, and on request its routes. */
#include "show.h"
#include "cli.h"
#include "fd.h"
#include "options.h"
#include "table.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct show_args {
	bool routes;
};

enum { USUAL_MTU = 1500 };

static void begin_section(struct cli *cli)
{
	out_newline(&cli->out);
}

static void print_header(struct cli *cli, const struct nsloom_lab *lab)
{
	struct out *o = &cli->out;

	out_text(o, STYLE_BOLD, lab->name);
	out_raw(o, " is ");
	out_text(o, lab->up ? STYLE_GOOD : STYLE_WARN, lab->up ? "up" : "not up");
	out_printf(o, STYLE_PLAIN, ": %s, %s, %s", cli_count(cli, lab->n_nodes, "node"),
	           cli_count(cli, lab->n_networks, "network"), cli_count(cli, lab->n_links, "link"));
	if (lab->file)
		out_printf(o, STYLE_DIM, " (%s)", cli_path(cli, lab->file));
	out_newline(o);
}

static void put_addresses(struct table *t, size_t column, const char *const *addresses, size_t n)
{
	for (size_t i = 0; i < n; i++)
		table_put(t, column, STYLE_PLAIN, addresses[i]);
}

enum node_column { NODE, INTERFACE, ADDRESSES, PLUGS_INTO, MAC, NODE_MTU };

static void put_interface(struct table *t, const struct nsloom_interface *i)
{
	table_put(t, INTERFACE, STYLE_PLAIN, i->name);
	put_addresses(t, ADDRESSES, i->addresses, i->n_addresses);
	if (i->network)
		table_put(t, PLUGS_INTO, STYLE_PLAIN, i->network);
	else if (i->peer_node)
		table_putf(t, PLUGS_INTO, STYLE_PLAIN, "%s:%s", i->peer_node, i->peer_interface);
	if (i->mac)
		table_put(t, MAC, STYLE_DIM, i->mac);
	if (i->mtu && i->mtu != USUAL_MTU)
		table_putf(t, NODE_MTU, STYLE_PLAIN, "%u", i->mtu);
}

static void print_nodes(struct cli *cli, const struct nsloom_lab *lab)
{
	static const struct column columns[] = {
		[NODE] = {"NODE", COLUMN_CUT},  [INTERFACE] = {"INTERFACE", 0},
		[ADDRESSES] = {"ADDRESSES", 0}, [PLUGS_INTO] = {"PLUGS INTO", COLUMN_CUT},
		[MAC] = {"MAC", COLUMN_DROP},   [NODE_MTU] = {"MTU", COLUMN_RIGHT},
	};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));

	if (!lab->n_nodes)
		return;
	begin_section(cli);
	for (size_t i = 0; i < lab->n_nodes; i++) {
		const struct nsloom_node *n = &lab->nodes[i];

		table_row(t);
		table_putf(t, NODE, STYLE_BOLD, "%s%s", n->name, n->router ? " (router)" : "");
		for (size_t k = 0; k < n->n_interfaces; k++) {
			if (k)
				table_row(t);
			put_interface(t, &n->interfaces[k]);
		}
	}
	table_print(t, &cli->out);
}

enum network_column { NETWORK, SUBNET, GATEWAY, NAT, BRIDGE, STANDS, PORTS, NETWORK_MTU };

/* Keeps the lines of a network's subnets side by side: a cell's line cannot be left out. */
static const char *or_dash(const char *s)
{
	return s ? s : "-";
}

/* "host", "fabric", "fabric+1" */
static void put_bridge(struct table *t, const struct nsloom_bridge *b)
{
	const char *fabric = b->netns ? strchr(b->netns, '@') : NULL;

	table_put(t, BRIDGE, STYLE_PLAIN, b->device);
	table_put(t, STANDS, STYLE_PLAIN, b->on_host ? "host" : fabric ? fabric + 1 : "fabric");
	table_putf(t, PORTS, STYLE_PLAIN, "%zu", b->n_ports);
}

static void put_network(struct table *t, const struct nsloom_network *n)
{
	table_row(t);
	table_put(t, NETWORK, STYLE_BOLD, n->name);
	for (size_t s = 0; s < n->n_subnets; s++) {
		table_put(t, SUBNET, STYLE_PLAIN, n->subnets[s].prefix);
		table_put(t, GATEWAY, STYLE_PLAIN, or_dash(n->subnets[s].gateway));
		table_put(t, NAT, STYLE_PLAIN, n->subnets[s].nat ? "yes" : "no");
	}
	if (!n->n_bridges)
		put_bridge(t,
		           &(struct nsloom_bridge){.device = n->device, .on_host = n->on_host, .n_ports = n->n_ports});
	for (size_t i = 0; i < n->n_bridges; i++)
		put_bridge(t, &n->bridges[i]);
	if (n->mtu && n->mtu != USUAL_MTU)
		table_putf(t, NETWORK_MTU, STYLE_PLAIN, "%u", n->mtu);
}

static void print_networks(struct cli *cli, const struct nsloom_lab *lab)
{
	static const struct column columns[] = {
		[NETWORK] = {"NETWORK", COLUMN_CUT},
		[SUBNET] = {"SUBNET", 0},
		[GATEWAY] = {"GATEWAY", 0},
		[NAT] = {"NAT", 0},
		[BRIDGE] = {"BRIDGE", 0},
		[STANDS] = {"IN", 0},
		[PORTS] = {"PORTS", COLUMN_RIGHT},
		[NETWORK_MTU] = {"MTU", COLUMN_RIGHT},
	};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));

	if (!lab->n_networks)
		return;
	begin_section(cli);
	for (size_t i = 0; i < lab->n_networks; i++)
		put_network(t, &lab->networks[i]);
	table_print(t, &cli->out);
}

static void print_links(struct cli *cli, const struct nsloom_lab *lab)
{
	static const struct column columns[] = {
		{"LINK", COLUMN_CUT}, {"ADDRESSES", 0}, {"TO", COLUMN_CUT}, {"ADDRESSES", 0}, {"MTU", COLUMN_RIGHT}};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));

	if (!lab->n_links)
		return;
	begin_section(cli);
	for (size_t i = 0; i < lab->n_links; i++) {
		const struct nsloom_link *l = &lab->links[i];

		table_row(t);
		for (size_t e = 0; e < 2; e++) {
			table_putf(t, 2 * e, STYLE_PLAIN, "%s:%s", l->end[e].node, l->end[e].interface);
			put_addresses(t, 2 * e + 1, l->end[e].addresses, l->end[e].n_addresses);
		}
		if (l->mtu && l->mtu != USUAL_MTU)
			table_putf(t, 4, STYLE_PLAIN, "%u", l->mtu);
	}
	table_print(t, &cli->out);
}

/* The line is one of the file that the heading names. */
enum route_column { ROUTE_NODE, TO, VIA, DEV, BECAUSE, LINE };

static void put_route(struct table *t, const struct nsloom_route *r)
{
	static const struct {
		const char *reason, *words;
	} why[] = {{"file", "the file asks for it"},
	           {"connected", "its own subnet"},
	           {"lab", "behind a router"},
	           {"default", "the way out"}};
	const char *words = r->reason;

	for (size_t i = 0; i < ARRAY_SIZE(why); i++) {
		if (r->reason && streq(why[i].reason, r->reason))
			words = why[i].words;
	}
	table_putf(t, TO, STYLE_PLAIN, "%s%s", r->to, streq(r->to, "default") && r->family == 6 ? " (IPv6)" : "");
	for (size_t h = 0; h < r->n_hops; h++) {
		table_put(t, VIA, STYLE_PLAIN, or_dash(r->hops[h].via));
		table_put(t, DEV, STYLE_PLAIN, or_dash(r->hops[h].interface));
	}
	table_put(t, BECAUSE, STYLE_PLAIN, or_dash(words));
	if (r->line)
		table_putf(t, LINE, STYLE_DIM, "%u", r->line);
}

static void put_routes(struct table *t, const char *node, const struct nsloom_route *routes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		table_row(t);
		if (i == 0)
			table_put(t, ROUTE_NODE, STYLE_BOLD, node);
		put_route(t, &routes[i]);
	}
}

static void print_routes(struct cli *cli, const struct nsloom_lab *lab)
{
	static const struct column columns[] = {
		[ROUTE_NODE] = {"ROUTES OF", COLUMN_CUT},
		[TO] = {"TO", 0},
		[VIA] = {"VIA", 0},
		[DEV] = {"DEV", 0},
		[BECAUSE] = {"BECAUSE", COLUMN_CUT},
		[LINE] = {"LINE", COLUMN_RIGHT},
	};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));

	begin_section(cli);
	for (size_t i = 0; i < lab->n_nodes; i++)
		put_routes(t, lab->nodes[i].name, lab->nodes[i].routes, lab->nodes[i].n_routes);
	put_routes(t, "host", lab->host_routes, lab->n_host_routes);
	table_print(t, &cli->out);
}

static void print_sysctls(struct cli *cli, const struct nsloom_lab *lab)
{
	static const struct column columns[] = {{"SYSCTLS OF", COLUMN_CUT}, {"KEY", 0}, {"VALUE", COLUMN_CUT}};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));
	bool any = false;

	for (size_t i = 0; i < lab->n_nodes; i++) {
		const struct nsloom_node *n = &lab->nodes[i];

		for (size_t k = 0; k < n->n_sysctls; k++) {
			any = true;
			table_row(t);
			if (k == 0)
				table_put(t, 0, STYLE_BOLD, n->name);
			table_put(t, 1, STYLE_PLAIN, n->sysctls[k].key);
			table_put(t, 2, STYLE_PLAIN, n->sysctls[k].value);
		}
	}
	if (any)
		begin_section(cli);
	table_print(t, &cli->out);
}

enum published_column { PUBLISHED, PUBLISHED_NODE, LEADS_TO, SEES };

/* "127.0.0.1:8000-8010": an address, and some of its ports. */
static void put_socket(struct table *t, size_t column, const char *host, unsigned port, unsigned count,
                       const char *protocol)
{
	bool v6 = strchr(host, ':') != NULL;
	char last[16] = "";

	if (count > 1)
		snprintf(last, sizeof(last), "-%u", port + count - 1);
	table_putf(t, column, STYLE_PLAIN, "%s%s%s:%u%s%s%s", v6 ? "[" : "", host, v6 ? "]" : "", port, last,
	           *protocol ? "/" : "", protocol);
}

static void print_published(struct cli *cli, const struct nsloom_lab *lab)
{
	static const struct column columns[] = {[PUBLISHED] = {"PUBLISHED", 0},
	                                        [PUBLISHED_NODE] = {"NODE", COLUMN_CUT},
	                                        [LEADS_TO] = {"LEADS TO", 0},
	                                        [SEES] = {"SEEN FROM THERE", COLUMN_CUT}};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));
	bool any = false;

	for (size_t i = 0; i < lab->n_nodes; i++)
		for (size_t k = 0; k < lab->nodes[i].n_published; k++) {
			const struct nsloom_published *p = &lab->nodes[i].published[k];

			any = true;
			table_row(t);
			put_socket(t, PUBLISHED, p->host, p->port, p->count, p->protocol);
			table_put(t, PUBLISHED_NODE, STYLE_BOLD, lab->nodes[i].name);
			put_socket(t, LEADS_TO, p->address, p->to, p->count, "");
			table_put(t, SEES, STYLE_DIM,
			          p->sees_client ? "the caller's address" : "the gateway's address");
		}
	if (any)
		begin_section(cli);
	table_print(t, &cli->out);
}

static int run(struct cli *cli, struct nsl_error **err)
{
	const struct show_args *args = cli->parsed.args;
	struct nsloom_target target;
	struct nsloom_lab *lab = NULL;
	int r = cli_target(cli, 0, &target, err);

	if (r < 0)
		return r;
	r = nsloom_show(cli->ns, &target, &lab, err);
	if (r < 0)
		return r;
	if (cli->parsed.globals.json) {
		json_print(&cli->out, lab_json(lab));
	} else {
		print_header(cli, lab);
		print_nodes(cli, lab);
		print_networks(cli, lab);
		print_links(cli, lab);
		print_published(cli, lab);
		print_sysctls(cli, lab);
		if (args->routes)
			print_routes(cli, lab);
	}
	nsloom_lab_free(lab);
	return STATUS_DONE;
}

static const struct option options[] = {
	{'r', "routes", NULL, FLAG(struct show_args, routes), "list the routes too, and why each is there"},
	{0},
};

static const struct operand operands[] = {{"LAB|FILE", WORD_TARGET, true}, {0}};

const struct command command_show = {
	.name = "show",
	.group = "Look",
	.help = "show nodes, networks, links and routes of a lab",
	.details = "The lab as it was last brought up; if it is not up, as its file describes it.\n"
		   "An MTU is shown where it is not 1500, a MAC where there is room. --json always\n"
		   "has everything, routes included.",
	.operands = operands,
	.options = options,
	.args_size = sizeof(struct show_args),
	.where = PLACE_JOIN,
	.run = run,
};
