/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "fd.h"
#include "json.h"
#include "options.h"
#include "ping.h"
#include "text.h"

enum {
	MATRIX_MAX = 40, /* nodes that a matrix may have */
	USUAL_TIMEOUT = 1000,
};

struct ping_args {
	unsigned count, timeout_ms;
};

const char *ping_rtt(struct cli *cli, uint32_t us)
{
	double ms = us / 1000.0;

	return arena_printf(cli->arena, "%.*f", ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0, ms);
}

static void print_footer(struct cli *cli, const struct nsloom_ping *ping, bool matrix)
{
	bool all = ping->n_answered == ping->n_pairs, no_route = false;

	for (size_t i = 0; i < ping->n_pairs; i++)
		no_route |= ping->pairs[i].result == NSLOOM_NO_ROUTE && ping->pairs[i].address;
	if (ping->n_pairs == 0)
		out_raw(&cli->out, "There is nothing to ping.\n");
	else if (ping->n_pairs > 1 || matrix) {
		out_printf(&cli->out, all ? STYLE_GOOD : STYLE_BAD, "%zu of %zu answered", ping->n_answered,
		           ping->n_pairs);
		out_raw(&cli->out, matrix ? "; round trips in ms\n" : "\n");
	}
	if (no_route)
		out_raw(&cli->notes,
		        "hint: \"nsloom show --routes\" lists the routes of every node; \"router: true\" makes a node\n"
		        "forward, \"nat: true\" on a network is its way out\n");
}

static const char *const results[] = {
	[NSLOOM_REPLY] = "reply",
	[NSLOOM_NO_ANSWER] = "no-answer",
	[NSLOOM_NO_ROUTE] = "no-route",
	[NSLOOM_UNREACHABLE] = "unreachable",
	[NSLOOM_SEND_FAILED] = "send-failed",
};
static_assert(ARRAY_SIZE(results) == NSLOOM_REPLY_COUNT, "every result has its word");

static void put_pair(json_t *o, const struct nsloom_ping_pair *p)
{
	put_text(o, "from", p->from);
	put_text(o, "to", p->to);
	put_text(o, "address", p->address);
	put_text(o, "source", p->source);
	put_text(o, "result", results[p->result]);
	put_number(o, "sent", p->sent);
	put_number(o, "received", p->received);
	if (p->received) {
		put_number(o, "rtt_min_us", p->rtt_min_us);
		put_number(o, "rtt_avg_us", p->rtt_avg_us);
		put_number(o, "rtt_max_us", p->rtt_max_us);
	}
	put_text(o, "by", p->by);
	put_text(o, "detail", p->detail);
}

static json_t *to_json(const struct nsloom_ping *ping)
{
	json_t *document = json_object(), *pairs;

	put_text(document, "lab", ping->lab);
	put_number(document, "answered", (long long)ping->n_answered);
	put_texts(document, "nodes", ping->nodes, ping->n_nodes);
	pairs = put_array(document, "pairs");
	for (size_t i = 0; i < ping->n_pairs; i++)
		put_pair(add_object(pairs), &ping->pairs[i]);
	return document;
}

static void print(struct cli *cli, const struct nsloom_ping *ping, const struct nsloom_ping_options *options)
{
	bool matrix = !options->from && ping->n_nodes <= MATRIX_MAX && ping->n_pairs && ping_print_matrix(cli, ping);

	if (!matrix)
		ping_print_lines(cli, ping, options->timeout_ms);
	print_footer(cli, ping, matrix);
}

static int run(struct cli *cli, struct nsl_error **err)
{
	const struct ping_args *args = cli->parsed.args;
	struct nsloom_ping_options options = {
		.from = cli_operand(cli, 0),
		.to = cli_operand(cli, 1),
		.count = args->count,
		.timeout_ms = args->timeout_ms ? args->timeout_ms : USUAL_TIMEOUT,
	};
	struct nsloom_target target = cli_target_of_node(cli, options.from);
	struct nsloom_ping *ping = NULL;
	int r = nsloom_ping(cli->ns, &target, &options, &ping, err);

	if (r < 0)
		return r;
	if (cli->parsed.globals.json)
		json_print(&cli->out, to_json(ping));
	else
		print(cli, ping, &options);
	r = ping->n_answered == ping->n_pairs ? STATUS_DONE : STATUS_FAILED;
	nsloom_ping_free(ping);
	return r;
}

static const struct option options[] = {
	{'c', "count", "N", NUMBER(struct ping_args, count), "send so many requests to each address (default: 1)",
         .max = 10000},
	{'W', "timeout", "SECONDS", SECONDS(struct ping_args, timeout_ms),
         "wait for an answer at most so long (default: 1)", .max = 3600 * 1000},
	{0},
};

static const struct operand operands[] = {{"FROM", WORD_FROM, true}, {"TO", WORD_TO, true}, {0}};

static const struct ending endings[] = {
	{STATUS_DONE, "all answered"},
	{STATUS_FAILED, "not all answered, or nsloom failed"},
	{0},
};

const struct command command_ping = {
	.name = "ping",
	.group = "Use",
	.help = "ping every node from every node, all at once",
	.details = "FROM is a node or \"host\"; without it, every node. TO is a node, \"host\", an\n"
		   "address or NODE:INTERFACE; without it, every address of every other node. The\n"
		   "columns of the matrix are addresses where they fit the line, else nodes, with\n"
		   "the worst result of their addresses.",
	.operands = operands,
	.options = options,
	.endings = endings,
	.args_size = sizeof(struct ping_args),
	.where = PLACE_JOIN,
	.run = run,
};
