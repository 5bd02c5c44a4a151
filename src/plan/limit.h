/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of the whole machine that a large lab comes up against: what it needs of
 * them is computed from the lab beforehand, raised where the file says `limits: raise`, and
 * else told. Only the machine's first namespaces can set them.
 *
 * Of most of them there is one store for all labs: what they need adds up, on
 * top of what the kernel gives by default, which is left to the rest of the machine. Of
 * others each lab needs so much for itself, and the largest need counts. The first
 * lab that raises one notes what it was, and each what it needs of it (src/kernel/limit_notes.h);
 * the last to go puts it back.
 */
#ifndef PLAN_LIMIT_H
#define PLAN_LIMIT_H

#include "state.h"

/* Its path below /proc/sys. */
const char *limit_path(enum limit l);
/* What two labs need, together. */
uint64_t limit_together(enum limit l, uint64_t one, uint64_t other);
/* What it is to be where labs together need so much. */
uint64_t limit_target(enum limit l, uint64_t needed);

/* Fills s->limits_needed from its demand. ample: what a lab may need without being counted; 0: the default. */
void limits_lower(struct state *s, uint64_t ample);

/* Several limits belong together, and one leads them: that of which people are told. */
bool limit_leads(enum limit l);
/* What there may be so many of: "IPv4 neighbours where all nodes talk to all". Of those that lead. */
const char *limit_subject(enum limit l);
/* The least number of them that the lab may want at once. */
uint64_t limit_least(enum limit l, const struct demand *d);
/* "sysctl -w PATH=NUMBER …" for all that go with it and are too low. */
void limit_mend(enum limit l, const uint64_t needed[LIMIT_COUNT], const struct limit_found found[LIMIT_COUNT],
                char *buf, size_t size);

#endif
