// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CIngotSystem.h"

#include <fcntl.h>

void ingot_begin_write_back(int descriptor, int64_t offset, int64_t count) {
#if defined(__linux__)
  // A hint: whoever flushes the file later hears of errors.
  (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
#else
  (void)descriptor, (void)offset, (void)count;
#endif
}
