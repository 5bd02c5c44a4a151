/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Published ports in a lab's table.
 *
 * On an address that others can reach, a port is an ordinary DNAT, in
 * prerouting for those outside and in output for the host itself. `admitted`
 * has where it leads: just that may go to the lab's bridges. Who calls keeps
 * his address, unless the node would answer him by another way (`masked`) or
 * he is in the lab himself: then he gets the gateway's.
 *
 * On a loopback address DNAT alone cannot do it: a packet from 127.0.0.1 may not
 * leave the host, and an answer to it may not come in, unless route_localnet gives
 * up what protects the host's other loopback services. So there:
 *
 *   loopback-out   gives such a packet, before connection tracking sees it, the
 *                  gateway's address as source and the node's as destination. For
 *                  everyone else it is a connection from gateway to node, to the host's port.
 *   published-out  DNAT of the port; and the connection gets the mark
 *                  MARK_PACKET. `oifname "lo"` is what tells such a packet from
 *                  one that a program has sent to the node itself: a hook goes by
 *                  the device that was chosen before it.
 *   loopback-in    gives answers of such connections the loopback addresses back,
 *                  after routing and all filters.
 *
 * All of it is by maps: the number of rules does not grow with that of ports.
 */
#include "publish_sets.h"

#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/rtnetlink.h>

enum { PRIORITY_RAW = -300, PRIORITY_DSTNAT = -100, PRIORITY_AFTER_NAT = 150 };

/* The packet's destination, protocol and port, as far as a set's key has them. */
static void load_key(struct draft *d, enum set_id id, enum ip_family f)
{
	size_t offset = 0;

	for (const enum field *k = set_kinds[id].key; *k != END; offset += field_size(*k++, f)) {
		if (*k == ADDRESS)
			draft_payload(d, NFT_PAYLOAD_NETWORK_HEADER, header_address(f, true), (uint32_t)ip_bytes(f),
			              draft_register(offset));
		else if (*k == PROTOCOL)
			draft_meta(d, NFT_META_L4PROTO, draft_register(offset));
		else
			draft_payload(d, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, draft_register(offset));
	}
}

static void look_up(struct draft *d, enum set_id id, enum ip_family f)
{
	char name[SET_NAME_SIZE];

	set_name(name, id, f);
	load_key(d, id, f);
	draft_lookup(d, name, set_kinds[id].data[0] != END);
}

/* dnat to the address and port that a map has for the packet */
static void dnat_by(struct draft *d, enum set_id id, enum ip_family f)
{
	uint32_t port = draft_register(ip_bytes(f));
	struct nftnl_expr *e;

	look_up(d, id, f);
	e = draft_expr(d, "nat");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FAMILY, f == IP6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MAX, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_PROTO_MIN, port);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_PROTO_MAX, port);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FLAGS, NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED);
}

static void visit_loopback_out(struct visitor *v, enum ip_family f)
{
	struct draft d = draft(v->table, "loopback-out");
	struct ip lo = loopback_of(f);

	match_device(&d, NFT_META_OIFNAME, "lo");
	match_family(&d, f);
	match_address(&d, false, &lo);
	match_address(&d, true, &lo);
	look_up(&d, LOOPBACK_SOURCE, f);
	set_address(&d, f, false);
	look_up(&d, LOOPBACK_NODE, f);
	set_address(&d, f, true);
	visit_rule(v, "loopback-out", &d);
}

static void visit_loopback_dnat(struct visitor *v, enum ip_family f)
{
	struct draft d = draft(v->table, "published-out");

	match_device(&d, NFT_META_OIFNAME, "lo");
	match_family(&d, f);
	look_up(&d, LOOPBACK_NODES, f);
	set_mark(&d, true, MARK_PACKET);
	dnat_by(&d, LOOPBACK_PORT, f);
	visit_rule(v, "published-out", &d);
}

static void visit_loopback_in(struct visitor *v, enum ip_family f)
{
	struct draft d = draft(v->table, "loopback-in");
	struct ip lo = loopback_of(f);
	uint32_t mark = MARK_PACKET;
	uint8_t reply = 1;

	draft_ct(&d, NFT_CT_MARK);
	draft_compare(&d, NFT_CMP_EQ, &mark, sizeof(mark));
	draft_ct(&d, NFT_CT_DIRECTION);
	draft_compare(&d, NFT_CMP_EQ, &reply, sizeof(reply));
	match_family(&d, f);
	for (int destination = 0; destination < 2; destination++) {
		draft_immediate(&d, lo.b, ip_bytes(f));
		set_address(&d, f, destination);
	}
	visit_rule(v, "loopback-in", &d);
}

/* An address of the host's own that is none of loopback's. */
static void match_own(struct draft *d, enum ip_family f)
{
	struct ip lo = loopback_of(f);
	uint32_t local = RTN_LOCAL;
	struct nftnl_expr *e;

	draft_payload(d, NFT_PAYLOAD_NETWORK_HEADER, header_address(f, true), f == IP6 ? 16 : 1, NFT_REG_1);
	draft_compare(d, NFT_CMP_NEQ, lo.b, f == IP6 ? 16 : 1); /* 127.0.0.0/8 */
	e = draft_expr(d, "fib");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	draft_compare(d, NFT_CMP_EQ, &local, sizeof(local));
}

static void visit_dnat(struct visitor *v, const struct rules *r, const char *chain, enum ip_family f)
{
	struct draft d;

	if (any_of(r, ONE_ADDRESS, f)) {
		d = draft(v->table, chain);
		match_family(&d, f);
		dnat_by(&d, ON_ADDRESS, f);
		visit_rule(v, chain, &d);
	}
	if (any_of(r, ALL_ADDRESSES, f)) {
		d = draft(v->table, chain);
		match_family(&d, f);
		match_own(&d, f);
		dnat_by(&d, ANYWHERE, f);
		visit_rule(v, chain, &d);
	}
}

void visit_publish_chains(struct visitor *v, const struct rules *r)
{
	bool loopback = any_of(r, LOOPBACK, IP4) || any_of(r, LOOPBACK, IP6);

	if (!r->published.n)
		return;
	if (loopback) {
		v->chain(v, "loopback-out", "route", NF_INET_LOCAL_OUT, PRIORITY_RAW);
		v->chain(v, "loopback-in", "filter", NF_INET_LOCAL_IN, PRIORITY_AFTER_NAT);
	}
	v->chain(v, "published-out", "nat", NF_INET_LOCAL_OUT, PRIORITY_DSTNAT);
	if (publishes_wide(r, IP4) || publishes_wide(r, IP6))
		v->chain(v, "published-in", "nat", NF_INET_PRE_ROUTING, PRIORITY_DSTNAT);
}

void visit_publish(struct visitor *v, const struct rules *r)
{
	for (int i = 0; i < IP_FAMILIES; i++) {
		enum ip_family f = (enum ip_family)i;

		if (any_of(r, LOOPBACK, f)) {
			visit_loopback_out(v, f);
			visit_loopback_dnat(v, f);
			visit_loopback_in(v, f);
		}
		visit_dnat(v, r, "published-out", f);
		visit_dnat(v, r, "published-in", f);
	}
}

void visit_admission(struct visitor *v, const struct rules *r, const char *chain)
{
	for (int f = 0; f < IP_FAMILIES; f++) {
		struct draft d;

		if (!publishes_wide(r, (enum ip_family)f))
			continue;
		d = draft(v->table, chain);
		match_ct(&d, NFT_CT_STATUS, IPS_DST_NAT);
		match_family(&d, (enum ip_family)f);
		look_up(&d, ADMITTED, (enum ip_family)f);
		draft_verdict(&d, NFT_GOTO, "pass");
		visit_rule(v, chain, &d);
	}
}

void visit_return(struct visitor *v, const struct rules *r, const char *chain)
{
	struct draft d;

	if (!publishes_wide(r, IP4) && !publishes_wide(r, IP6))
		return;
	d = draft(v->table, chain);
	match_ct(&d, NFT_CT_STATUS, IPS_DST_NAT);
	match_ct(&d, NFT_CT_STATE, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED));
	draft_verdict(&d, NFT_GOTO, "pass");
	visit_rule(v, chain, &d);
}

static void visit_masked(struct visitor *v, const struct rules *r, enum ip_family f)
{
	struct draft d;

	if (!any_of(r, WIDE_MASKED, f))
		return;
	d = draft(v->table, "postrouting");
	match_ct(&d, NFT_CT_STATUS, IPS_DST_NAT);
	match_family(&d, f);
	look_up(&d, MASKED, f);
	draft_expr(&d, "masq");
	visit_rule(v, "postrouting", &d);
}

void visit_publish_masquerade(struct visitor *v, const struct rules *r)
{
	for (int f = 0; f < IP_FAMILIES; f++) {
		if (!publishes_wide(r, (enum ip_family)f))
			continue;
		visit_masked(v, r, (enum ip_family)f);
		for (size_t i = 0; i < r->networks.n; i++)
			for (size_t k = 0; k < r->networks.items[i].sources.n; k++) {
				const struct ip_prefix *source = &r->networks.items[i].sources.items[k];
				struct draft d;

				if (source->ip.family != f)
					continue;
				d = draft(v->table, "postrouting");
				match_ct(&d, NFT_CT_STATUS, IPS_DST_NAT);
				match_source(&d, source);
				look_up(&d, ADMITTED, (enum ip_family)f);
				draft_expr(&d, "masq");
				visit_rule(v, "postrouting", &d);
			}
	}
}
