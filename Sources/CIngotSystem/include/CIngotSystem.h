// SPDX-License-Identifier: Apache-2.0
//
// Calls of the C library that its headers show to GNU sources only.
#ifndef INGOT_SYSTEM_H
#define INGOT_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

// Lets the allocator keep up to `limit` bytes of freed memory instead of giving its pages back.
void ingot_keep_freed_memory(size_t limit);

// Asks the kernel to begin writing bytes of a file to the device, without waiting; nothing happens where that cannot be asked.
void ingot_begin_write_back(int descriptor, int64_t offset, int64_t count);

// Sets space aside for the first `count` bytes of a file, which then has that size. 0, or -1 with errno when there is not so much space;
// 0 also where this cannot be asked.
int ingot_reserve(int descriptor, int64_t count);

#endif
