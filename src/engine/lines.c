/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the user's file in a record: one walk over a model, with two visitors. See lines.h. */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

struct walk {
	struct strbuf *out; /* writing; else: reading */
	const char *text;
	const char *file;
	bool broken;
};

static void visit(struct walk *w, struct nsl_pos *pos)
{
	unsigned long line = 0;
	char *end;

	if (w->out) {
		strbuf_printf(w->out, " %u", pos->line);
		return;
	}
	if (!w->broken) {
		line = strtoul(w->text, &end, 10);
		w->broken = end == w->text;
		w->text = end;
	}
	*pos = (struct nsl_pos){.file = w->file, .line = w->broken ? 0 : (unsigned)line};
}

/* Automatic routes have the line of what they lead to: each in its order, for a model computes them the same way each time. */
static void visit_routes(struct walk *w, struct route *routes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		visit(w, &routes[i].pos);
}

static void visit_node(struct walk *w, struct node *n)
{
	visit(w, &n->pos);
	for (size_t i = 0; i < n->ifaces.n; i++)
		visit(w, &n->ifaces.items[i].pos);
	for (size_t i = 0; i < n->sysctls.n; i++)
		visit(w, &n->sysctls.items[i].pos);
	visit_routes(w, n->routes.items, n->routes.n);
}

static void visit_model(struct walk *w, struct model *m)
{
	visit(w, &m->name_pos);
	for (size_t i = 0; i < m->networks.n; i++) {
		visit(w, &m->networks.items[i].pos);
		for (int f = 0; f < IP_FAMILIES; f++)
			visit(w, &m->networks.items[i].subnet[f].pos);
	}
	for (size_t i = 0; i < m->nodes.n; i++)
		visit_node(w, &m->nodes.items[i]);
	for (size_t i = 0; i < m->links.n; i++)
		visit(w, &m->links.items[i].pos);
	visit_routes(w, m->host_routes.items, m->host_routes.n);
	visit(w, &m->limits_pos);
}

void lines_write(const struct model *m, struct strbuf *out)
{
	struct walk w = {.out = out};

	visit_model(&w, (struct model *)m); /* a writing walk changes nothing */
}

void lines_apply(struct model *m, const char *text, const char *file)
{
	struct walk w = {.text = text ? text : "", .file = file};

	visit_model(&w, m);
}
