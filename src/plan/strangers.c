/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What users and their programs added inside the lab's namespaces (an address, a
 * route of FRR's, a tunnel) is theirs: it is told apart by its lack of the lab's marks,
 * and left alone. A plan says what it found; `prune` removes it.
 *
 * Addresses and devices that are pruned go with the rest in remove.c; the routes
 * go here, before.
 */
#include "diff.h"
#include "text.h"

enum { TELL_MAX = 3 }; /* more in one node are only counted */

struct found {
	size_t n;
	const char *words; /* the first few */
};

static void tell(struct diff *d, struct found *f, const char *what)
{
	if (f->n++ < TELL_MAX)
		f->words = f->words ? arena_printf(d->arena, "%s, %s", f->words, what) : what;
}

static void find_routes(struct diff *d, uint32_t space, const struct space *hs, struct found *f)
{
	for (size_t i = 0; i < hs->others.n; i++) {
		const struct kroute *r = &hs->others.items[i];
		char to[PREFIX_TEXT_MAX];

		if (d->options->prune)
			diff_op(d, OP_ROUTE_DEL, ACTION_REMOVE, space, (struct nsl_pos){0})->route = r;
		else
			tell(d, f, arena_printf(d->arena, "route %s", r->to.len ? prefix_text(&r->to, to) : "default"));
	}
}

static void find_devices(struct diff *d, const struct space *hs, struct found *f)
{
	for (size_t i = 0; i < hs->devices.n; i++) {
		const struct device *dev = &hs->devices.items[i];
		char text[PREFIX_TEXT_MAX];

		if (dev->owner == OWNER_STRANGER) {
			tell(d, f, arena_printf(d->arena, "interface %s", dev->name));
			continue;
		}
		for (size_t k = 0; dev->kind != DEVICE_LO && k < dev->addresses.n; k++) {
			const struct ifaddr *addr = &dev->addresses.items[k];
			const struct space *ws = state_space(d->want, hs->kind, hs->name);
			int32_t at = ws ? space_device(ws, dev->name) : -1;
			bool wanted = at < 0;

			for (size_t j = 0; !wanted && j < ws->devices.items[at].addresses.n; j++)
				wanted = prefix_cmp(&ws->devices.items[at].addresses.items[j].ip, &addr->ip) == 0;
			if (!addr->ours && !wanted)
				tell(d, f,
				     arena_printf(d->arena, "address %s dev %s", prefix_text(&addr->ip, text),
				                  dev->name));
		}
	}
}

void diff_strangers(struct diff *d)
{
	for (uint32_t i = (uint32_t)d->want->first_node; i < d->want->spaces.n; i++) {
		const struct space *hs = found_space(d, i);
		struct found f = {0};

		if (!hs)
			continue;
		find_routes(d, i, hs, &f);
		if (!d->options->prune)
			find_devices(d, hs, &f);
		if (f.n > TELL_MAX)
			f.words = arena_printf(d->arena, "%s and %zu more", f.words, f.n - TELL_MAX);
		if (f.n)
			diff_warn(d, "%s: %s: not the lab's, left alone (--prune removes %s)", hs->name, f.words,
			          f.n == 1 ? "it" : "them");
	}
}
