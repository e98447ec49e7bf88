// SPDX-License-Identifier: Apache-2.0
//
// Counts the allocations of each thread: the linker takes these `malloc` and friends before the C library's.
#ifndef CALLOCATIONCOUNT_H
#define CALLOCATIONCOUNT_H

#include <stdint.h>

// How often this thread asked for memory so far.
uint64_t ingot_allocation_count(void);

#endif
