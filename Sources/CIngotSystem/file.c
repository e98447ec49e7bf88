// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CIngotSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void ingot_begin_write_back(int descriptor) {
#if defined(__linux__)
  // A hint: whoever flushes the file later hears of errors.
  (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
  (void)descriptor;
#endif
}

int ingot_reserve(int descriptor, int64_t count) {
  int result = 0;
#if defined(__linux__)
  if (count > 0) {
    do {
      result = fallocate(descriptor, 0, 0, count);
    } while (result != 0 && errno == EINTR);
    // A file system need not be able to set space aside; what writing would run into is an error.
    if (result != 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) return -1;
  }
#endif
  do {
    result = ftruncate(descriptor, count);
  } while (result != 0 && errno == EINTR);
  return result;
}
