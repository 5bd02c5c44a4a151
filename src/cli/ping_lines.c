/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pairs line by line, as sentences. Of a multitude only what failed, and of
 * that only so much; an address that failed for everybody in the same way is
 * said once.
 */
#include "map.h"
#include "ping.h"

enum { LINES_MAX = 40 };

static void print_answer(struct cli *cli, const struct nsloom_ping_pair *p)
{
	if (p->sent > 1)
		out_printf(&cli->out, STYLE_GOOD, "%u of %u answered, %s/%s/%s ms (min/avg/max)", p->received, p->sent,
		           ping_rtt(cli, p->rtt_min_us), ping_rtt(cli, p->rtt_avg_us), ping_rtt(cli, p->rtt_max_us));
	else
		out_printf(&cli->out, STYLE_GOOD, "%s ms", ping_rtt(cli, p->rtt_avg_us));
}

static void print_failure(struct cli *cli, const struct nsloom_ping_pair *p, unsigned timeout_ms)
{
	struct out *o = &cli->out;

	if (p->received)
		out_printf(o, STYLE_WARN, "only %u of %u answered", p->received, p->sent);
	else if (!p->address)
		out_text(o, STYLE_BAD, p->detail ? p->detail : "it has no address that could be pinged");
	else if (p->result == NSLOOM_NO_ANSWER)
		out_printf(o, STYLE_BAD, "no answer within %g s", timeout_ms / 1000.0);
	else if (p->result == NSLOOM_NO_ROUTE)
		out_text(o, STYLE_BAD, "the sender has no route that leads there");
	else if (p->result == NSLOOM_UNREACHABLE)
		out_printf(o, STYLE_BAD, "%s, says %s", p->detail ? p->detail : "unreachable",
		           p->by ? p->by : "somebody");
	else
		out_printf(o, STYLE_BAD, "not sent: %s", p->detail ? p->detail : "the kernel refused");
}

static void print_pair(struct cli *cli, const struct nsloom_ping_pair *p, const char *from, unsigned timeout_ms)
{
	struct out *o = &cli->out;

	out_text(o, STYLE_BOLD, from);
	out_raw(o, " → ");
	out_text(o, STYLE_BOLD, p->to ? p->to : p->address ? p->address : "?");
	if (p->to && p->address)
		out_printf(o, STYLE_PLAIN, " (%s)", p->address);
	out_raw(o, ": ");
	if (p->result == NSLOOM_REPLY)
		print_answer(cli, p);
	else
		print_failure(cli, p, timeout_ms);
	out_newline(o);
}

/* One target: how many pinged it, and how many of them in vain with the same result. */
struct target {
	size_t pairs, failed;
	enum nsloom_reply result;
	bool mixed, said;
};

static struct target *target_of(struct cli *cli, struct map *targets, const struct nsloom_ping_pair *p)
{
	const char *key = arena_printf(cli->arena, "%s %s", p->to ? p->to : "", p->address ? p->address : "");
	struct target *t = map_gets(targets, key);

	if (!t) {
		t = arena_new_of(cli->arena, struct target);
		map_puts(targets, key, t);
	}
	return t;
}

static void count(struct cli *cli, struct map *targets, const struct nsloom_ping *ping)
{
	for (size_t i = 0; i < ping->n_pairs; i++) {
		const struct nsloom_ping_pair *p = &ping->pairs[i];
		struct target *t = target_of(cli, targets, p);

		t->pairs++;
		if (p->result == NSLOOM_REPLY || p->received)
			continue;
		t->mixed |= t->failed && t->result != p->result;
		t->result = p->result;
		t->failed++;
	}
}

/* Who and by what hop may differ from sender to sender, and is said for each. */
static bool for_all(const struct target *t)
{
	return t->pairs > 1 && t->failed == t->pairs && !t->mixed && t->result == NSLOOM_NO_ANSWER;
}

static void print_failures(struct cli *cli, const struct nsloom_ping *ping, unsigned timeout_ms)
{
	struct map *targets = map_new(cli->arena);
	size_t lines = 0, left_out = 0;

	count(cli, targets, ping);
	for (size_t i = 0; i < ping->n_pairs; i++) {
		const struct nsloom_ping_pair *p = &ping->pairs[i];
		struct target *t = target_of(cli, targets, p);

		if (p->result == NSLOOM_REPLY || t->said)
			continue;
		if (lines++ >= LINES_MAX) {
			left_out++;
			continue;
		}
		t->said = for_all(t);
		print_pair(cli, p, t->said ? arena_printf(cli->arena, "all %zu others", t->pairs) : p->from,
		           timeout_ms);
	}
	if (left_out) {
		out_printf(&cli->out, STYLE_DIM, "… and %zu more; --json has them all", left_out);
		out_newline(&cli->out);
	}
	if (lines)
		out_newline(&cli->out);
}

void ping_print_lines(struct cli *cli, const struct nsloom_ping *ping, unsigned timeout_ms)
{
	if (ping->n_pairs > LINES_MAX) {
		print_failures(cli, ping, timeout_ms);
		return;
	}
	for (size_t i = 0; i < ping->n_pairs; i++)
		print_pair(cli, &ping->pairs[i], ping->pairs[i].from, timeout_ms);
	if (ping->n_pairs > 1)
		out_newline(&cli->out);
}
