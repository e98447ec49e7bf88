// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CIngotSystem.h"

#include <errno.h>
#include <fcntl.h>

void ingot_begin_write_back(int descriptor, int64_t offset, int64_t count) {
#if defined(__linux__)
  // A hint: whoever flushes the file later hears of errors.
  (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
#else
  (void)descriptor, (void)offset, (void)count;
#endif
}

int ingot_reserve(int descriptor, int64_t count) {
#if defined(__linux__)
  if (count <= 0) return 0;
  int result;
  do {
    result = fallocate(descriptor, 0, 0, count);
  } while (result != 0 && errno == EINTR);
  // Only what writing would run into later is an error; a file system need not be able to set space aside.
  return result != 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) ? -1 : 0;
#else
  (void)descriptor, (void)count;
  return 0;
#endif
}
