/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that answers with the fuzzer's bytes. sendto(), recv() and socket()
 * are replaced at link time (ld --wrap): what is sent is thrown away, what is
 * received are portions of the input, each behind two bytes of length (little endian).
 * A message without sequence number gets that of the last request. When the
 * input is over, dumps end and there is nothing more to drain.
 */
#ifndef TESTS_FUZZ_REPLIES_H
#define TESTS_FUZZ_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `walls`: a sanitizer is to see reads beyond what was received. Not where libnftnl reads, which trusts the kernel to end its
 * strings. */
void replies_begin(const uint8_t *data, size_t len, bool walls);

#endif
