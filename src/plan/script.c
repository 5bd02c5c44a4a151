/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The script around the commands: what it is, in blocks that name the line of the file. See script.h. */
#include "script.h"

#include <string.h>

#include "text.h"

struct block {
	uint32_t space;
	unsigned line;
	const char *title; /* NULL: none yet */
	enum op_kind last; /* that has commands in it */
};

/* ---- titles ------------------------------------------------------------------------------------ */

/* Where a thing stands, as part of a sentence. */
static const char *place_words(const struct plan *p, uint32_t space)
{
	const struct plan_space *ps = &p->spaces.items[space];

	return ps->kind == SPACE_HOST ? "the host" : ps->kind == SPACE_FABRIC ? "the fabric" : ps->name;
}

static const char *cable_title(struct arena *a, const struct plan *p, const struct op *op)
{
	const struct space *other = &p->want->spaces.items[op->dev->peer.space];
	const struct device *peer = &other->devices.items[op->dev->peer.device];
	const char *from = place_words(p, op->space);

	if (op->dev->master >= 0)
		return arena_printf(a, "%s hangs on %s",
		                    p->want->spaces.items[op->space].devices.items[op->dev->master].name,
		                    other->devices.items[peer->master].name);
	if (peer->master >= 0)
		return arena_printf(a, "%s plugs into %s", from, other->devices.items[peer->master].name);
	return arena_printf(a, "a cable from %s to %s", place_words(p, (uint32_t)op->dev->peer.space), from);
}

static const char *switch_title(struct arena *a, const struct plan *p, const struct script_options *o,
                                const struct op *op)
{
	const char *family = ip_family_name(op->family);
	const struct script_switch *s = &o->switches[op->family];

	if (op->kind == OP_FORWARD_ON)
		return s->notes.n ? arena_printf(a,
		                                 "the host forwards %s; what that changes is noted, so that it can "
		                                 "be put back",
		                                 family)
		                  : arena_printf(a, "the host forwards %s already", family);
	return s->claimed   ? arena_printf(a, "the host goes on forwarding %s: another lab needs it", family)
	       : s->notes.n ? arena_printf(a, "the host need not forward %s any more: as it was before", family)
	                    : arena_printf(a, "the host forwarded %s before, and goes on to", family);
}

/* What is done, where a thing is changed or removed: in the words of the plan. */
static const char *change_title(struct arena *a, const struct plan *p, const struct op *op)
{
	struct op_text t;
	const char *title;

	op_describe(a, p, op, &t);
	title = arena_printf(a, "%s: %s%s %s", place_words(p, op->space), op->action == ACTION_REMOVE ? "without " : "",
	                     t.kind, t.object);
	if (t.was && t.now)
		title = arena_printf(a, "%s %s -> %s", title, t.was, t.now);
	else if (t.now)
		title = arena_printf(a, "%s %s", title, t.now);
	return t.why ? arena_printf(a, "%s (%s)", title, t.why) : title;
}

static const char *route_title(struct arena *a, const struct plan *p, const struct op *op)
{
	char buf[PREFIX_TEXT_MAX], via[IP_TEXT_MAX];
	const struct kroute *r = op->route;
	const char *to = r->to.len                ? prefix_text(&r->to, buf)
	                 : r->to.ip.family == IP6 ? "everything else (IPv6)"
	                                          : "everything else";

	return arena_printf(a, "%s reaches %s by way of %s%s", place_words(p, op->space), to,
	                    r->hops.n && r->hops.items[0].via.set ? ip_text(&r->hops.items[0].via, via) : "a cable",
	                    r->hops.n > 1 ? " and others" : "");
}

const char *script_title(struct arena *a, const struct plan *p, const struct script_options *o, const struct op *op)
{
	const char *place = place_words(p, op->space);
	bool set = op->kind == OP_DEVICE_SET;

	if (op->kind == OP_FORWARD_ON || op->kind == OP_FORWARD_OFF)
		return switch_title(a, p, o, op);
	if (op->kind == OP_LIMIT_SET)
		return op->to < op->from ? "what the whole machine may have: labs need less of it"
		                         : "what the whole machine may have is too little; what it was is noted, so "
		                           "that it can be put back";
	if (op->kind == OP_LIMIT_BACK)
		return "what the whole machine may have: as it was before, or what other labs need";
	if (op->kind == OP_DEVICE_SET && (op->set & SET_GROUP))
		return "what goes gets one group, so that it can go at once";
	if (op->kind == OP_DEVICE_DEL && op->whole && !p->want)
		return "all that the lab has on the host is of one group, and so goes at once";
	if (op->kind == OP_SPACE_DEL && p->spaces.items[op->space].kind == SPACE_FABRIC)
		return "the namespace of the bridges goes, and with it all that is in it";
	if (op->kind == OP_SPACE_DEL)
		return "the namespaces go, and with them all that is in them";
	if (op->kind == OP_RULES_DEL || op->kind == OP_ACCEPT_DEL)
		return "the firewall forgets the lab";
	if (op->action != ACTION_CREATE)
		return change_title(a, p, op);
	if (op->kind == OP_SPACE_ADD)
		return p->spaces.items[op->space].kind == SPACE_FABRIC
		               ? "a namespace for the bridges that the host takes no part in"
		               : arena_printf(a, "%s, a namespace of its own", place);
	if (op->kind == OP_RULES_SET)
		return "what may pass between the lab's networks and the rest of the world";
	if (op->kind == OP_ACCEPT_ADD)
		return "somebody else's chain that would drop what the lab may pass";
	if (op->kind == OP_BRIDGE_ADD)
		return arena_printf(a, "%s, a bridge %s %s", op->dev->name, op->space == HOST_SPACE ? "on" : "in",
		                    place);
	if (op->kind == OP_VETH_ADD)
		return cable_title(a, p, op);
	if (op->kind == OP_ROUTE_SET)
		return route_title(a, p, op);
	if (set && op->dev->kind == DEVICE_BRIDGE && (op->set & SET_UP))
		return arena_printf(a, "the ports are in: %s goes up", op->dev->name);
	if (set && op->dev->master >= 0)
		return arena_printf(a, "%s, a port of %s, goes up", op->dev->name,
		                    p->want->spaces.items[op->space].devices.items[op->dev->master].name);
	if (set)
		return arena_printf(a, "%s:%s%s", place, op->dev->name, op->set & SET_UP ? " goes up" : "");
	if (op->kind == OP_ADDRESS_ADD)
		return arena_printf(a, "an address of %s:%s", place, op->dev->name);
	return arena_printf(a, "settings of %s", place);
}

/* What follows from the operations before it, and is asked for by the same line, stands in their block. */
static bool follows(const struct block *b, const struct op *op)
{
	return b->title && op->action == ACTION_CREATE && b->space == op->space && b->line == op->pos.line &&
	       (op->kind == OP_DEVICE_SET || op->kind == OP_ADDRESS_ADD || op->kind == OP_SETTING);
}

/* ---- text -------------------------------------------------------------------------------------- */

static void comment(struct strbuf *out, const struct script_options *o, unsigned line, const char *text)
{
	_cleanup_strbuf_ struct strbuf safe = {0};

	strbuf_adds(out, "\n# ");
	if (o->file && line)
		strbuf_printf(&safe, "%s:%u  ", o->file, line);
	strbuf_adds(&safe, text);
	strbuf_addsafe(out, safe.s ? safe.s : "", safe.len);
	strbuf_addc(out, '\n');
}

static const char how_made[] =
	"# What it makes is what \"nsloom up\" makes, but for these:\n"
	"#   - \"ip netns add\" mounts each namespace below /run/netns; nsloom mounts all of a lab's on a tmpfs of its "
	"own\n"
	"#     below %s, and puts links to them there.\n"
	"#   - The namespaces of bridges (%s.@fabric) have names, by which ip(8) finds them; nsloom's have none.\n"
	"#   - There is no record below %s, so \"nsloom ls\" and \"down\" do not know the lab: this script with --down "
	"is\n"
	"#     what takes it away. \"nsloom up\" refuses to touch what it has not made.\n"
	"#   - Where ip(8) cannot mark addresses (\"proto\"), they have no mark.\n";

static void header(struct strbuf *out, const struct plan *p, const struct script_options *o)
{
	_cleanup_strbuf_ struct strbuf file = {0};

	strbuf_addsafe(&file, o->file ? o->file : "", o->file ? strlen(o->file) : 0);
	strbuf_adds(out, "#!/bin/sh\n");
	if (o->down)
		strbuf_printf(out, "# Takes lab \"%s\" away: all of it, and nothing else.", p->lab);
	else if (o->lab_dir)
		strbuf_printf(out, "# Changes lab \"%s\", which is up, into what %s describes.", p->lab,
		              file.s ? file.s : "its file");
	else
		strbuf_printf(out, "# Builds lab \"%s\" as %s describes it.", p->lab, file.s ? file.s : "its file");
	strbuf_adds(
		out,
		" Written by \"nsloom plan --as sh\".\n# Run it as root, on the machine that it was written on and as "
		"things stand now: it stops at the first command that fails.\n");
	if (!o->lab_dir && !o->down) {
		strbuf_adds(out, "#\n");
		strbuf_printf(out, how_made, o->run_dir, p->lab, o->run_dir);
	} else if (o->lab_dir && !o->down) {
		strbuf_adds(
			out,
			"# The lab's record is not changed: \"nsloom show\" goes on to show what was before, until the "
			"next \"nsloom up\".\n");
	}
	strbuf_adds(out, "set -e\n");
}

static bool any_address(const struct plan *p)
{
	for (size_t i = 0; i < p->ops.n; i++)
		if (p->ops.items[i].kind == OP_ADDRESS_ADD)
			return true;
	return false;
}

/* The parts of the fabric that commands are about. */
static const bool *parts_met(struct arena *a, const struct plan *p)
{
	bool *met = arena_array(a, p->spaces.n, bool);

	for (size_t i = 0; i < p->ops.n; i++) {
		const struct op *op = &p->ops.items[i];

		met[op->space] = true;
		if (op->kind == OP_VETH_ADD)
			met[op->dev->peer.space] = true;
	}
	for (size_t i = 0; i < p->spaces.n; i++)
		met[i] &= p->spaces.items[i].kind == SPACE_FABRIC;
	return met;
}

static void name_parts(struct arena *a, struct strbuf *out, const struct plan *p, const struct script_options *o)
{
	const bool *met = parts_met(a, p);
	const char *names = NULL;

	for (size_t i = 0; i < p->spaces.n; i++) {
		const char *part = p->spaces.items[i].name;

		if (!met[i])
			continue;
		if (!names)
			strbuf_adds(out,
			            "\n# the namespaces of bridges have no names; as long as this runs they have\n");
		strbuf_printf(out, "ln -s %s/ns/%s /run/netns/%s.%s\n", o->lab_dir, part, p->lab, part);
		names = arena_printf(a, "%s /run/netns/%s.%s", names ? names : "", p->lab, part);
	}
	if (names)
		strbuf_printf(out, "trap 'rm -f%s' EXIT\n", names);
}

/* What the commands below rely on. */
static void preamble(struct arena *a, struct strbuf *out, const struct plan *p, const struct script_options *o)
{
	if (any_address(p))
		strbuf_printf(out,
		              "\n# ip(8) can say whose an address is since iproute2 6.3\n"
		              "mark=\ncase $(ip address help 2>&1) in *ADDRPROTO*) mark='proto %u' ;; esac\n",
		              MARK_PROTOCOL);
	if (o->lab_dir && !o->down)
		name_parts(a, out, p, o);
}

/* One operation, below its title if it begins a block. What needs no command leaves no title. */
static void put_op(struct arena *a, const struct plan *p, const struct script_options *o, const struct op *op,
                   struct block *b, struct strbuf *out)
{
	bool talks = op->kind == OP_FORWARD_ON || op->kind == OP_FORWARD_OFF;
	size_t before = out->len, titled;
	struct block old = *b;

	if (!follows(b, op)) {
		const char *title = script_title(a, p, o, op);

		if (!b->title || !streq(title, b->title) || b->line != op->pos.line)
			comment(out, o, op->pos.line, title);
		*b = (struct block){op->space, op->pos.line, title};
	}
	titled = out->len;
	if (titled == before && op->kind == OP_SETTING && b->last == OP_SETTING) { /* one command for all of them */
		out->len--;
		strbuf_printf(out, " \\\n\t%s\n", script_setting(a, op->setting));
		return;
	}
	op_commands(a, p, o, op, out);
	b->last = op->kind;
	if (out->len == titled && !talks && !out->failed) {
		out->len = before;
		*b = old;
	}
}

void plan_script(struct arena *a, const struct plan *p, const struct script_options *o, struct strbuf *out)
{
	struct block b = {0};

	header(out, p, o);
	preamble(a, out, p, o);
	for (size_t i = 0; i < p->ops.n; i++)
		put_op(a, p, o, &p->ops.items[i], &b, out);
	if (!p->ops.n)
		strbuf_adds(out, "\n# Nothing is to be done.\n");
	if (o->down && o->lab_dir)
		strbuf_printf(out, "rm -r %s\n", o->lab_dir);
}
