/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations as commands. See script.h; src/kernel/apply.c does the same in messages. */
#include <assert.h>
#include <linux/netfilter.h>
#include <string.h>

#include "limit.h"
#include "script.h"
#include "text.h"

struct writer {
	struct arena *a;
	const struct plan *p;
	const struct script_options *o;
	struct strbuf *out;
};

/* ---- words ------------------------------------------------------------------------------------- */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-_./:@%+=,", c));
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* "$(printf 'a\033b')": nothing but printable characters, so that a script can be looked at. */
static const char *printf_word(struct arena *a, const char *s)
{
	char *out = arena_printf(a, "\"$(printf '");

	for (; *s; s++) {
		if (is_control(*s) || *s == '\'' || *s == '\\' || *s == '%')
			out = arena_printf(a, "%s\\%03o", out, (unsigned)(unsigned char)*s);
		else
			out = arena_printf(a, "%s%c", out, *s);
	}
	return arena_printf(a, "%s')\"", out);
}

const char *shell_word(struct arena *a, const char *s)
{
	bool plain = *s && *s != '~', control = false;
	char *out, *w;

	for (const char *c = s; *c; c++) {
		plain = plain && is_plain(*c);
		control |= is_control(*c);
	}
	if (plain)
		return s;
	if (control)
		return printf_word(a, s);
	w = out = arena_alloc(a, 4 * strlen(s) + 3);
	*w++ = '\'';
	for (; *s; s++) {
		if (*s == '\'')
			w = stpcpy(w, "'\\''");
		else
			*w++ = *s;
	}
	stpcpy(w, "'");
	return out;
}

static const char *word(struct writer *w, const char *s)
{
	return shell_word(w->a, s);
}

/* What `ip netns` calls a space. */
static const char *netns_name(struct writer *w, uint32_t space)
{
	return arena_printf(w->a, "%s.%s", w->p->lab, w->p->spaces.items[space].name);
}

/* "ip", "ip -n LAB.NODE" */
static const char *ip_in(struct writer *w, uint32_t space)
{
	return space == HOST_SPACE ? "ip" : arena_printf(w->a, "ip -n %s", netns_name(w, space));
}

static const char *prefix_word(struct writer *w, const struct ip_prefix *ip)
{
	char buf[PREFIX_TEXT_MAX];

	return arena_strdup(w->a, prefix_text(ip, buf));
}

static const char *mac_word(struct writer *w, const struct mac *m)
{
	char buf[MAC_TEXT_MAX];

	return arena_strdup(w->a, mac_text(m, buf));
}

/* ---- namespaces -------------------------------------------------------------------------------- */

static void put_name(struct writer *w, const struct op *op)
{
	strbuf_printf(w->out, "ln -s %s/ns/%s /run/netns/%s\n", w->o->lab_dir ? w->o->lab_dir : "",
	              w->p->spaces.items[op->space].name, netns_name(w, op->space));
}

static void put_space_add(struct writer *w, const struct op *op)
{
	const char *name = w->p->spaces.items[op->space].name, *dir = w->o->lab_dir;

	if (!dir) {
		strbuf_printf(w->out, "ip netns add %s\n", netns_name(w, op->space));
		return;
	}
	strbuf_printf(w->out, "touch %s/ns/%s\n", dir, name);
	strbuf_printf(w->out, "unshare --net=%s/ns/%s true\n", dir, name);
	if (w->p->spaces.items[op->space].kind == SPACE_NODE) /* the fabric's have one for the time of the script */
		put_name(w, op);
}

static void put_space_del(struct writer *w, const struct op *op)
{
	const char *name = w->p->spaces.items[op->space].name, *dir = w->o->lab_dir;

	if (!dir) {
		strbuf_printf(w->out, "ip netns delete %s\n", netns_name(w, op->space));
		return;
	}
	if (op->whole)
		strbuf_printf(w->out, "umount -l %s/ns\n", dir);
	strbuf_printf(w->out, "rm -f /run/netns/%s\n", netns_name(w, op->space));
	if (w->p->want)
		strbuf_printf(w->out, "umount -l %s/ns/%s && rm %s/ns/%s\n", dir, name, dir, name);
}

/* ---- devices ----------------------------------------------------------------------------------- */

/* What every new device has. A number where nsloom chooses it: see match.c. */
static void put_new(struct writer *w, const struct device *d, bool index)
{
	strbuf_printf(w->out, "name %s", word(w, d->name));
	if (index && d->ifindex)
		strbuf_printf(w->out, " index %u", d->ifindex);
	strbuf_printf(w->out, " address %s", mac_word(w, &d->mac));
	if (d->mtu && d->kind != DEVICE_BRIDGE)
		strbuf_printf(w->out, " mtu %u", d->mtu);
	strbuf_printf(w->out, " group %u", d->group);
	if (d->kind == DEVICE_VETH)
		strbuf_adds(w->out, " numtxqueues 1 numrxqueues 1");
}

static void put_bridge_add(struct writer *w, const struct op *op)
{
	strbuf_printf(w->out, "%s link add ", ip_in(w, op->space));
	put_new(w, op->dev, true);
	strbuf_adds(w->out, " \\\n\ttype bridge stp_state 0 mcast_snooping 0\n");
}

/* The far end first, as in the message: it alone may have a master and be born up. */
static void put_veth_add(struct writer *w, const struct op *op)
{
	uint32_t far_space = (uint32_t)op->dev->peer.space;
	const struct space *sp = &w->p->want->spaces.items[far_space];
	const struct device *far = &sp->devices.items[op->dev->peer.device];

	strbuf_printf(w->out, "%s link add ", ip_in(w, far_space));
	put_new(w, far, true);
	if (far->master >= 0)
		strbuf_printf(w->out, " master %s", word(w, sp->devices.items[far->master].name));
	if (sp->kind == SPACE_FABRIC)
		strbuf_adds(w->out, " up");
	strbuf_adds(w->out, " \\\n\ttype veth peer ");
	put_new(w, op->dev, far->ifindex != 0);
	if (far_space != op->space)
		strbuf_printf(w->out, " netns %s", netns_name(w, op->space));
	strbuf_addc(w->out, '\n');
}

static const char *master_words(struct writer *w, const struct op *op)
{
	const struct space *sp = w->p->spaces.items[op->space].wanted;

	return op->dev->master < 0 ? " nomaster"
	                           : arena_printf(w->a, " master %s", word(w, sp->devices.items[op->dev->master].name));
}

static void put_link_set(struct writer *w, const struct op *op, uint32_t set)
{
	const struct device *d = op->dev;

	strbuf_printf(w->out, "%s link set dev %s", ip_in(w, op->space), word(w, d->name));
	if (set & SET_MAC)
		strbuf_printf(w->out, " address %s", mac_word(w, &d->mac));
	if (set & SET_MTU)
		strbuf_printf(w->out, " mtu %u", d->mtu);
	if (set & SET_MASTER)
		strbuf_adds(w->out, master_words(w, op));
	if (set & SET_ALIAS)
		strbuf_printf(w->out, " alias %s", word(w, d->alias ? d->alias : ""));
	if (set & SET_AUTOCONF)
		strbuf_adds(w->out, " addrgenmode none");
	if (set & SET_UP)
		strbuf_adds(w->out, d->up ? " up" : " down");
	strbuf_addc(w->out, '\n');
}

static void put_device_set(struct writer *w, const struct op *op)
{
	uint32_t set = op->set & ~(uint32_t)SET_ALTNAME;

	if (set & SET_GROUP) {
		strbuf_printf(w->out, "%s link set dev %s group %u\n", ip_in(w, op->space), word(w, op->dev->name),
		              op->group);
		return;
	}
	if ((set & SET_AUTOCONF) && (set & SET_UP)) { /* of one message the kernel would raise the device first */
		put_link_set(w, op, SET_AUTOCONF);
		set &= ~(uint32_t)SET_AUTOCONF;
	}
	if (set)
		put_link_set(w, op, set);
	if (op->set & SET_ALTNAME)
		strbuf_printf(w->out, "%s link property add dev %s altname %s\n", ip_in(w, op->space),
		              word(w, op->dev->name), word(w, op->dev->altname));
}

static void put_device_del(struct writer *w, const struct op *op)
{
	if (op->whole)
		strbuf_printf(w->out, "%s link delete group %u\n", ip_in(w, op->space), op->group);
	else if (!op->done)
		strbuf_printf(w->out, "%s link delete dev %s\n", ip_in(w, op->space), word(w, op->dev->name));
}

/* ---- addresses, routes, sysctls ---------------------------------------------------------------- */

static void put_address(struct writer *w, const struct op *op)
{
	const struct ip_prefix *ip = &op->address->ip;
	bool add = op->kind == OP_ADDRESS_ADD;

	strbuf_printf(w->out, "%s address %s %s dev %s", ip_in(w, op->space), add ? "add" : "delete",
	              prefix_word(w, ip), word(w, op->dev->name));
	if (add && ip->ip.family == IP6)
		strbuf_adds(w->out, " nodad");
	else if (add && ip_link_local(&ip->ip))
		strbuf_adds(w->out, " scope link");
	if (add)
		strbuf_printf(w->out, " %s", w->o->mark ? w->o->mark : "$mark");
	strbuf_addc(w->out, '\n');
}

static void put_hop(struct writer *w, const struct space *sp, const struct khop *h)
{
	char buf[IP_TEXT_MAX];

	if (h->via.set)
		strbuf_printf(w->out, " via %s", ip_text(&h->via, buf));
	strbuf_printf(w->out, " dev %s", word(w, sp->devices.items[h->device].name));
}

static void put_route(struct writer *w, const struct op *op)
{
	const struct kroute *r = op->route;
	bool add = op->kind == OP_ROUTE_SET, fresh = add && op->action == ACTION_CREATE && !op->quiet;
	const struct space *sp = w->p->spaces.items[op->space].wanted;

	strbuf_printf(w->out, "%s%s route %s %s", ip_in(w, op->space), r->to.ip.family == IP6 ? " -6" : "",
	              fresh ? "add"
	              : add ? "replace"
	                    : "delete",
	              r->to.len ? prefix_word(w, &r->to) : "default");
	strbuf_printf(w->out, " proto %u", add ? MARK_PROTOCOL : r->protocol);
	if (!add && r->metric)
		strbuf_printf(w->out, " metric %u", r->metric);
	for (size_t i = 0; add && i < r->hops.n; i++) {
		strbuf_adds(w->out, r->hops.n > 1 ? " nexthop" : "");
		put_hop(w, sp, &r->hops.items[i]);
	}
	strbuf_addc(w->out, '\n');
}

const char *script_setting(struct arena *a, const struct setting *s)
{
	char *key = arena_strdup(a, s->path);

	for (char *c = key; *c; c++) /* sysctl(8)'s spelling of a path below /proc/sys */
		*c = *c == '/' ? '.' : *c == '.' ? '/' : *c;
	return shell_word(a, arena_printf(a, "%s=%s", key, s->value));
}

static void put_sysctl(struct writer *w, const char *path, const char *value)
{
	struct setting s = {.path = path, .value = value};

	strbuf_printf(w->out, "sysctl -q -w %s\n", script_setting(w->a, &s));
}

static void put_setting(struct writer *w, const struct op *op)
{
	if (op->space != HOST_SPACE)
		strbuf_printf(w->out, "ip netns exec %s ", netns_name(w, op->space));
	put_sysctl(w, op->setting->path, op->setting->value);
}

/* ---- the host ---------------------------------------------------------------------------------- */

static void put_rules(struct writer *w, const struct op *op)
{
	if (op->kind == OP_RULES_DEL) {
		strbuf_printf(w->out, "nft delete table inet " MARK_TABLE "%s\n", w->p->lab);
		return;
	}
	strbuf_adds(w->out, "nft -f - <<'EOF'\n");
	if (op->action != ACTION_CREATE)
		strbuf_printf(w->out, "delete table inet " MARK_TABLE "%s\n", w->p->lab);
	strbuf_printf(w->out, "%sEOF\n", w->o->rules ? w->o->rules : "");
}

static const char *family_word(uint8_t family)
{
	return family == NFPROTO_IPV4 ? "ip" : family == NFPROTO_IPV6 ? "ip6" : "inet";
}

static void put_accept(struct writer *w, const struct op *op)
{
	const char *chain = arena_printf(w->a, "%s %s %s", family_word(op->chain->family), word(w, op->chain->table),
	                                 word(w, op->chain->name));

	if (op->kind == OP_ACCEPT_ADD) {
		strbuf_printf(w->out, "nft insert rule %s meta mark 0x%x accept comment '\"" MARK_ALIAS "%s\"'\n",
		              chain, MARK_PACKET, w->p->lab);
		return;
	}
	strbuf_printf(w->out,
	              "nft -a list chain %s | sed -n 's/.*comment \"" MARK_ALIAS "%s\" # handle //p' |\n"
	              "\twhile read -r handle; do nft delete rule %s handle \"$handle\"; done\n",
	              chain, w->p->lab, chain);
}

/* Away with a note, from the table and from the file: either may have lost it, and the other has it still (src/kernel/lent.h). */
static void forget_note(struct writer *w, const char *note)
{
	strbuf_printf(w->out, "nft 'add table inet nsloom; add chain inet nsloom %s; delete chain inet nsloom %s'\n",
	              note, note);
	if (w->o->lab_dir)
		strbuf_printf(w->out, "test ! -e %s/.lentlimits || sed -i '\\,^%s$,d' %s/.lentlimits\n", w->o->run_dir,
		              note, w->o->run_dir);
}

static const char *claim_note(struct writer *w, const struct op *op, uint64_t need)
{
	return arena_printf(w->a, "for-%llu-%s-%s", (unsigned long long)need, limit_path(op->limit), w->p->lab);
}

/* Notes and all: so that whoever takes the lab away puts it back. */
static void put_limit_raise(struct writer *w, const struct op *op)
{
	const struct limit_found *f = &w->p->have->limits[op->limit];
	const char *path = limit_path(op->limit);
	uint64_t need = w->p->want->limits_needed[op->limit];

	strbuf_adds(w->out, "nft add table inet nsloom\n");
	if (!f->noted)
		strbuf_printf(w->out, "nft add chain inet nsloom was-%llu-%s\n", (unsigned long long)f->value, path);
	if (f->claim != need)
		strbuf_printf(w->out, "nft add chain inet nsloom %s\n", claim_note(w, op, need));
	if (f->claim && f->claim != need)
		forget_note(w, claim_note(w, op, f->claim));
	if (f->stale && f->stale != need)
		forget_note(w, claim_note(w, op, f->stale));
	if (op->to != op->from)
		put_sysctl(w, path, arena_printf(w->a, "%llu", (unsigned long long)op->to));
}

static void put_limit_back(struct writer *w, const struct op *op)
{
	const struct limit_found *f = &w->p->have->limits[op->limit];
	const char *path = limit_path(op->limit), *file = arena_printf(w->a, "%s/.lentlimits", w->o->run_dir);

	if (op->to != op->from)
		put_sysctl(w, path, arena_printf(w->a, "%llu", (unsigned long long)op->to));
	forget_note(w, claim_note(w, op, f->claim));
	if (f->stale)
		forget_note(w, claim_note(w, op, f->stale));
	if (!f->others && f->noted)
		forget_note(w, arena_printf(w->a, "was-%llu-%s", (unsigned long long)f->was, path));
	if (!op->whole)
		return;
	strbuf_adds(w->out, "nft list table inet nsloom | grep -q chain || nft delete table inet nsloom\n");
	if (w->o->lab_dir)
		strbuf_printf(w->out, "test -s %s || rm -f %s\n", file, file);
}

static void put_forward_on(struct writer *w, const struct op *op)
{
	const struct script_switch *s = &w->o->switches[op->family];

	if (!s->notes.n)
		return;
	strbuf_adds(w->out, "nft add table inet nsloom\n");
	for (size_t i = 0; i < s->notes.n; i++)
		strbuf_printf(w->out, "nft add chain inet nsloom was-%s-%s\n", s->notes.items[i].was,
		              s->notes.items[i].path);
	for (size_t i = 1; i < s->notes.n; i++)
		if (s->notes.items[i].meanwhile)
			put_sysctl(w, s->notes.items[i].path, s->notes.items[i].meanwhile);
	put_sysctl(w, s->notes.items[0].path, "1");
}

static void put_forward_off(struct writer *w, const struct op *op)
{
	const struct script_switch *s = &w->o->switches[op->family];

	if (!s->notes.n || s->claimed)
		return;
	for (size_t i = 0; i < s->notes.n; i++)
		put_sysctl(w, s->notes.items[i].path, s->notes.items[i].was);
	for (size_t i = 0; i < s->notes.n; i++)
		strbuf_printf(w->out, "nft delete chain inet nsloom was-%s-%s\n", s->notes.items[i].was,
		              s->notes.items[i].path);
	strbuf_adds(w->out, "nft list table inet nsloom | grep -q chain || nft delete table inet nsloom\n");
	if (w->o->lab_dir)
		strbuf_printf(w->out, "rm -f %s/.lent%d\n", w->o->run_dir, op->family == IP6 ? 6 : 4);
}

/* It is started on the machine, which a script on the stand-in host cannot reach. */
static void put_way_out(struct writer *w, const struct op *op)
{
	struct op_text t;

	op_describe(w->a, w->p, op, &t);
	strbuf_printf(w->out, "# on the machine: %s%s%s\n", t.object,
	              op->kind == OP_WAY_OUT_DEL ? " ends" : " becomes the way out", t.now ? ", with its ports" : "");
}

/* ---- all --------------------------------------------------------------------------------------- */

static void (*const puts_of[])(struct writer *, const struct op *) = {
	[OP_FORWARD_OFF] = put_forward_off, [OP_ROUTE_DEL] = put_route,       [OP_ADDRESS_DEL] = put_address,
	[OP_DEVICE_DEL] = put_device_del,   [OP_ACCEPT_DEL] = put_accept,     [OP_RULES_DEL] = put_rules,
	[OP_SPACE_DEL] = put_space_del,     [OP_RULES_SET] = put_rules,       [OP_ACCEPT_ADD] = put_accept,
	[OP_SPACE_ADD] = put_space_add,     [OP_NAME_SET] = put_name,         [OP_BRIDGE_ADD] = put_bridge_add,
	[OP_VETH_ADD] = put_veth_add,       [OP_DEVICE_SET] = put_device_set, [OP_ADDRESS_ADD] = put_address,
	[OP_PUBLISH_SET] = put_rules,       [OP_PUBLISH_DEL] = put_rules,     [OP_ROUTE_SET] = put_route,
	[OP_LIMIT_BACK] = put_limit_back,   [OP_LIMIT_SET] = put_limit_raise, [OP_SETTING] = put_setting,
	[OP_FORWARD_ON] = put_forward_on,   [OP_WAY_OUT_SET] = put_way_out,   [OP_WAY_OUT_DEL] = put_way_out,
};
static_assert(sizeof(puts_of) / sizeof(puts_of[0]) == OP_KIND_COUNT, "every operation has its commands");

void op_commands(struct arena *a, const struct plan *p, const struct script_options *o, const struct op *op,
                 struct strbuf *out)
{
	struct writer w = {a, p, o, out};

	/* What one operation does for others is one command there too; but for namespaces. */
	if (!op->done || op->kind == OP_SPACE_DEL)
		puts_of[op->kind](&w, op);
}

static void raise_limit(struct state *s, const struct state *have, const struct op *op)
{
	struct limit_found *f = &s->limits[op->limit];

	*f = have->limits[op->limit];
	f->was = f->noted ? f->was : f->value;
	f->noted = true;
	f->value = op->to;
	f->claim = s->limits_needed[op->limit];
}

struct state *state_after(const struct plan *p)
{
	struct state *s = (struct state *)p->want;

	for (size_t i = 0; i < s->spaces.n; i++) {
		struct space *sp = &s->spaces.items[i];

		sp->named = sp->present && sp->kind == SPACE_NODE;
		for (size_t k = 0; k < sp->devices.n; k++)
			sp->devices.items[k].owner = OWNER_LAB;
	}
	s->rules_found = s->rules.networks.n ? RULES_MATCH : RULES_ABSENT;
	for (int f = 0; f < IP_FAMILIES; f++)
		s->lends[f] = s->rules.forward[f];
	for (size_t i = 0; i < p->ops.n; i++)
		if (p->ops.items[i].kind == OP_ACCEPT_ADD) {
			struct foreign_chain *c = vec_push(s->arena, &s->foreign);

			*c = *p->ops.items[i].chain;
			c->accepts = true;
		}
	for (size_t i = 0; i < p->ops.n; i++)
		if (p->ops.items[i].kind == OP_LIMIT_SET)
			raise_limit(s, p->have, &p->ops.items[i]);
	s->host_group = p->have->host_group;
	return s;
}
