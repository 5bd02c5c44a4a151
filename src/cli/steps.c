/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "fd.h"
#include "map.h"
#include "steps.h"
#include "table.h"
#include "text.h"

static const struct {
	const char *sign, *word, *done;
	enum style style;
} actions[] = {
	[NSLOOM_CREATE] = {"+", "create", "created", STYLE_GOOD},
	[NSLOOM_CHANGE] = {"~", "change", "changed", STYLE_WARN},
	[NSLOOM_REMOVE] = {"-", "remove", "removed", STYLE_BAD},
};
enum { N_ACTIONS = ARRAY_SIZE(actions) };
static_assert(N_ACTIONS == NSLOOM_REMOVE + 1, "every action has its sign");

/* The steps of one place, in the order of doing. */
struct place {
	const char *name;
	VEC(const struct nsloom_step *) steps;
};

typedef VEC(struct place *) places;

static places by_place(struct arena *a, const struct nsloom_plan *plan)
{
	places all = {0};
	struct map *known = map_new(a);

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct nsloom_step *s = &plan->steps[i];
		struct place *p = map_gets(known, s->place);

		if (!p) {
			p = arena_new_of(a, struct place);
			p->name = s->place;
			map_puts(known, s->place, p);
			*vec_push(a, &all) = p;
		}
		*vec_push(a, &p->steps) = s;
	}
	return all;
}

/* "eth0 mac … mtu 1400", "eth7 mtu 1500 → 1400 (reason)" */
static const char *describe(struct arena *a, const struct nsloom_step *s)
{
	const char *text = s->object;

	if (s->was && s->now)
		text = arena_printf(a, "%s %s → %s", text, s->was, s->now);
	else if (s->was)
		text = arena_printf(a, "%s (was %s)", text, s->was);
	else if (s->now)
		text = arena_printf(a, "%s %s", text, s->now);
	return s->reason ? arena_printf(a, "%s (%s)", text, s->reason) : text;
}

static void put_step(struct cli *cli, struct table *t, const struct nsloom_plan *plan, const struct nsloom_step *s)
{
	const char *place = cli_place(cli, plan->file, s->line);

	table_row(t);
	table_putf(t, 0, actions[s->action].style, "  %s %s", actions[s->action].sign, s->kind);
	table_put(t, 1, STYLE_PLAIN, describe(cli->arena, s));
	if (*place)
		table_put(t, 2, STYLE_DIM, place);
}

void steps_print(struct cli *cli, const struct nsloom_plan *plan)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, COLUMN_CUT}, {NULL, COLUMN_CUT_START}};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));
	places all = by_place(cli->arena, plan);

	for (size_t p = 0; p < all.n; p++) {
		table_heading(t, STYLE_BOLD, all.items[p]->name);
		for (size_t i = 0; i < all.items[p]->steps.n; i++)
			put_step(cli, t, plan, all.items[p]->steps.items[i]);
	}
	table_print(t, &cli->out);
	if (plan->n_steps)
		out_newline(&cli->out);
}

/* How often one kind of thing is created, changed, removed in one class of places. */
struct tally {
	const char *where, *kind;
	size_t n[N_ACTIONS];
};

typedef VEC(struct tally) tallies;

/* Few kinds, few classes: a linear search does. */
static void tally_add(struct arena *a, tallies *all, const char *where, const struct nsloom_step *s)
{
	struct tally *t = NULL;

	for (size_t i = 0; i < all->n && !t; i++) {
		if (streq(all->items[i].where, where) && streq(all->items[i].kind, s->kind))
			t = &all->items[i];
	}
	if (!t) {
		t = vec_push(a, all);
		t->where = where;
		t->kind = s->kind;
	}
	t->n[s->action]++;
}

static const char *const wheres[] = {"nodes", "host", "fabric"};

static const char *where_of(const struct nsloom_step *s)
{
	return streq(s->place, "host") ? "host" : streq(s->place, "fabric") ? "fabric" : "nodes";
}

void steps_summarize(struct cli *cli, const struct nsloom_plan *plan)
{
	static const struct column columns[] = {
		{"WHERE", 0},
		{"WHAT", COLUMN_CUT},
		{"CREATED", COLUMN_RIGHT},
		{"CHANGED", COLUMN_RIGHT},
		{"REMOVED", COLUMN_RIGHT},
	};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));
	tallies all = {0};

	for (size_t i = 0; i < plan->n_steps; i++)
		tally_add(cli->arena, &all, where_of(&plan->steps[i]), &plan->steps[i]);
	for (size_t w = 0; w < ARRAY_SIZE(wheres); w++) {
		bool named = false;

		for (size_t i = 0; i < all.n; i++) {
			const struct tally *row = &all.items[i];

			if (!streq(row->where, wheres[w]))
				continue;
			table_row(t);
			if (!named)
				table_put(t, 0, STYLE_PLAIN, row->where);
			named = true;
			table_put(t, 1, STYLE_PLAIN, row->kind);
			for (size_t k = 0; k < N_ACTIONS; k++) {
				if (row->n[k])
					table_putf(t, 2 + k, actions[k].style, "%zu", row->n[k]);
			}
		}
	}
	table_print(t, &cli->out);
	out_newline(&cli->out);
}

void steps_count(struct cli *cli, const struct nsloom_plan *plan, bool done)
{
	const size_t counts[] = {
		[NSLOOM_CREATE] = plan->n_create, [NSLOOM_CHANGE] = plan->n_change, [NSLOOM_REMOVE] = plan->n_remove};

	for (size_t k = 0; k < N_ACTIONS; k++) {
		out_raw(&cli->out, k ? ", " : "");
		out_printf(&cli->out, counts[k] ? actions[k].style : STYLE_PLAIN, "%zu %s%s", counts[k],
		           done ? "" : "to ", done ? actions[k].done : actions[k].word);
	}
}

void steps_warn(struct cli *cli, const struct nsloom_plan *plan)
{
	for (size_t i = 0; i < plan->n_warnings; i++)
		cli_warn(cli, plan->warnings[i]);
}

static void put_json_step(json_t *object, const struct nsloom_step *s)
{
	put_text(object, "action", actions[s->action].word);
	put_text(object, "place", s->place);
	put_text(object, "kind", s->kind);
	put_text(object, "object", s->object);
	put_text(object, "was", s->was);
	put_text(object, "now", s->now);
	put_text(object, "reason", s->reason);
	put_known(object, "line", s->line);
}

json_t *steps_json(const struct nsloom_plan *plan)
{
	json_t *document = json_object(), *steps;

	put_text(document, "lab", plan->lab);
	put_text(document, "file", plan->file);
	put_number(document, "create", (long long)plan->n_create);
	put_number(document, "change", (long long)plan->n_change);
	put_number(document, "remove", (long long)plan->n_remove);
	steps = put_array(document, "steps");
	for (size_t i = 0; i < plan->n_steps; i++)
		put_json_step(add_object(steps), &plan->steps[i]);
	put_texts(document, "warnings", plan->warnings, plan->n_warnings);
	return document;
}
