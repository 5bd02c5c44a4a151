/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What further bridges of a network are called. See leaf.h. */
#include "leaf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_MAX = 1 << 24 };

/* In the fabric nothing has this first byte but what somebody chose; so 40 bits of a hash are enough. */
static struct mac hashed_mac(const struct model *m, const char *text)
{
	uint64_t h = model_hash(m, HASH_LEAF_MAC, text, NULL, 0);
	struct mac mac = {{0x0a}};

	for (unsigned i = 1; i < MAC_LEN; i++)
		mac.b[i] = (uint8_t)(h >> (64 - 8 * i));
	return mac;
}

static struct leaf_device device(struct arena *a, const struct model *m, const char *text)
{
	struct leaf_device d = {.name = text, .mac = hashed_mac(m, text)};

	if (strlen(text) <= DEVICE_NAME_MAX)
		return d;
	d.altname = text; /* a network's name has 63 characters at most: ALTNAME_MAX is not reached */
	d.name = arena_printf(a, "nl-%012" PRIx64,
	                      model_hash(m, HASH_LEAF_NAME, text, NULL, 0) & ((UINT64_C(1) << 48) - 1));
	return d;
}

void leaf_of(struct arena *a, const struct model *m, const struct network *net, uint32_t number, struct leaf *out)
{
	*out = (struct leaf){
		.bridge = device(a, m, arena_printf(a, "%s+%u", net->name, number)),
		.up = device(a, m, arena_printf(a, "%s+%u.up", net->name, number)),
		.down = device(a, m, arena_printf(a, "%s+%u.down", net->name, number)),
	};
}

bool leaf_parse(const struct model *m, const char *name, const struct network **net, uint32_t *number)
{
	const char *plus = strchr(name, '+'), *c = plus ? plus + 1 : "";
	char network[NAME_MAX_LEN + 1];
	const struct network *found;
	uint32_t n = 0;

	if (!plus || plus - name > NAME_MAX_LEN || *c < '1' || *c > '9')
		return false;
	for (; *c >= '0' && *c <= '9' && n < NUMBER_MAX; c++)
		n = 10 * n + (uint32_t)(*c - '0');
	if (*c && strcmp(c, ".up") != 0 && strcmp(c, ".down") != 0)
		return false;
	snprintf(network, sizeof(network), "%.*s", (int)(plus - name), name);
	found = map_gets(m->network_index, network);
	if (net)
		*net = found;
	if (number)
		*number = n;
	return found != NULL;
}
