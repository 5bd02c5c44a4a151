/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <nsloom/explain.h>

#include <assert.h>
#include <errno.h>

#include "cli.h"
#include "fd.h"
#include "json.h"
#include "table.h"
#include "text.h"

static const struct {
	const char *word;
	enum style style;
} kinds[] = {
	[NSL_STEP_ROUTE] = {"route", STYLE_PLAIN},     [NSL_STEP_OUT] = {"out", STYLE_PLAIN},
	[NSL_STEP_BRIDGE] = {"bridge", STYLE_PLAIN},   [NSL_STEP_IN] = {"in", STYLE_PLAIN},
	[NSL_STEP_FORWARD] = {"forward", STYLE_PLAIN}, [NSL_STEP_FILTER] = {"filter", STYLE_PLAIN},
	[NSL_STEP_NAT] = {"nat", STYLE_WARN},          [NSL_STEP_ARRIVE] = {"arrived", STYLE_GOOD},
	[NSL_STEP_LEAVE] = {"leaves", STYLE_WARN},     [NSL_STEP_NOTE] = {"note", STYLE_WARN},
	[NSL_STEP_FAULT] = {"lost", STYLE_BAD},
};
static_assert(ARRAY_SIZE(kinds) == NSL_STEP_KIND_COUNT, "every kind of step has its word");

static const struct {
	const char *word;
	enum style style;
} verdicts[] = {
	[NSL_REACHES] = {"reaches", STYLE_GOOD},
	[NSL_FAILS] = {"fails", STYLE_BAD},
	[NSL_UNCERTAIN] = {"uncertain", STYLE_WARN},
};
static_assert(ARRAY_SIZE(verdicts) == NSL_VERDICT_COUNT, "every verdict has its word");

/* A namespace is named where it begins. */
static void print_steps(struct cli *cli, const struct nsl_explanation *e, bool answer)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));
	const char *place = "";
	bool any = false;

	for (size_t i = 0; i < e->n_steps; i++) {
		const struct nsl_step *s = &e->steps[i];

		if (s->answer != answer)
			continue;
		any = true;
		table_row(t);
		table_putf(t, 0, STYLE_BOLD, "  %s", streq(place, s->place) ? "" : s->place);
		table_put(t, 1, kinds[s->kind].style, kinds[s->kind].word);
		table_put_wrapped(t, 2, s->kind == NSL_STEP_FAULT ? STYLE_BAD : STYLE_PLAIN, "%s", s->text);
		place = s->place;
	}
	if (!any)
		return;
	out_raw(&cli->out, answer ? "The answer:\n" : "");
	table_print(t, &cli->out);
}

static void print(struct cli *cli, const struct nsl_explanation *e)
{
	struct out *o = &cli->out;

	out_text(o, STYLE_BOLD, e->from);
	out_raw(o, " → ");
	out_text(o, STYLE_BOLD, e->to ? e->to : e->address ? e->address : "?");
	if (e->to && e->address)
		out_printf(o, STYLE_PLAIN, " (%s)", e->address);
	out_newline(o);
	print_steps(cli, e, false);
	print_steps(cli, e, true);
	out_newline(o);
	out_text(o, verdicts[e->verdict].style, verdicts[e->verdict].word);
	out_raw(o, ": ");
	if (e->place)
		out_printf(o, STYLE_BOLD, "%s: ", e->place);
	out_text(o, STYLE_PLAIN, e->reason);
	if (e->answered)
		out_printf(o, STYLE_PLAIN, " (%.2f ms)", e->rtt_us / 1000.0);
	out_newline(o);
	if (e->mend) {
		out_text(o, STYLE_DIM, "mend: ");
		out_text(o, STYLE_PLAIN, e->mend);
		out_newline(o);
	}
}

static void print_json(struct cli *cli, const struct nsl_explanation *e)
{
	json_t *document = json_object(), *steps;

	put_text(document, "from", e->from);
	put_text(document, "to", e->to);
	put_text(document, "source", e->source);
	put_text(document, "address", e->address);
	put_text(document, "verdict", verdicts[e->verdict].word);
	put_text(document, "reason", e->reason);
	put_text(document, "place", e->place);
	put_text(document, "mend", e->mend);
	put_bool(document, "tried", e->tried);
	put_bool(document, "answered", e->answered);
	put_known(document, "rtt_us", e->rtt_us);
	steps = put_array(document, "steps");
	for (size_t i = 0; i < e->n_steps; i++) {
		json_t *s = add_object(steps);

		put_text(s, "kind", kinds[e->steps[i].kind].word);
		put_bool(s, "answer", e->steps[i].answer);
		put_text(s, "place", e->steps[i].place);
		put_text(s, "device", e->steps[i].device);
		put_text(s, "text", e->steps[i].text);
	}
	json_print(&cli->out, document);
}

static int run(struct cli *cli, struct nsl_error **err)
{
	const char *from = cli_operand(cli, 0), *to = cli_operand(cli, 1);
	struct nsloom_target target = cli_target_of_node(cli, NULL);
	struct nsl_explanation *e = NULL;
	int r = nsloom_explain(cli->ns, &target, from, to, &e, err);

	if (r < 0)
		return r;
	if (cli->parsed.globals.json)
		print_json(cli, e);
	else
		print(cli, e);
	r = e->verdict == NSL_REACHES ? STATUS_DONE : STATUS_FAILED;
	nsloom_explanation_free(e);
	return r;
}

static const struct operand operands[] = {{"FROM", WORD_EXPLAIN_FROM}, {"TO", WORD_EXPLAIN_TO}, {0}};

static const struct ending endings[] = {
	{STATUS_DONE, "it reaches"},
	{STATUS_FAILED, "it does not reach, or none can tell, or nsloom failed"},
	{0},
};

const struct command command_explain = {
	.name = "explain",
	.group = "Use",
	.help = "say hop by hop how a packet would go, and what is in its way",
	.details = "FROM is a node, host, or any namespace that \"nsloom ns ls\" shows; TO one of\n"
		   "these, an address or NODE:INTERFACE. The route of each namespace on the way,\n"
		   "its devices, bridges and firewall are read from the kernel, there and back;\n"
		   "then an echo request tries it. Ends with a verdict, and with what mends a\n"
		   "fault.",
	.operands = operands,
	.endings = endings,
	.where = PLACE_JOIN,
	.run = run,
};
