/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "census_json.h"
#include "cli.h"
#include "fd.h"
#include "options.h"
#include "strbuf.h"
#include "table.h"
#include "text.h"

struct ls_args {
	bool holds, processes, devices;
};

enum { NAME, OF, INODE, NSID, USERNS, PROCESSES, DEVICES, ADDRESSES };

static const struct column columns[] = {
	[NAME] = {"NAMESPACE", COLUMN_CUT},
	[OF] = {"OF", COLUMN_CUT},
	[INODE] = {"INODE", COLUMN_RIGHT | COLUMN_DROP},
	[NSID] = {"NSID", COLUMN_RIGHT | COLUMN_DROP},
	[USERNS] = {"USERNS", COLUMN_CUT},
	[PROCESSES] = {"PROCESSES", COLUMN_RIGHT},
	[DEVICES] = {"DEVICES", COLUMN_RIGHT},
	[ADDRESSES] = {"ADDRESSES", COLUMN_CUT},
};

/* Whose it is: a lab's, a container's, else that of the first process. */
static void put_owner(struct table *t, const struct nsl_netns *ns, bool own)
{
	if (ns->lab) {
		table_putf(t, OF, STYLE_PLAIN, "lab %s", ns->lab);
		return;
	}
	if (ns->engine) {
		bool named = streq(ns->container, ns->name);

		table_putf(t, OF, STYLE_PLAIN, "%s%s%s", ns->engine, named ? "" : " ", named ? "" : ns->container);
		return;
	}
	for (size_t i = 0; !own && i < ns->n_holds; i++)
		if (ns->holds[i].pid) {
			table_putf(t, OF, STYLE_DIM, "%s (%d)", ns->holds[i].command ? ns->holds[i].command : "?",
			           ns->holds[i].pid);
			return;
		}
}

/* Those that others could reach it by. */
static void put_addresses(struct table *t, const struct nsl_netns *ns)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	for (size_t i = 0; i < ns->n_devices; i++)
		for (size_t k = 0; k < ns->devices[i].n_addresses; k++)
			if (!streq(ns->devices[i].kind, "loopback") &&
			    !has_prefix(ns->devices[i].addresses[k], "fe80:"))
				strbuf_printf(&b, "%s%s", b.len ? ", " : "", ns->devices[i].addresses[k]);
	if (b.s)
		table_put(t, ADDRESSES, STYLE_PLAIN, b.s);
}

/* Below the row, across all columns. */
static void line(struct cli *cli, struct table *t, const char *fmt, ...) PRINTF(3, 4);

static void line(struct cli *cli, struct table *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	table_heading(t, STYLE_DIM, arena_vprintf(cli->arena, fmt, ap));
	va_end(ap);
}

static void put_holds(struct cli *cli, struct table *t, const struct nsl_netns *ns)
{
	const struct ls_args *args = cli->parsed.args;

	for (size_t i = 0; i < ns->n_holds; i++) {
		const struct nsl_hold *h = &ns->holds[i];
		bool process = h->by == NSL_KEPT_BY_PROCESS;

		if (process ? !args->processes : !args->holds)
			continue;
		if (process)
			line(cli, t, "  %d %s", h->pid, h->command ? h->command : "?");
		else if (h->command)
			line(cli, t, "  %s %s of %s", keeper_word(h->by), h->path, h->command);
		else
			line(cli, t, "  %s%s%s", keeper_word(h->by), h->path ? " " : "", h->path ? h->path : "");
	}
}

static const char *tie_text(struct cli *cli, const struct nsl_census *c, const struct nsl_netns *ns,
                            const struct nsl_device *d)
{
	const struct nsl_netns *other = d->tied.ns < 0 ? NULL : &c->items[d->tied.ns];
	const char *sign = d->tie == NSL_TIE_PEER ? "↔" : "on";

	if (d->tie == NSL_TIE_NONE)
		return "";
	if (d->tie == NSL_TIE_LOST || !other)
		return arena_printf(cli->arena, " tied to device %u where nsloom cannot look", d->tie_ifindex);
	if (d->tied.device < 0)
		return arena_printf(cli->arena, " %s %s", sign, other->name);
	return arena_printf(cli->arena, " %s %s%s%s", sign, other == ns ? "" : other->name, other == ns ? "" : ":",
	                    other->devices[d->tied.device].name);
}

static void put_devices(struct cli *cli, struct table *t, const struct nsl_census *c, const struct nsl_netns *ns)
{
	for (size_t i = 0; i < ns->n_devices; i++) {
		const struct nsl_device *d = &ns->devices[i];
		bool in = d->master.device >= 0;

		line(cli, t, "  %s%s%s%s%s%s%s", d->name, *d->kind ? " " : "", d->kind, tie_text(cli, c, ns, d),
		     in ? " in " : "", in ? ns->devices[d->master.device].name : "", d->up ? "" : ", down");
	}
}

static void print_namespace(struct cli *cli, struct table *t, const struct nsl_census *c, const struct nsl_netns *ns)
{
	const struct ls_args *args = cli->parsed.args;

	table_row(t);
	table_put(t, NAME, STYLE_BOLD, ns->name);
	put_owner(t, ns, ns == c->items);
	if (ns->inode)
		table_putf(t, INODE, STYLE_PLAIN, "%" PRIu64, ns->inode);
	if (ns->nsid >= 0)
		table_putf(t, NSID, STYLE_PLAIN, "%" PRId32, ns->nsid);
	if (ns->userns && ns->userns != c->items[0].userns)
		table_putf(t, USERNS, STYLE_PLAIN, "%" PRIu64 " of uid %" PRId64, ns->userns, ns->owner);
	if (ns->n_processes)
		table_putf(t, PROCESSES, STYLE_PLAIN, "%zu", ns->n_processes);
	if (ns->errnum) {
		table_putf(t, ADDRESSES, STYLE_WARN, "%s",
		           ns->errnum == ENOENT ? "it vanished while it was read"
		                                : arena_printf(cli->arena, "cannot be read: %s", strerror(ns->errnum)));
	} else {
		table_putf(t, DEVICES, STYLE_PLAIN, "%zu", ns->n_devices);
		put_addresses(t, ns);
	}
	if (args->devices)
		put_devices(cli, t, c, ns);
	put_holds(cli, t, ns);
}

static void print(struct cli *cli, const struct nsl_census *c)
{
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < c->n; i++)
		print_namespace(cli, t, c, &c->items[i]);
	table_print(t, &cli->out);
	if (c->n_hidden) {
		out_printf(&cli->notes, STYLE_PLAIN, "note: %s of other users could not be looked at: root sees all",
		           cli_count(cli, c->n_hidden, "process"));
		out_newline(&cli->notes);
	}
	if (c->n_unsearched) {
		out_printf(&cli->notes, STYLE_PLAIN,
		           "note: the mounts of %s were not looked through: there are too many",
		           cli_count(cli, c->n_unsearched, "mount namespace"));
		out_newline(&cli->notes);
	}
}

/* A lab that was asked for is to be there. */
static int need_lab(const struct nsl_census *c, const char *lab, struct nsl_error **err)
{
	for (size_t i = 0; lab && i < c->n; i++)
		if (c->items[i].lab && streq(c->items[i].lab, lab))
			return 0;
	if (!lab)
		return 0;
	error_set(err, NSL_E_NOT_FOUND, ENOENT, "there is no namespace of a lab \"%s\"", lab);
	error_hint(err, "nsloom ls lists the labs that are up");
	return -ENOENT;
}

static int run(struct cli *cli, struct nsl_error **err)
{
	struct nsl_census_options options = {.lab = cli->parsed.globals.lab};
	struct nsl_census *census = NULL;
	int r = nsloom_census(cli->ns, &options, &census, err);

	if (r == 0)
		r = need_lab(census, options.lab, err);
	if (r < 0) {
		nsloom_census_free(census);
		return r;
	}
	if (cli->parsed.globals.json) {
		json_t *document = json_object();

		put_census(document, census, &options);
		json_print(&cli->out, document);
	} else {
		print(cli, census);
	}
	nsloom_census_free(census);
	return STATUS_DONE;
}

static const struct option options[] = {
	{'d', "devices", NULL, FLAG(struct ls_args, devices), "list the devices, and what they are tied to"},
	{'k', "keepers", NULL, FLAG(struct ls_args, holds), "list what keeps each alive: mounts, descriptors"},
	{'p', "processes", NULL, FLAG(struct ls_args, processes), "list the processes in each"},
	{0},
};

const struct command command_ns_ls = {
	.name = "ns ls",
	.group = "Look",
	.help = "list every network namespace of the machine",
	.details = "However it is kept: by a name, a mount elsewhere, processes, descriptors, or\n"
		   "only as the other side of a device. With -l LAB only those of a lab, and what\n"
		   "they are tied to. USERNS is shown where it is not the caller's own.",
	.options = options,
	.args_size = sizeof(struct ls_args),
	.where = PLACE_JOIN,
	.run = run,
};
