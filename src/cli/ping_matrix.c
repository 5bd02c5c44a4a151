/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The matrix: rows send, columns answer. A column is an address below the name
 * of its node; where the lines do not fit so, a column is a node and shows the
 * worst that befell one of its addresses. Who refused, and in which words,
 * stands in notes below.
 */
#include <assert.h>
#include <string.h>

#include "fd.h"
#include "map.h"
#include "ping.h"
#include "table.h"
#include "text.h"

struct target {
	const char *to, *address; /* as in a pair; by nodes, the address is NULL */
	size_t index;             /* column */
	size_t order;             /* of its node in the lab */
};

struct matrix {
	struct cli *cli;
	const struct nsloom_ping *ping;
	bool by_node;
	VEC(struct target *) targets;
	struct map *known;
	VEC(const char *) notes;
};

/* How short a pair's result can be said; the worse, the higher. */
static const struct {
	const char *word;
	int badness;
} results[] = {
	[NSLOOM_REPLY] = {NULL, 0},
	[NSLOOM_NO_ANSWER] = {"no answer", 2},
	[NSLOOM_NO_ROUTE] = {"no route", 4},
	[NSLOOM_UNREACHABLE] = {"refused", 3},
	[NSLOOM_SEND_FAILED] = {"not sent", 5},
};
static_assert(ARRAY_SIZE(results) == NSLOOM_REPLY_COUNT, "every result has its word");

static int badness(const struct nsloom_ping_pair *p)
{
	return !p->address ? 6 : p->received && p->result != NSLOOM_REPLY ? 1 : results[p->result].badness;
}

static bool worse(const struct nsloom_ping_pair *a, const struct nsloom_ping_pair *b)
{
	int x = badness(a), y = badness(b);

	return x != y ? x > y : a->rtt_avg_us > b->rtt_avg_us;
}

/* A number, raised: "¹". */
static const char *raised(struct arena *a, size_t n)
{
	static const char *const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
	const char *mark = "";

	for (; n; n /= 10)
		mark = arena_printf(a, "%s%s", digits[n % 10], mark);
	return mark;
}

/* The mark of the note that says why; "" where there is nothing to say. The same words make the same note. */
static const char *note(struct matrix *m, const struct nsloom_ping_pair *p)
{
	const char *text;
	size_t n = 0;

	if (p->result == NSLOOM_UNREACHABLE)
		text = arena_printf(m->cli->arena, "%s says: %s", p->by ? p->by : "somebody",
		                    p->detail ? p->detail : "unreachable");
	else if (p->result == NSLOOM_SEND_FAILED && p->detail)
		text = p->detail;
	else
		return "";
	while (n < m->notes.n && !streq(m->notes.items[n], text))
		n++;
	if (n == m->notes.n)
		*vec_push(m->cli->arena, &m->notes) = text;
	return raised(m->cli->arena, n + 1);
}

static struct target *target_of(struct matrix *m, const struct nsloom_ping_pair *p)
{
	const char *to = p->to ? p->to : "", *address = !m->by_node && p->address ? p->address : "";
	const char *key = arena_printf(m->cli->arena, "%s %s", to,
	                               p->to && m->by_node ? ""
	                               : p->address        ? p->address
	                                                   : "");
	struct target *t = map_gets(m->known, key);

	if (t)
		return t;
	t = arena_new_of(m->cli->arena, struct target);
	*t = (struct target){
		.to = p->to ? p->to : p->address, .address = address, .index = m->targets.n, .order = SIZE_MAX};
	for (size_t i = 0; i < m->ping->n_nodes; i++) {
		if (streq(m->ping->nodes[i], t->to))
			t->order = i;
	}
	map_puts(m->known, key, t);
	*vec_push(m->cli->arena, &m->targets) = t;
	return t;
}

/* Columns in the lab's order: the first sender meets the others before it meets itself. Stable, and short. */
static void sort_targets(struct matrix *m)
{
	for (size_t i = 1; i < m->targets.n; i++) {
		struct target *t = m->targets.items[i];
		size_t k = i;

		for (; k > 0 && m->targets.items[k - 1]->order > t->order; k--)
			m->targets.items[k] = m->targets.items[k - 1];
		m->targets.items[k] = t;
	}
	for (size_t i = 0; i < m->targets.n; i++)
		m->targets.items[i]->index = i;
}

static void put_pair(struct matrix *m, struct table *t, size_t column, const struct nsloom_ping_pair *p)
{
	if (!p->address)
		table_put(t, column, STYLE_BAD, "no address");
	else if (p->result == NSLOOM_REPLY)
		table_put(t, column, STYLE_GOOD, ping_rtt(m->cli, p->rtt_avg_us));
	else if (p->received)
		table_putf(t, column, STYLE_WARN, "%u of %u", p->received, p->sent);
	else
		table_putf(t, column, STYLE_BAD, "%s%s", results[p->result].word, note(m, p));
}

/* The pairs of one sender, [first, end): one row. */
static void put_row(struct matrix *m, struct table *t, size_t first, size_t end)
{
	const struct nsloom_ping_pair **cells =
		arena_array(m->cli->arena, m->targets.n, const struct nsloom_ping_pair *);
	const char *from = m->ping->pairs[first].from;

	for (size_t i = first; i < end; i++) {
		const struct nsloom_ping_pair *p = &m->ping->pairs[i], **cell = &cells[target_of(m, p)->index];

		if (!*cell || worse(p, *cell))
			*cell = p;
	}
	table_row(t);
	table_put(t, 0, STYLE_BOLD, from);
	for (size_t c = 0; c < m->targets.n; c++) {
		if (cells[c])
			put_pair(m, t, c + 1, cells[c]);
		else
			table_put(t, c + 1, STYLE_DIM, "·");
	}
}

/* The header: names of nodes, and below them, by addresses, the addresses. */
static void put_header(struct matrix *m, struct table *t)
{
	const char *last = "";

	table_row(t);
	table_put(t, 0, STYLE_DIM, "from ╲ to");
	for (size_t c = 0; c < m->targets.n; c++) {
		const struct target *to = m->targets.items[c];

		if (!streq(last, to->to))
			table_put(t, c + 1, STYLE_BOLD, to->to);
		last = to->to;
	}
	if (m->by_node)
		return;
	table_row(t);
	for (size_t c = 0; c < m->targets.n; c++)
		table_put(t, c + 1, STYLE_DIM, m->targets.items[c]->address);
}

static struct table *build(struct matrix *m)
{
	const struct nsloom_ping *ping = m->ping;
	struct column *columns;
	struct table *t;

	for (size_t i = 0; i < ping->n_pairs; i++)
		target_of(m, &ping->pairs[i]);
	sort_targets(m);
	columns = arena_array(m->cli->arena, m->targets.n + 1, struct column);
	t = table_new(m->cli->arena, columns, m->targets.n + 1);
	put_header(m, t);
	for (size_t i = 0, end; i < ping->n_pairs; i = end) {
		for (end = i; end < ping->n_pairs && streq(ping->pairs[end].from, ping->pairs[i].from);)
			end++;
		put_row(m, t, i, end);
	}
	return t;
}

bool ping_print_matrix(struct cli *cli, const struct nsloom_ping *ping)
{
	for (int by_node = 0; by_node < 2; by_node++) {
		struct matrix m = {.cli = cli, .ping = ping, .by_node = by_node, .known = map_new(cli->arena)};
		struct table *t = build(&m);

		if (cli->out.width && table_width(t) > cli->out.width)
			continue;
		table_print(t, &cli->out);
		out_newline(&cli->out);
		for (size_t i = 0; i < m.notes.n; i++) {
			out_printf(&cli->out, STYLE_PLAIN, "%s %s", raised(cli->arena, i + 1), m.notes.items[i]);
			out_newline(&cli->out);
		}
		if (m.notes.n)
			out_newline(&cli->out);
		return true;
	}
	return false;
}
