/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tunnels say of their ends: a table of the attributes of each kind (linux/if_link.h, linux/if_tunnel.h). */
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <string.h>

#include "census.h"
#include "ip.h"
#include "text.h"

enum { PARTS = 2 };

/* Attribute numbers; 0: it has none. Addresses come as IPv4 or IPv6, by one attribute or by two. */
static const struct tunnel_kind {
	const char *kind;
	uint8_t local[PARTS], remote[PARTS], id, port;
	bool id_big_endian;
	uint8_t link; /* the device that it is bound to, where IFLA_LINK does not say it */
} kinds[] = {
	{"vxlan",
         {IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6},
         {IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6},
         IFLA_VXLAN_ID,
         IFLA_VXLAN_PORT,
         false,
         IFLA_VXLAN_LINK},
	{"geneve", {0}, {IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6}, IFLA_GENEVE_ID, IFLA_GENEVE_PORT},
	{"gre", {IFLA_GRE_LOCAL}, {IFLA_GRE_REMOTE}, IFLA_GRE_IKEY, 0, true},
	{"gretap", {IFLA_GRE_LOCAL}, {IFLA_GRE_REMOTE}, IFLA_GRE_IKEY, 0, true},
	{"ip6gre", {IFLA_GRE_LOCAL}, {IFLA_GRE_REMOTE}, IFLA_GRE_IKEY, 0, true},
	{"ip6gretap", {IFLA_GRE_LOCAL}, {IFLA_GRE_REMOTE}, IFLA_GRE_IKEY, 0, true},
	{"erspan", {IFLA_GRE_LOCAL}, {IFLA_GRE_REMOTE}, IFLA_GRE_IKEY, 0, true},
	{"ip6erspan", {IFLA_GRE_LOCAL}, {IFLA_GRE_REMOTE}, IFLA_GRE_IKEY, 0, true},
	{"ipip", {IFLA_IPTUN_LOCAL}, {IFLA_IPTUN_REMOTE}},
	{"sit", {IFLA_IPTUN_LOCAL}, {IFLA_IPTUN_REMOTE}},
	{"ip6tnl", {IFLA_IPTUN_LOCAL}, {IFLA_IPTUN_REMOTE}},
	{"vti", {IFLA_VTI_LOCAL}, {IFLA_VTI_REMOTE}, IFLA_VTI_IKEY, 0, true},
	{"vti6", {IFLA_VTI_LOCAL}, {IFLA_VTI_REMOTE}, IFLA_VTI_IKEY, 0, true},
	{"xfrm", {0}, {0}, IFLA_XFRM_IF_ID},
	{"wireguard"},
};

static bool read_address(const struct nlattr *attr, struct ip *ip)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len != ip_bytes(IP4) && len != ip_bytes(IP6))
		return false;
	*ip = (struct ip){.set = true, .family = len == ip_bytes(IP4) ? IP4 : IP6};
	memcpy(ip->b, mnl_attr_get_payload(attr), len);
	return !ip_unspecified(ip);
}

static const char *address(struct arena *a, const struct ip *ip)
{
	char text[IP_TEXT_MAX];

	return arena_strdup(a, ip_text(ip, text));
}

static void take(struct arena *a, const struct tunnel_kind *k, const struct nlattr *attr, struct nsl_tunnel *t,
                 uint32_t *link)
{
	unsigned type = mnl_attr_get_type(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	struct ip ip;

	if (type == k->id && len >= sizeof(uint32_t))
		t->id = k->id_big_endian ? ntohl(mnl_attr_get_u32(attr)) : mnl_attr_get_u32(attr);
	else if (type == k->link && len >= sizeof(uint32_t))
		*link = mnl_attr_get_u32(attr);
	else if (type == k->port && len >= sizeof(uint16_t))
		t->port = ntohs(mnl_attr_get_u16(attr));
	else if ((type == k->local[0] || type == k->local[1]) && read_address(attr, &ip))
		t->local = address(a, &ip);
	else if ((type == k->remote[0] || type == k->remote[1]) && read_address(attr, &ip))
		*(ip_multicast(&ip) ? &t->group : &t->remote) = address(a, &ip);
}

struct nsl_tunnel *tunnel_read(struct arena *a, const char *kind, const struct nlattr *data, uint32_t *link)
{
	struct nsl_tunnel *t;
	const struct nlattr *attr;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!streq(kinds[i].kind, kind))
			continue;
		t = arena_new_of(a, struct nsl_tunnel);
		if (data)
			mnl_attr_for_each_nested(attr, data) take(a, &kinds[i], attr, t, link);
		return t;
	}
	return NULL;
}
