/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device, out of its RTM_NEWLINK (rtnetlink(7), linux/if_link.h). */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "census.h"
#include "ip.h"
#include "text.h"

/* Attributes shorter than their type says count as zero. */
static uint32_t attr_u32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint32_t) ? mnl_attr_get_u32(attr) : 0;
}

static uint16_t attr_u16(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint16_t) ? mnl_attr_get_u16(attr) : 0;
}

static const char *attr_string(struct arena *a, const struct nlattr *attr)
{
	return arena_strndup(a, mnl_attr_get_payload(attr),
	                     strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)));
}

static const struct nlattr *nested(const struct nlattr *in, unsigned type)
{
	const struct nlattr *attr;

	if (in)
		mnl_attr_for_each_nested(attr, in) if (mnl_attr_get_type(attr) == type) return attr;
	return NULL;
}

/* ---- what kinds have of their own ------------------------------------------------------------------ */

struct word {
	uint32_t value;
	const char *word;
};

static const char *word_of(const struct word *words, uint32_t value)
{
	for (; words->word; words++)
		if (words->value == value)
			return words->word;
	return NULL;
}

static const struct word macvlan_modes[] = {{MACVLAN_MODE_PRIVATE, "private"}, {MACVLAN_MODE_VEPA, "vepa"},
                                            {MACVLAN_MODE_BRIDGE, "bridge"},   {MACVLAN_MODE_PASSTHRU, "passthru"},
                                            {MACVLAN_MODE_SOURCE, "source"},   {0}};
static const struct word ipvlan_modes[] = {
	{IPVLAN_MODE_L2, "l2"}, {IPVLAN_MODE_L3, "l3"}, {IPVLAN_MODE_L3S, "l3s"}, {0}};

static void read_macvlan(struct nsl_device *dev, const struct nlattr *data)
{
	dev->mode = word_of(macvlan_modes, attr_u32(nested(data, IFLA_MACVLAN_MODE)));
}

static void read_ipvlan(struct nsl_device *dev, const struct nlattr *data)
{
	dev->mode = word_of(ipvlan_modes, attr_u16(nested(data, IFLA_IPVLAN_MODE)));
}

static void read_vlan(struct nsl_device *dev, const struct nlattr *data)
{
	dev->vlan = attr_u16(nested(data, IFLA_VLAN_ID));
}

static void read_tun(struct nsl_device *dev, const struct nlattr *data)
{
	const struct nlattr *type = nested(data, IFLA_TUN_TYPE);

	if (type && mnl_attr_get_payload_len(type) && mnl_attr_get_u8(type) == IFF_TAP)
		dev->kind = "tap";
}

enum { SYMMETRIC = 1 };

/* The kinds that there is more to know of than their name. Tunnels have a table of their own. */
static const struct {
	const char *kind;
	void (*read)(struct nsl_device *dev, const struct nlattr *data);
	int flags;
} kinds[] = {
	{"veth", NULL, SYMMETRIC}, {"netkit", NULL, SYMMETRIC}, {"vxcan", NULL, SYMMETRIC},
	{"vlan", read_vlan},       {"macvlan", read_macvlan},   {"macvtap", read_macvlan},
	{"ipvlan", read_ipvlan},   {"ipvtap", read_ipvlan},     {"tun", read_tun},
};

static void read_info(struct survey *s, const struct nlattr *info, struct nsl_device *dev, struct raw_link *raw)
{
	const struct nlattr *kind = nested(info, IFLA_INFO_KIND), *data = nested(info, IFLA_INFO_DATA);

	if (!kind)
		return;
	dev->kind = attr_string(s->a, kind);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!streq(kinds[i].kind, dev->kind))
			continue;
		raw->symmetric = kinds[i].flags & SYMMETRIC;
		if (kinds[i].read && data)
			kinds[i].read(dev, data);
		return;
	}
	dev->tunnel = tunnel_read(s->a, dev->kind, data, &dev->tie_ifindex);
}

/* ---- what all have --------------------------------------------------------------------------------- */

static void read_mac(struct survey *s, const struct nlattr *attr, struct nsl_device *dev)
{
	char text[MAC_TEXT_MAX];
	struct mac mac;

	if (mnl_attr_get_payload_len(attr) != MAC_LEN)
		return;
	memcpy(mac.b, mnl_attr_get_payload(attr), MAC_LEN);
	if (!mac_is_zero(&mac))
		dev->mac = arena_strdup(s->a, mac_text(&mac, text));
}

static void read_counters(const struct nlattr *attr, struct nsl_counters *c)
{
	struct rtnl_link_stats64 st = {0};
	size_t len = mnl_attr_get_payload_len(attr);

	memcpy(&st, mnl_attr_get_payload(attr), len < sizeof(st) ? len : sizeof(st));
	*c = (struct nsl_counters){
		.rx_packets = st.rx_packets,
		.rx_bytes = st.rx_bytes,
		.rx_errors = st.rx_errors,
		.rx_dropped = st.rx_dropped,
		.tx_packets = st.tx_packets,
		.tx_bytes = st.tx_bytes,
		.tx_errors = st.tx_errors,
		.tx_dropped = st.tx_dropped,
	};
}

static void take_attribute(struct survey *s, const struct nlattr *attr, struct nsl_device *dev, struct raw_link *raw)
{
	const struct nlattr *first;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		dev->name = attr_string(s->a, attr);
		break;
	case IFLA_ADDRESS:
		read_mac(s, attr, dev);
		break;
	case IFLA_MTU:
		dev->mtu = attr_u32(attr);
		break;
	case IFLA_MASTER:
		raw->master = attr_u32(attr);
		break;
	case IFLA_LINK:
		dev->tie_ifindex = attr_u32(attr);
		break;
	case IFLA_LINK_NETNSID:
		dev->tie_nsid = (int32_t)attr_u32(attr);
		raw->has_nsid = true;
		break;
	case IFLA_IFALIAS:
		dev->alias = attr_string(s->a, attr);
		break;
	case IFLA_LINKINFO:
		read_info(s, attr, dev, raw);
		break;
	case IFLA_PROP_LIST:
		first = nested(attr, IFLA_ALT_IFNAME);
		dev->altname = first ? attr_string(s->a, first) : NULL;
		break;
	case IFLA_STATS64:
		read_counters(attr, &dev->counters);
		break;
	default:
		break;
	}
}

void link_read(struct survey *s, const struct nlmsghdr *m, struct nsl_device *dev, struct raw_link *raw)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;

	*raw = (struct raw_link){.tied_device = -1};
	*dev = (struct nsl_device){
		.ifindex = (uint32_t)info->ifi_index,
		.name = "",
		.kind = info->ifi_flags & IFF_LOOPBACK ? "loopback" : "",
		.up = info->ifi_flags & IFF_UP,
		.carrier = info->ifi_flags & IFF_LOWER_UP,
		.master = {-1, -1},
		.tied = {-1, -1},
		.tie_nsid = -1,
	};
	mnl_attr_for_each(attr, m, sizeof(*info)) take_attribute(s, attr, dev, raw);
	if (dev->tie_ifindex == dev->ifindex && !raw->has_nsid) /* what stands on nothing says so by naming itself */
		dev->tie_ifindex = 0;
}
