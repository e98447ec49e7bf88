// SPDX-License-Identifier: Apache-2.0
#include "CIngotSystem.h"

#if defined(__GLIBC__)
#include <malloc.h>
void ingot_keep_freed_memory(size_t limit) {
  mallopt(M_MMAP_THRESHOLD, (int)limit);
  mallopt(M_TRIM_THRESHOLD, (int)limit);
}
#else
void ingot_keep_freed_memory(size_t limit) { (void)limit; }
#endif
