/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Specs for tests, without a reader of files. One line an object; words after
 * the name in any order; what is in the n-th line has position n.
 *
 *   lab NAME [norouting]
 *   network NAME [SUBNET…] [gw | gw=ADDRESS… | nogw] [nat] [mtu=N] [device=NAME]
 *   node NAME [router] [norouting] [PORT…] [route=TO,VIA…] [sysctl=KEY,VALUE…]
 *       PORT: NETWORK[@ADDRESS…][%INTERFACE][!MAC][^BRIDGE-SIDE][~MTU]
 *   link END END [SUBNET…] [ll] [mtu=N]
 *       END: NODE[@ADDRESS…][%INTERFACE][!MAC]
 *
 * Lines that begin with '#' and empty ones count, and say nothing.
 */
#ifndef TESTS_LAB_SPEC_H
#define TESTS_LAB_SPEC_H

#include "spec.h"

/* The caller frees its arena (or the model that took it over). Aborts where the lines are wrong. */
struct spec *lab_spec(const char *lines);

#endif
