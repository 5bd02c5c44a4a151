/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts about users: subordinate ids, and the command line of the program that is the way out. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "ids.h"
#include "way_out.h"

static void read_ids(const char *text)
{
	struct id_range ranges[8];
	size_t n = ids_parse(text, "ann", 1000, ranges, 8);
	unsigned long long sum = 1;

	if (n > 8)
		abort();
	for (size_t i = 0; i < n; i++) {
		sum += ranges[i].count;
		if (!ranges[i].count || (unsigned long long)ranges[i].first + ranges[i].count > UINT32_MAX)
			abort();
	}
	if (sum > UINT32_MAX)
		abort();
}

static void read_ports(const char *words, size_t len)
{
	struct port_range *ports;
	long n = way_out_parse(words, len, &ports);

	for (long i = 0; i < n; i++)
		if (ports[i].first > ports[i].last || !ports[i].host.set ||
		    (i && port_range_cmp(&ports[i - 1], &ports[i]) >= 0))
			abort();
	free(ports);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = len ? malloc(len) : NULL;

	if (!text)
		return 0;
	memcpy(text, data + 1, len - 1);
	text[len - 1] = '\0';
	if (data[0] % 2)
		read_ids(text);
	else
		read_ports(text, len - 1);
	free(text);
	return 0;
}
