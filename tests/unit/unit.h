/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test includes first: cmocka with what it needs, and memory that can run out. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * The n-th malloc(), calloc() or realloc() of the program from now on (1: the
 * next one) and all behind it fail. 0: none does. The C library's own calls
 * are not counted. Set it to 0 before asserting anything.
 */
void memory_fail_after(unsigned long n);

#endif
