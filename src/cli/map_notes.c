/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the row of a device says. See map_text.h. */
#include <string.h>

#include "fd.h"
#include "map_text.h"
#include "text.h"

void row_note(struct panel *p, struct row *row, const char *fmt, ...)
{
	const char *words;
	va_list ap;

	va_start(ap, fmt);
	words = arena_vprintf(p->a, fmt, ap);
	va_end(ap);
	row->note = *row->note ? arena_printf(p->a, "%s, %s", row->note, words) : words;
}

bool address_is_told(const char *address)
{
	return !has_prefix(address, "fe80:") && !has_prefix(address, "127.") && !streq(address, "::1/128");
}

static const char *all_addresses(struct panel *p, const struct nsl_device *d)
{
	const char *all = "";

	for (size_t i = 0; i < d->n_addresses; i++)
		if (address_is_told(d->addresses[i]))
			all = *all ? arena_printf(p->a, "%s, %s", all, d->addresses[i]) : d->addresses[i];
	return all;
}

/* What it is, where neither its line nor a word of the edge says so. */
static void note_kind(struct panel *p, struct row *row, const struct nsl_device *d)
{
	if (d->vlan)
		row_note(p, row, "%s %u", d->kind, d->vlan);
	else if (d->mode)
		row_note(p, row, "%s %s", d->kind, d->mode);
	else if (d->tunnel && d->tunnel->id)
		row_note(p, row, "%s %u", d->kind, d->tunnel->id);
	else if (*d->kind && !streq(d->kind, "veth") && !streq(d->kind, "loopback"))
		row_note(p, row, "%s", d->kind);
	if ((streq(d->kind, "tun") || streq(d->kind, "tap")) && !d->holder)
		row_note(p, row, "held by nobody");
}

/* That of IPv6 only where it is another device's: it says no more, and takes much room. */
static void note_way_out(struct panel *p, struct row *row, const struct nsl_netns *ns)
{
	const struct nsl_way_out *out = ns->out[0].device == row->device ? &ns->out[0] : &ns->out[1];

	if (out->device != row->device)
		return;
	if (out->via)
		row_note(p, row, "via %s", out->via);
	else
		row_note(p, row, "way out");
}

static const char *amount(struct panel *p, uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1000 && unit + 1 < ARRAY_SIZE(units); unit++)
		value /= 1000;
	return arena_printf(p->a, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void note_counters(struct panel *p, struct row *row, const struct nsl_counters *c)
{
	uint64_t lost = c->rx_errors + c->rx_dropped + c->tx_errors + c->tx_dropped;

	row_note(p, row, "in %s, out %s", amount(p, c->rx_bytes), amount(p, c->tx_bytes));
	if (lost)
		row_note(p, row, "%llu lost", (unsigned long long)lost);
}

static void note_state(struct panel *p, struct row *row, const struct nsl_device *d)
{
	if (!d->up) {
		row_note(p, row, "down");
		row->style = STYLE_BAD;
	} else if (!d->carrier) {
		row_note(p, row, "no carrier");
		row->style = STYLE_WARN;
	}
}

void row_fill(struct panel *p, struct row *row, const struct nsl_netns *ns)
{
	const struct nsl_device *d = &ns->devices[row->device];

	row->name = d->name;
	row->address = p->stacked ? "" : all_addresses(p, d);
	note_state(p, row, d);
	note_kind(p, row, d);
	if (d->master.device >= 0 && streq(ns->devices[d->master.device].kind, "vrf"))
		row_note(p, row, "in %s", ns->devices[d->master.device].name);
	note_way_out(p, row, ns);
	if (p->options->counters && !p->map->planned)
		note_counters(p, row, &d->counters);
}
