/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Neighbour entries for pings by the ten thousand. See neigh.h. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "neigh.h"
#include "netlink.h"
#include "text.h"

#ifndef NTF_EXT_LEARNED
#define NTF_EXT_LEARNED 0x10
#endif

/* The kernel's default thresholds, where it does not tell. */
enum { THRESH2_DEFAULT = 512, THRESH3_DEFAULT = 1024, ROOM_MIN = 32 };

/* ---- growing arrays ---------------------------------------------------------------------------- */

/* The array with room for one more item than n, moved if need be; NULL: out of memory, and the array is as it was. */
static void *grow(void *items, size_t n, size_t size)
{
	/* Full at 0 and at each power of two from 16 on. */
	if (n && (n < 16 || n & (n - 1)))
		return items;
	return reallocarray(items, n < 16 ? 16 : n * 2, size);
}

#define PUSH(items, n, item)                                         \
	__extension__({                                              \
		void *_grown = grow((items), (n), sizeof(*(items))); \
		if (_grown) {                                        \
			(items) = _grown;                            \
			(items)[(n)++] = (item);                     \
		}                                                    \
		_grown ? 0 : -ENOMEM;                                \
	})

/* ---- reading ----------------------------------------------------------------------------------- */

/* What a dump is read into. */
struct reading {
	struct neigh *g;
	uint32_t place;
	struct neigh_entry *entries;
	size_t n;
};

/* Asks for a dump of one kind; `header` bytes of zeros follow the netlink header. */
static int dump(const struct neigh *g, uint32_t place, uint16_t type, size_t header, nl_reply_fn *fn, void *data)
{
	int r, tries = 0;

	do {
		_Alignas(struct nlmsghdr) char buf[128];
		struct nlmsghdr *m = mnl_nlmsg_put_header(buf);

		m->nlmsg_type = type;
		m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		mnl_nlmsg_put_extra_header(m, header);
		r = nl_request(g->sockets->at[place].netlink, m, fn, data, NULL);
	} while (r == -EINTR && ++tries < 5);
	return r == -EINTR ? 0 : r; /* changed while it was read, again and again: what was seen must do */
}

static bool read_ip(const struct nlattr *a, int af, struct ip *out)
{
	enum ip_family f = af == AF_INET6 ? IP6 : IP4;

	if ((af != AF_INET && af != AF_INET6) || mnl_attr_get_payload_len(a) != ip_bytes(f))
		return false;
	*out = (struct ip){.set = true, .family = (uint8_t)f};
	memcpy(out->b, mnl_attr_get_payload(a), ip_bytes(f));
	return true;
}

static int read_link(const struct nlmsghdr *m, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(m);
	struct neigh_interface i = {.ifindex = (uint32_t)info->ifi_index};
	struct reading *r = data;
	const struct nlattr *a;

	i.place = r->place;
	i.wire = i.attempt = (uint32_t)r->g->n_interfaces;
	mnl_attr_for_each(a, m, sizeof(*info)) if (mnl_attr_get_type(a) == IFLA_ADDRESS &&
	                                           info->ifi_type == ARPHRD_ETHER &&
	                                           mnl_attr_get_payload_len(a) == MAC_LEN)
		memcpy(i.mac.b, mnl_attr_get_payload(a), MAC_LEN);
	return PUSH(r->g->interfaces, r->g->n_interfaces, i);
}

/* The interface of a place, which is one of the last that were read. */
static bool find_interface(const struct neigh *g, uint32_t place, uint32_t ifindex, uint32_t *out)
{
	for (size_t i = g->n_interfaces; i-- && g->interfaces[i].place == place;) {
		if (g->interfaces[i].ifindex == ifindex) {
			*out = (uint32_t)i;
			return true;
		}
	}
	return false;
}

static int read_address(const struct nlmsghdr *m, void *data)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(m);
	struct neigh_address address = {.prefix.len = info->ifa_prefixlen};
	struct reading *r = data;
	const struct nlattr *a;

	/* IFA_LOCAL, where there is one, is the interface's own; IFA_ADDRESS may be its peer's. */
	mnl_attr_for_each(a, m, sizeof(*info)) if (mnl_attr_get_type(a) == IFA_LOCAL ||
	                                           (mnl_attr_get_type(a) == IFA_ADDRESS && !address.prefix.ip.set))
		read_ip(a, info->ifa_family, &address.prefix.ip);
	if (!address.prefix.ip.set || !find_interface(r->g, r->place, info->ifa_index, &address.interface))
		return 0;
	return PUSH(r->g->addresses, r->g->n_addresses, address);
}

static int read_neighbour(const struct nlmsghdr *m, void *data)
{
	const struct ndmsg *info = mnl_nlmsg_get_payload(m);
	struct reading *r = data;
	struct neigh_entry e = {
		.place = r->place,
		.ifindex = (uint32_t)info->ndm_ifindex,
		.state = info->ndm_state,
		.flags = info->ndm_flags,
	};
	const struct nlattr *a;

	mnl_attr_for_each(a, m, sizeof(*info))
	{
		if (mnl_attr_get_type(a) == NDA_DST)
			read_ip(a, info->ndm_family, &e.ip);
		else if (mnl_attr_get_type(a) == NDA_LLADDR && mnl_attr_get_payload_len(a) == MAC_LEN)
			memcpy(e.mac.b, mnl_attr_get_payload(a), MAC_LEN);
	}
	return e.ip.set ? PUSH(r->entries, r->n, e) : 0;
}

/* The thresholds of a table and how many entries it has: those of all namespaces. */
static int read_table(const struct nlmsghdr *m, void *data)
{
	uint32_t thresh2 = THRESH2_DEFAULT, thresh3 = 0, entries = 0;
	size_t free_now;
	struct neigh *g = data;
	enum ip_family f = IP_FAMILIES;
	const struct nlattr *a;

	mnl_attr_for_each(a, m, sizeof(struct ndtmsg))
	{
		uint16_t type = mnl_attr_get_type(a);

		if (type == NDTA_NAME)
			f = streq(mnl_attr_get_str(a), "arp_cache")     ? IP4
			    : streq(mnl_attr_get_str(a), "ndisc_cache") ? IP6
			                                                : f;
		else if (type == NDTA_THRESH2)
			thresh2 = mnl_attr_get_u32(a);
		else if (type == NDTA_THRESH3)
			thresh3 = mnl_attr_get_u32(a);
		else if (type == NDTA_CONFIG && mnl_attr_get_payload_len(a) >= sizeof(struct ndt_config))
			entries = ((const struct ndt_config *)mnl_attr_get_payload(a))->ndtc_entries;
	}
	if (f == IP_FAMILIES || !thresh3) /* one of the messages about a single device */
		return 0;
	/* Permanent entries are counted in `entries` though they do not count: so what is free may be more, not less. */
	free_now = entries < thresh3 ? (thresh3 - entries) * 3 / 4 : 0;
	g->room[f] = free_now < thresh2 ? free_now : thresh2;
	if (g->room[f] < ROOM_MIN)
		g->room[f] = ROOM_MIN;
	return 0;
}

static int read_place(struct neigh *g, uint32_t place)
{
	struct reading r = {.g = g, .place = place, .entries = g->before, .n = g->n_before};
	int failed;

	failed = dump(g, place, RTM_GETLINK, sizeof(struct ifinfomsg), read_link, &r);
	if (failed == 0)
		failed = dump(g, place, RTM_GETADDR, sizeof(struct ifaddrmsg), read_address, &r);
	if (failed == 0)
		failed = dump(g, place, RTM_GETNEIGH, sizeof(struct ndmsg), read_neighbour, &r);
	g->before = r.entries;
	g->n_before = r.n;
	return failed;
}

/* ---- beginning and end ------------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
	const struct neigh_address *const *x = a, *const *y = b;

	return ip_cmp(&(*x)->prefix.ip, &(*y)->prefix.ip);
}

static int sort_addresses(struct neigh *g)
{
	g->by_ip = calloc(g->n_addresses + 1, sizeof(const struct neigh_address *));
	if (!g->by_ip)
		return -ENOMEM;
	for (size_t i = 0; i < g->n_addresses; i++)
		g->by_ip[i] = &g->addresses[i];
	qsort(g->by_ip, g->n_addresses, sizeof(const struct neigh_address *), by_address);
	return 0;
}

int neigh_init(struct neigh *g, const struct sockets *sockets, struct nsl_error **err)
{
	size_t n = sockets->n;
	bool told = false;
	int r = 0;

	*g = (struct neigh){.sockets = sockets};
	for (enum ip_family f = 0; f < IP_FAMILIES; f++)
		g->room[f] = THRESH2_DEFAULT;
	g->first_address = calloc(n + 1, sizeof(size_t));
	g->first_before = calloc(n + 1, sizeof(size_t));
	if (!g->first_address || !g->first_before)
		return error_oom(err);
	for (uint32_t place = 0; r == 0 && place < n; place++) {
		if (sockets->at[place].netlink >= 0) {
			r = read_place(g, place);
			if (r == 0 && !told)
				r = dump(g, place, RTM_GETNEIGHTBL, sizeof(struct ndtmsg), read_table, g);
			told = true;
		}
		g->first_address[place + 1] = g->n_addresses;
		g->first_before[place + 1] = g->n_before;
	}
	if (r == 0)
		r = sort_addresses(g);
	return r < 0 ? error_errno(err, -r, "cannot read the nodes' addresses and neighbours") : 0;
}

void neigh_done(struct neigh *g)
{
	free(g->interfaces);
	free(g->addresses);
	free(g->first_address);
	free(g->by_ip);
	free(g->before);
	free(g->first_before);
	*g = (struct neigh){0};
}

/* ---- who is near whom -------------------------------------------------------------------------- */

/* The one address of all places that is `ip`; NULL where none is, or more than one. */
static const struct neigh_address *bearer(const struct neigh *g, const struct ip *ip)
{
	struct neigh_address key = {.prefix.ip = *ip};
	const struct neigh_address *keyp = &key, **found;

	found = bsearch(&keyp, g->by_ip, g->n_addresses, sizeof(const struct neigh_address *), by_address);
	if (!found)
		return NULL;
	if (found > g->by_ip && ip_equal(&found[-1]->prefix.ip, ip))
		return NULL;
	if (found + 1 < g->by_ip + g->n_addresses && ip_equal(&found[1]->prefix.ip, ip))
		return NULL;
	return *found;
}

enum neigh_relation neigh_relate(const struct neigh *g, uint32_t place, const struct ip *to, struct neigh_pair *pair)
{
	const struct neigh_address *from = NULL, *there;

	for (size_t i = g->first_address[place]; i < g->first_address[place + 1]; i++) {
		const struct neigh_address *a = &g->addresses[i];

		if (ip_equal(&a->prefix.ip, to))
			return NEIGH_FAR; /* its own: by lo */
		if (prefix_contains(&a->prefix, to) && (!from || a->prefix.len > from->prefix.len))
			from = a;
	}
	if (!from || mac_is_zero(&g->interfaces[from->interface].mac))
		return NEIGH_FAR;
	there = bearer(g, to);
	if (!there || mac_is_zero(&g->interfaces[there->interface].mac))
		return NEIGH_NEAR;
	*pair = (struct neigh_pair){(uint32_t)(from - g->addresses), (uint32_t)(there - g->addresses)};
	return NEIGH_PAIR;
}

/* ---- wires ------------------------------------------------------------------------------------- */

static uint32_t wire_of(struct neigh_interface *all, uint32_t i)
{
	while (all[i].wire != i)
		i = all[i].wire = all[all[i].wire].wire;
	return i;
}

static uint32_t attempt_of(struct neigh_interface *all, uint32_t i)
{
	while (all[i].attempt != i)
		i = all[i].attempt = all[all[i].attempt].attempt;
	return i;
}

bool neigh_proven(struct neigh *g, struct neigh_pair pair)
{
	return wire_of(g->interfaces, g->addresses[pair.from].interface) ==
	       wire_of(g->interfaces, g->addresses[pair.to].interface);
}

void neigh_proofs_begin(struct neigh *g)
{
	for (uint32_t i = 0; i < g->n_interfaces; i++)
		g->interfaces[i].attempt = wire_of(g->interfaces, i);
}

bool neigh_proof_wanted(struct neigh *g, struct neigh_pair pair)
{
	uint32_t a = attempt_of(g->interfaces, g->addresses[pair.from].interface);
	uint32_t b = attempt_of(g->interfaces, g->addresses[pair.to].interface);

	g->interfaces[a].attempt = b;
	return a != b;
}

/* Entries that say which MAC an address has. */
static bool resolved(const struct neigh_entry *e)
{
	return e->state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE);
}

static int read_entries(struct neigh *g, uint32_t place, struct reading *r)
{
	*r = (struct reading){.g = g, .place = place};
	return dump(g, place, RTM_GETNEIGH, sizeof(struct ndmsg), read_neighbour, r);
}

static uint32_t place_of(const struct neigh *g, uint32_t address)
{
	return g->interfaces[g->addresses[address].interface].place;
}

/* Joins two wires if the sender's entries show the target's MAC for its address. */
static void prove(struct neigh *g, struct neigh_pair pair, const struct reading *seen)
{
	const struct neigh_address *from = &g->addresses[pair.from], *to = &g->addresses[pair.to];
	const struct neigh_interface *here = &g->interfaces[from->interface], *there = &g->interfaces[to->interface];

	for (size_t i = 0; i < seen->n; i++) {
		const struct neigh_entry *e = &seen->entries[i];

		if (e->ifindex == here->ifindex && resolved(e) && ip_equal(&e->ip, &to->prefix.ip) &&
		    mac_cmp(&e->mac, &there->mac) == 0)
			g->interfaces[wire_of(g->interfaces, from->interface)].wire =
				wire_of(g->interfaces, to->interface);
	}
}

static int by_sender(const void *a, const void *b)
{
	const struct neigh_pair *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

/* A copy of the pairs, sorted by sender (and so by place); `both`: and of each pair turned round. NULL: out of memory. */
static struct neigh_pair *sorted_pairs(const struct neigh_pair *pairs, size_t n, bool both)
{
	struct neigh_pair *out = calloc((both ? 2 * n : n) + 1, sizeof(*out));

	if (!out)
		return NULL;
	memcpy(out, pairs, n * sizeof(*out));
	for (size_t i = 0; both && i < n; i++)
		out[n + i] = (struct neigh_pair){pairs[i].to, pairs[i].from};
	qsort(out, both ? 2 * n : n, sizeof(*out), by_sender);
	return out;
}

int neigh_proofs_end(struct neigh *g, const struct neigh_pair *pairs, size_t n, struct nsl_error **err)
{
	_cleanup_free_ struct neigh_pair *sorted = sorted_pairs(pairs, n, false);

	if (!sorted)
		return error_oom(err);
	for (size_t i = 0; i < n;) {
		uint32_t place = place_of(g, sorted[i].from);
		struct reading seen;
		int r = read_entries(g, place, &seen);

		for (; i < n && place_of(g, sorted[i].from) == place; i++)
			if (r == 0)
				prove(g, sorted[i], &seen);
		free(seen.entries);
		if (r < 0)
			return error_errno(err, -r, "cannot read a node's neighbours");
	}
	return 0;
}

/* ---- entries in and out ------------------------------------------------------------------------ */

static void put_entry(struct nl_batch *b, uint16_t type, uint16_t flags, uint32_t ifindex, const struct ip *ip,
                      const struct mac *mac)
{
	struct nlmsghdr *m = nl_batch_begin(b, type, flags, 1);
	struct ndmsg *info = mnl_nlmsg_put_extra_header(m, sizeof(*info));

	info->ndm_family = (uint8_t)ip_af(ip->family);
	info->ndm_ifindex = (int)ifindex;
	info->ndm_state = NUD_STALE;
	mnl_attr_put(m, NDA_DST, ip_bytes(ip->family), ip->b);
	if (mac)
		mnl_attr_put(m, NDA_LLADDR, MAC_LEN, mac->b);
	nl_batch_end(b);
}

/* Sends what is in the batch. A refusal (the entry is there already, or gone already) is as good as a success. */
static int send_entries(const struct neigh *g, uint32_t place, struct nl_batch *b, struct nsl_error **err)
{
	struct nl_refusal refusal;
	int r = nl_batch_empty(b) && !b->failed ? 0 : nl_batch_send(g->sockets->at[place].netlink, b, &refusal);

	return r < 0 ? error_errno(err, -r, "cannot change a node's neighbours") : 0;
}

static void batch_donep(struct nl_batch *b)
{
	nl_batch_done(b);
}
#define _cleanup_batch_ __attribute__((cleanup(batch_donep)))

int neigh_seed(struct neigh *g, const struct neigh_pair *pairs, size_t n, struct nsl_error **err)
{
	_cleanup_free_ struct neigh_pair *sorted = sorted_pairs(pairs, n, true);
	_cleanup_batch_ struct nl_batch b = {0};
	size_t total = 2 * n;
	int r = 0;

	if (!sorted)
		return error_oom(err);
	for (size_t i = 0; i < total && r == 0;) {
		uint32_t place = place_of(g, sorted[i].from);

		for (; i < total && place_of(g, sorted[i].from) == place; i++) {
			const struct neigh_interface *here = &g->interfaces[g->addresses[sorted[i].from].interface];
			const struct neigh_address *to = &g->addresses[sorted[i].to];

			if (i && by_sender(&sorted[i - 1], &sorted[i]) == 0)
				continue; /* pinged in both directions */
			put_entry(&b, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, here->ifindex, &to->prefix.ip,
			          &g->interfaces[to->interface].mac);
		}
		r = send_entries(g, place, &b, err);
	}
	return r;
}

/* Whether an entry may be taken out: dynamic, and not there at the beginning. */
static bool is_new(const struct neigh *g, const struct neigh_entry *e, enum neigh_sweep what)
{
	static const uint16_t states[] = {
		[NEIGH_FINISHED] = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_FAILED,
		[NEIGH_UNFINISHED] = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_FAILED | NUD_INCOMPLETE | NUD_PROBE,
	};

	if (!(e->state & states[what]) || e->flags & NTF_EXT_LEARNED)
		return false;
	for (size_t i = g->first_before[e->place]; i < g->first_before[e->place + 1]; i++)
		if (g->before[i].ifindex == e->ifindex && ip_equal(&g->before[i].ip, &e->ip))
			return false;
	return true;
}

static int sweep(struct neigh *g, uint32_t place, enum neigh_sweep what, struct nsl_error **err)
{
	_cleanup_batch_ struct nl_batch b = {0};
	struct reading seen;
	int r = read_entries(g, place, &seen);

	for (size_t i = 0; r == 0 && i < seen.n; i++)
		if (is_new(g, &seen.entries[i], what))
			put_entry(&b, RTM_DELNEIGH, 0, seen.entries[i].ifindex, &seen.entries[i].ip, NULL);
	free(seen.entries);
	return r < 0 ? error_errno(err, -r, "cannot read a node's neighbours") : send_entries(g, place, &b, err);
}

int neigh_sweep_ends(struct neigh *g, const struct neigh_pair *pairs, size_t n, struct nsl_error **err)
{
	_cleanup_free_ struct neigh_pair *sorted = sorted_pairs(pairs, n, true);
	int r = 0;

	if (!sorted)
		return error_oom(err);
	for (size_t i = 0; r == 0 && i < 2 * n; i++)
		if (i == 0 || place_of(g, sorted[i].from) != place_of(g, sorted[i - 1].from))
			r = sweep(g, place_of(g, sorted[i].from), NEIGH_FINISHED, err);
	return r;
}

int neigh_sweep_all(struct neigh *g, enum neigh_sweep what, struct nsl_error **err)
{
	int r = 0;

	for (uint32_t place = 0; r == 0 && place < g->sockets->n; place++)
		if (g->sockets->at[place].netlink >= 0)
			r = sweep(g, place, what, err);
	return r;
}
