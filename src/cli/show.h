/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <nsloom/nsloom.h>

#include "json.h"

/* The document of `show --json`. */
json_t *lab_json(const struct nsloom_lab *lab);

#endif
