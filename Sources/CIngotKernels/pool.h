// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_POOL_H
#define INGOT_POOL_H

#include "common.h"

// Computes one item on one thread. *scratch is that thread's memory, aligned to 64 bytes; it keeps what the thread's last item left there.
typedef void (*ingot_body)(void *context, size_t item, size_t thread, void **scratch);

// Runs items 0 ..< items on all threads of the pool; returns when all are done. Items are begun in order. Callers take turns.
void ingot_pool_run(ingot_pool *pool, size_t items, size_t scratch_bytes, ingot_body body, void *context);

// The same with memory that all threads share, aligned to 64 bytes, put into *shared before the first item begins.
void ingot_pool_run_sharing(ingot_pool *pool, size_t items, size_t scratch_bytes, size_t shared_bytes, void **shared,
                            ingot_body body, void *context);

// Lets time pass, in a loop that waits for another thread.
void ingot_pool_relax(unsigned round);

#endif
