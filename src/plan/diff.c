/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Planning: comparing the state that shall stand with the one that does. */
#include "diff.h"

#include <errno.h>

struct op *diff_op(struct diff *d, enum op_kind kind, enum action action, uint32_t space, struct nsl_pos pos)
{
	struct op *op = vec_push(d->arena, &d->plan->ops);

	*op = (struct op){.kind = kind, .action = action, .space = space, .pos = pos};
	return op;
}

void diff_warn(struct diff *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*vec_push(d->arena, &d->plan->warnings) = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
}

struct nsl_error **diff_obstacle(struct diff *d, struct nsl_pos pos, const char *fmt, ...)
{
	va_list ap;
	const char *text;

	va_start(ap, fmt);
	text = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	d->last_obstacle = NULL;
	error_at(&d->last_obstacle, NSL_E_TAKEN, EEXIST, pos, "%s", text);
	error_append(&d->obstacles, d->last_obstacle);
	return &d->last_obstacle;
}

/* Spaces wanted, in their order (so that an index in `want` is one in the plan), then those only found. */
static void list_spaces(struct plan *p, struct state *want, const struct state *have)
{
	for (size_t i = 0; want && i < want->spaces.n; i++) {
		const struct space *ws = &want->spaces.items[i];

		*vec_push(p->arena, &p->spaces) =
			(struct plan_space){ws->kind, ws->name, ws, state_space(have, ws->kind, ws->name)};
	}
	for (size_t i = 0; i < have->spaces.n; i++) {
		const struct space *hs = &have->spaces.items[i];

		if (want && state_space(want, hs->kind, hs->name))
			continue;
		*vec_push(p->arena, &p->spaces) = (struct plan_space){hs->kind, hs->name, NULL, hs};
	}
}

/* Room for what a first `up` does: one operation for each thing in a space of which nothing stands, two for a device. */
static void reserve_ops(struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; p->want && i < p->want->spaces.n; i++) {
		const struct space *ws = &p->want->spaces.items[i];

		if (p->spaces.items[i].found)
			continue;
		n += 1 + ws->settings.n + ws->routes.n;
		for (size_t k = 0; k < ws->devices.n; k++)
			n += 2 + ws->devices.items[k].addresses.n;
	}
	vec_reserve(p->arena, &p->ops, n);
}

int plan_diff(struct arena *a, struct state *want, const struct state *have, const struct space *born,
              const struct plan_options *options, struct plan **out, struct nsl_error **err)
{
	static const struct plan_options none = {0};
	struct plan *p = arena_new_of(a, struct plan);
	struct diff d = {
		.arena = a, .plan = p, .want = want, .have = have, .born = born, .options = options ? options : &none};

	*p = (struct plan){.arena = a, .lab = have->lab, .want = want, .have = have};
	list_spaces(p, want, have);
	reserve_ops(p);
	if (want)
		rules_add_flows(a, &want->rules, have);
	diff_match(&d);
	if (want) {
		diff_conflicts(&d);
		diff_publish_conflicts(&d);
		diff_way_out_conflicts(&d);
	}
	if (d.obstacles) {
		error_append(err, d.obstacles);
		return -EEXIST;
	}
	if (want) {
		diff_strangers(&d);
		diff_limits_tell(&d);
	}
	diff_way_out_remove(&d);
	diff_remove(&d);
	if (want) {
		diff_create(&d);
		diff_way_out_create(&d);
	}
	*out = p;
	return 0;
}

bool plan_is_labs(const struct plan *p, const char *device)
{
	const struct space *host = &p->have->spaces.items[HOST_SPACE];
	int32_t at = space_device(host, device);

	return (at >= 0 && host->devices.items[at].owner != OWNER_STRANGER) ||
	       (p->want && space_device(&p->want->spaces.items[HOST_SPACE], device) >= 0);
}

size_t plan_shown(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->ops.n; i++)
		n += !p->ops.items[i].quiet;
	return n;
}
