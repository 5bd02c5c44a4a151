/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sets that published ports are kept in: what they have in them, and what they tell who reads them. */
#include "publish_sets.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* ---- sets ------------------------------------------------------------------------------------------ */

const struct set_kind set_kinds[SET_COUNT] = {
	[LOOPBACK_SOURCE] =
		{"loopback-source", LOOPBACK, {PROTOCOL, PORT}, {ADDRESS}, .host_port = true, .gateway = true},
	[LOOPBACK_NODE] = {"loopback-node", LOOPBACK, {PROTOCOL, PORT}, {ADDRESS}, .host_port = true},
	[LOOPBACK_PORT] = {"loopback-port", LOOPBACK, {ADDRESS, PROTOCOL, PORT}, {ADDRESS, PORT}, .host_port = true},
	[LOOPBACK_NODES] = {"loopback", LOOPBACK, {ADDRESS}, {END}},
	[ON_ADDRESS] = {"address", ONE_ADDRESS, {ADDRESS, PROTOCOL, PORT}, {ADDRESS, PORT}, true, true},
	[ANYWHERE] = {"anywhere", ALL_ADDRESSES, {PROTOCOL, PORT}, {ADDRESS, PORT}, .host_port = true},
	[ADMITTED] = {"admitted", WIDE, {ADDRESS, PROTOCOL, PORT}, {END}},
	[MASKED] = {"masked", WIDE_MASKED, {ADDRESS}, {END}},
};

void set_name(char buf[SET_NAME_SIZE], enum set_id id, enum ip_family f)
{
	snprintf(buf, SET_NAME_SIZE, "%s-%c", set_kinds[id].name, f == IP6 ? '6' : '4');
}

static bool concerns(enum which which, const struct rule_publish *p, enum ip_family f)
{
	const struct ip *host = &p->publish->host;

	if (host->family != f)
		return false;
	switch (which) {
	case LOOPBACK:
		return ip_loopback(host) || ip_unspecified(host);
	case ONE_ADDRESS:
		return !ip_loopback(host) && !ip_unspecified(host);
	case ALL_ADDRESSES:
		return ip_unspecified(host);
	case WIDE:
		return !ip_loopback(host);
	case WIDE_MASKED:
		return !ip_loopback(host) && !p->publish->transparent;
	}
	return false;
}

bool any_of(const struct rules *r, enum which which, enum ip_family f)
{
	for (size_t i = 0; i < r->published.n; i++)
		if (concerns(which, &r->published.items[i], f))
			return true;
	return false;
}

struct ip loopback_of(enum ip_family f)
{
	struct ip ip;

	ip_parse(f == IP6 ? "::1" : "127.0.0.1", &ip);
	return ip;
}

bool publishes_wide(const struct rules *r, enum ip_family f)
{
	return any_of(r, WIDE, f);
}

size_t field_size(enum field field, enum ip_family f)
{
	return field == END ? 0 : field == ADDRESS ? ip_bytes(f) : 4;
}

/* nft(8)'s numbers of types; those of a concatenation stand side by side. */
static void shape(const enum field *fields, enum ip_family f, uint32_t *type, uint32_t *len)
{
	enum { TYPE_BITS = 6, TYPE_IPV4 = 7, TYPE_IPV6 = 8, TYPE_PROTOCOL = 12, TYPE_PORT = 13 };
	const uint32_t types[] = {
		[ADDRESS] = f == IP6 ? TYPE_IPV6 : TYPE_IPV4, [PROTOCOL] = TYPE_PROTOCOL, [PORT] = TYPE_PORT};

	*type = *len = 0;
	for (; *fields != END; fields++) {
		*type = *type << TYPE_BITS | types[*fields];
		*len += (uint32_t)field_size(*fields, f);
	}
}

/* One half of an entry. */
static uint8_t *put_fields(uint8_t *at, const enum field *fields, const struct ip *address, uint8_t protocol,
                           uint16_t port)
{
	for (; *fields != END; fields++) {
		size_t size = field_size(*fields, (enum ip_family)address->family);

		memset(at, 0, size);
		if (*fields == ADDRESS)
			memcpy(at, address->b, size);
		else if (*fields == PROTOCOL)
			*at = protocol;
		else
			memcpy(at, &(uint16_t){htons(port)}, sizeof(port));
		at += size;
	}
	return at;
}

static uint8_t *put_entries(uint8_t *at, const struct set_kind *k, const struct rule_publish *rp)
{
	const struct publish *p = rp->publish;
	uint8_t protocol = p->udp ? IPPROTO_UDP : IPPROTO_TCP;

	for (unsigned i = 0; i < p->count; i++) {
		at = put_fields(at, k->key, k->host_address ? &p->host : &p->address, protocol,
		                (uint16_t)((k->host_port ? p->port : p->to) + i));
		at = put_fields(at, k->data, k->gateway ? &rp->gateway : &p->address, protocol, (uint16_t)(p->to + i));
	}
	return at;
}

/* The set of that kind that the rules want; n == 0: none. Its items are to be freed; NULL: out of memory. */
static struct nft_set set_of(const struct rules *r, enum set_id id, enum ip_family f, char name[SET_NAME_SIZE])
{
	struct nft_set s = {.name = name, .map = set_kinds[id].data[0] != END};
	uint8_t *at;

	set_name(name, id, f);
	shape(set_kinds[id].key, f, &s.key_type, &s.key_len);
	shape(set_kinds[id].data, f, &s.data_type, &s.data_len);
	for (size_t i = 0; i < r->published.n; i++)
		if (concerns(set_kinds[id].which, &r->published.items[i], f))
			s.n += r->published.items[i].publish->count;
	at = s.items = s.n ? malloc(s.n * nft_set_stride(&s)) : NULL;
	for (size_t i = 0; at && i < r->published.n; i++)
		if (concerns(set_kinds[id].which, &r->published.items[i], f))
			at = put_entries(at, &set_kinds[id], &r->published.items[i]);
	if (s.items)
		nft_set_sort(&s);
	return s;
}

void visit_publish_sets(struct visitor *v, const struct rules *r)
{
	for (int f = 0; r->published.n && f < IP_FAMILIES; f++)
		for (int id = 0; id < SET_COUNT; id++) {
			char name[SET_NAME_SIZE];
			struct nft_set s = set_of(r, (enum set_id)id, (enum ip_family)f, name);

			if (s.n)
				v->set(v, &s);
			free(s.items);
		}
}

/* ---- reading --------------------------------------------------------------------------------------- */

/* A half of an entry, read back. */
static const uint8_t *take_fields(const uint8_t *at, const enum field *fields, enum ip_family f, struct ip *address,
                                  bool *udp, uint16_t *port)
{
	for (; *fields != END; fields++) {
		if (*fields == ADDRESS) {
			*address = (struct ip){.set = true, .family = (uint8_t)f};
			memcpy(address->b, at, ip_bytes(f));
		} else if (*fields == PROTOCOL) {
			*udp = *at == IPPROTO_UDP;
		} else {
			memcpy(port, at, sizeof(*port));
			*port = ntohs(*port);
		}
		at += field_size(*fields, f);
	}
	return at;
}

static struct published_port take_entry(const struct nft_set *s, size_t i, enum set_id id, enum ip_family f)
{
	struct published_port p = {.host = {.set = true, .family = (uint8_t)f}};
	const uint8_t *at = s->items + i * nft_set_stride(s);

	at = take_fields(at, set_kinds[id].key, f, &p.host, &p.udp, &p.port);
	take_fields(at, set_kinds[id].data, f, &p.address, &p.udp, &p.to);
	return p;
}

static const struct nft_set *find_set(const struct nft_set *sets, size_t n, enum set_id id, enum ip_family f)
{
	char name[SET_NAME_SIZE];
	uint32_t type, key, data;

	set_name(name, id, f);
	shape(set_kinds[id].key, f, &type, &key);
	shape(set_kinds[id].data, f, &type, &data);
	for (size_t i = 0; i < n; i++)
		if (streq(sets[i].name, name) && sets[i].key_len == key && sets[i].data_len == data)
			return &sets[i];
	return NULL;
}

/* The entry of a set (sorted) that has this key, or NULL. */
static const uint8_t *find_entry(const struct nft_set *s, const uint8_t *key)
{
	size_t lo = 0, hi = s ? s->n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const uint8_t *at = s->items + mid * nft_set_stride(s);
		int c = memcmp(at, key, s->key_len);

		if (c == 0)
			return at;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* On loopback: what is not there because it is everywhere. */
static void read_loopback(struct arena *a, const struct nft_set *sets, size_t n, enum ip_family f, published_ports *out,
                          const char *lab)
{
	const struct nft_set *nodes = find_set(sets, n, LOOPBACK_NODE, f), *ports = find_set(sets, n, LOOPBACK_PORT, f),
			     *all = find_set(sets, n, ANYWHERE, f);

	for (size_t i = 0; nodes && i < nodes->n; i++) {
		struct published_port p = take_entry(nodes, i, LOOPBACK_NODE, f), to = {0};
		uint8_t key[2 * 16], proto = p.udp ? IPPROTO_UDP : IPPROTO_TCP;
		const uint8_t *entry;

		put_fields(key, set_kinds[ANYWHERE].key, &p.address, proto, p.port);
		if (find_entry(all, key))
			continue;
		put_fields(key, set_kinds[LOOPBACK_PORT].key, &p.address, proto, p.port);
		entry = find_entry(ports, key);
		if (!entry)
			continue;
		take_fields(entry + ports->key_len, set_kinds[LOOPBACK_PORT].data, f, &to.address, &to.udp, &p.to);
		p.host = loopback_of(f);
		p.lab = lab;
		*vec_push(a, out) = p;
	}
}

void publish_read(struct arena *a, const struct nft_set *sets, size_t n, const char *lab, published_ports *out)
{
	static const enum set_id wide[] = {ON_ADDRESS, ANYWHERE};

	for (int f = 0; f < IP_FAMILIES; f++) {
		read_loopback(a, sets, n, (enum ip_family)f, out, lab);
		for (size_t k = 0; k < sizeof(wide) / sizeof(wide[0]); k++) {
			const struct nft_set *s = find_set(sets, n, wide[k], (enum ip_family)f);

			for (size_t i = 0; s && i < s->n; i++) {
				struct published_port p = take_entry(s, i, wide[k], (enum ip_family)f);

				p.lab = lab;
				*vec_push(a, out) = p;
			}
		}
	}
}
