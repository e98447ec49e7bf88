// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_POOL_H
#define INGOT_POOL_H

#include "common.h"

// Computes one item on one thread. *scratch is that thread's memory, aligned to 64 bytes; it keeps what the thread's last item left there.
typedef void (*ingot_body)(void *context, size_t item, size_t thread, void **scratch);

// Runs items 0 ..< items on all threads of the pool; returns when all are done. Callers take turns.
void ingot_pool_run(ingot_pool *pool, size_t items, size_t scratch_bytes, ingot_body body, void *context);

#endif
