/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may stand in a topology, as data: for each kind of map (the lab itself,
 * a network, a node, a port, a route, a published port, a link) a table of its keys, each with
 * the function that reads its value and the place in the spec where that goes.
 * One loop, read_keys(), reads every map. The tables are in lab.c; a new key is
 * one row (and one entry of the JSON Schema, which a test compares with them).
 *
 * Internal to src/topology.
 */
#ifndef TOPOLOGY_KEYS_H
#define TOPOLOGY_KEYS_H

#include "map.h"
#include "spec.h"
#include "value.h"

/* What is read into, and what has gone wrong on the way. */
struct reader {
	struct spec *spec;
	struct arena *arena;
	struct faults *faults;
	size_t gaps;              /* addresses, and things that have some, that could not be read */
	size_t lost;              /* names that could not be read: what refers to them cannot be checked */
	struct map *bad_networks; /* name → anything: networks with a gap */
};

/* Room in an empty vector for all that will come: a vector's own first step is too large for many small ones. */
#define reserve(a, v, count)  \
	((v)->items ? (void)0 \
	            : (void)((v)->items = arena_calloc((a), (count), sizeof(*(v)->items)), (v)->cap = (count)))

struct key;

/* Reads v into *field (the object at the key's offset). A faulty value is complained about and left unset. */
typedef void read_fn(struct reader *r, const struct key *k, const struct value *v, void *field);

enum address_form {
	ADDRESS_EITHER, /* 10.0.0.1 or 10.0.0.1/24 */
	ADDRESS_BARE,   /* 10.0.0.1 */
	ADDRESS_LEN,    /* 10.0.0.1/24 */
	ADDRESS_SUBNET, /* 10.0.0.0/24 */
	ADDRESS_FORM_COUNT
};

struct word {
	const char *word; /* NULL ends a list */
	bool value;
};

struct key {
	const char *name;
	read_fn *read;
	size_t offset;
	const char *expects; /* for complaints: `"mtu" takes EXPECTS, not …` */
	enum address_form form;
	uint32_t min, max;
	const struct word *words;
	const char *same_as; /* another key of the table that says the same: only one may stand */
};

struct keyset {
	const char *name; /* as in the JSON Schema */
	const char *what; /* for complaints: "a network" */
	const struct key *keys;
	size_t n;
};

extern const struct keyset lab_keyset, network_keyset, node_keyset, port_keyset, route_keyset, publish_keyset,
	link_keyset;
/* All of them, ended by NULL. */
extern const struct keyset *const topology_keysets[];

/* Reads every key of a map into obj. Unknown keys are faults; one that is nearly a known one is read as that. Returns the
 * number of keys that stay unknown. */
size_t read_keys(struct reader *r, const struct keyset *set, const struct value *map, void *obj);

/* The row of a key, or NULL. */
const struct key *find_key(const struct keyset *set, const char *name);
/* The key of that name in a map (its ->value is what stands there), or NULL. */
const struct value *map_key(const struct value *map, const char *name);
/* A key, or a scalar, as text with its place. */
struct spec_text key_text(const struct reader *r, const struct value *key);

/* Whether v is a map; null is an empty one and no fault, anything else is one. The first is for maps from names to things (a
 * fault of which loses names), the second for the keys of the thing called `name`. */
bool is_name_map(struct reader *r, const struct key *k, const struct value *v);
bool is_key_map(struct reader *r, const struct keyset *set, const char *name, const struct value *v);

/* The whole lab: fills r->spec, and takes out of it what would only lead to complaints that follow from others. */
void read_lab(struct reader *r, const struct value *root);

/* Complaints. fault_type(): `"KEY" takes EXPECTS, not WHAT-WAS-FOUND`, for a faulty value nothing. */
void fault_type(struct reader *r, const struct key *k, const struct value *v);
/* `an item of "KEY" is EXPECTS, not WHAT-WAS-FOUND`. */
void fault_item(struct reader *r, const struct key *k, const char *expects, const struct value *v);
void fault_value(struct reader *r, const struct value *v, const char *fmt, ...) PRINTF(3, 4);
static inline struct nsl_pos reader_pos(const struct reader *r, const struct value *v)
{
	return value_pos(&r->spec->source, v);
}

/* The readers of single values; the type of *field in brackets. */
read_fn read_text;      /* struct spec_text */
read_fn read_bool;      /* struct spec_bool */
read_fn read_uint;      /* struct spec_uint */
read_fn read_mac;       /* struct spec_mac */
read_fn read_choice;    /* struct spec_bool, by key.words */
read_fn read_address;   /* struct spec_address, by key.form */
read_fn read_addresses; /* spec_addresses: one or a list */

/* The readers of larger things; the object in brackets. */
read_fn read_ports, read_routes, read_sysctls;                                /* struct spec_node */
read_fn read_publish;                                                         /* struct spec_node */
read_fn read_port_range;                                                      /* struct spec_ports */
read_fn read_destination;                                                     /* struct spec_route: `to` */
read_fn read_links;                                                           /* struct spec */
read_fn read_endpoints, read_link_addresses, read_link_macs, read_link_local; /* struct spec_link */

/* The plain words for true and false of YAML 1.2. */
bool value_is_bool(const struct value *v, bool *out);

#endif
