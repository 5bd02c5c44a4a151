/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every fuzzer includes first. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Reads the bytes, whatever they are, and returns 0. Faults show as crashes, reports of a sanitizer, or endless time. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
