// SPDX-License-Identifier: Apache-2.0
//
// A few threads that wait for work: first spinning, as work follows work within a model, then asleep. Items are taken in order by
// whichever thread is free; what an item computes does not depend on who takes it.
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SPINS = 4000, ALIGNMENT = 64 };

typedef struct {
  void *memory;
  size_t bytes;
} buffer;

struct ingot_pool {
  size_t threads;  // the caller's included
  pthread_t *helpers;
  buffer *scratch;      // one for each thread
  buffer shared;
  pthread_mutex_t use;  // held while the pool works for a caller
  pthread_mutex_t lock;
  pthread_cond_t wake, done;
  int sleepers, caller_sleeps;  // under `lock`
  atomic_size_t round;          // counts pieces of work; its change wakes helpers
  atomic_size_t next, busy;
  atomic_int stopping;
  size_t items;
  ingot_body body;
  void *context;
};

typedef struct {
  ingot_pool *pool;
  size_t thread;
} helper;

INLINE void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

void ingot_pool_relax(unsigned round) {
  if (round < SPINS) relax();
  else sched_yield();
}

static void take_items(ingot_pool *pool, size_t thread) {
  for (;;) {
    size_t item = atomic_fetch_add(&pool->next, 1);
    if (item >= pool->items) return;
    pool->body(pool->context, item, thread, &pool->scratch[thread].memory);
  }
}

static size_t wait_for_round(ingot_pool *pool, size_t seen) {
  for (int i = 0; i < SPINS; i++) {
    size_t round = atomic_load(&pool->round);
    if (round != seen) return round;
    relax();
  }
  pthread_mutex_lock(&pool->lock);
  pool->sleepers++;
  while (atomic_load(&pool->round) == seen) pthread_cond_wait(&pool->wake, &pool->lock);
  pool->sleepers--;
  pthread_mutex_unlock(&pool->lock);
  return atomic_load(&pool->round);
}

static void *help(void *argument) {
  helper me = *(helper *)argument;
  free(argument);
  size_t seen = 0;
  for (;;) {
    seen = wait_for_round(me.pool, seen);
    if (atomic_load(&me.pool->stopping)) return 0;
    take_items(me.pool, me.thread);
    if (atomic_fetch_sub(&me.pool->busy, 1) == 1) {
      pthread_mutex_lock(&me.pool->lock);
      if (me.pool->caller_sleeps) pthread_cond_signal(&me.pool->done);
      pthread_mutex_unlock(&me.pool->lock);
    }
  }
}

static void announce(ingot_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  atomic_fetch_add(&pool->round, 1);
  if (pool->sleepers > 0) pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->lock);
}

ingot_pool *ingot_pool_create(size_t threads) {
  ingot_pool *pool = calloc(1, sizeof *pool);
  if (!pool) abort();
  pool->scratch = calloc(threads, sizeof *pool->scratch);
  pool->helpers = calloc(threads, sizeof *pool->helpers);
  if (!pool->scratch || !pool->helpers) abort();
  pthread_mutex_init(&pool->use, 0);
  pthread_mutex_init(&pool->lock, 0);
  pthread_cond_init(&pool->wake, 0);
  pthread_cond_init(&pool->done, 0);
  pool->threads = 1;
  // Fewer threads than asked for, where the system gives no more, change nothing but the speed.
  for (size_t i = 1; i < threads; i++) {
    helper *argument = malloc(sizeof *argument);
    if (!argument) break;
    *argument = (helper){pool, i};
    if (pthread_create(&pool->helpers[i], 0, help, argument) != 0) {
      free(argument);
      break;
    }
    pool->threads = i + 1;
  }
  return pool;
}

void ingot_pool_destroy(ingot_pool *pool) {
  atomic_store(&pool->stopping, 1);
  announce(pool);
  for (size_t i = 1; i < pool->threads; i++) pthread_join(pool->helpers[i], 0);
  for (size_t i = 0; i < pool->threads; i++) free(pool->scratch[i].memory);
  free(pool->shared.memory);
  pthread_cond_destroy(&pool->done);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->lock);
  pthread_mutex_destroy(&pool->use);
  free(pool->helpers);
  free(pool->scratch);
  free(pool);
}

size_t ingot_pool_threads(const ingot_pool *pool) { return pool->threads; }

static void reserve(buffer *b, size_t bytes) {
  if (b->bytes >= bytes) return;
  free(b->memory);
  b->bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  b->memory = aligned_alloc(ALIGNMENT, b->bytes);
  if (!b->memory) abort();
}

void ingot_pool_run(ingot_pool *pool, size_t items, size_t scratch_bytes, ingot_body body, void *context) {
  ingot_pool_run_sharing(pool, items, scratch_bytes, 0, 0, body, context);
}

void ingot_pool_run_sharing(ingot_pool *pool, size_t items, size_t scratch_bytes, size_t shared_bytes, void **shared,
                            ingot_body body, void *context) {
  if (items == 0) return;
  pthread_mutex_lock(&pool->use);
  if (shared) {
    reserve(&pool->shared, shared_bytes);
    *shared = pool->shared.memory;
  }
  size_t threads = items > 1 ? pool->threads : 1;
  for (size_t i = 0; i < threads; i++) reserve(&pool->scratch[i], scratch_bytes);
  pool->items = items;
  pool->body = body;
  pool->context = context;
  atomic_store(&pool->next, 0);
  if (threads > 1) {
    atomic_store(&pool->busy, pool->threads - 1);
    announce(pool);
  }
  take_items(pool, 0);
  if (threads > 1) {
    for (int i = 0; i < SPINS && atomic_load(&pool->busy) > 0; i++) relax();
    if (atomic_load(&pool->busy) > 0) {
      pthread_mutex_lock(&pool->lock);
      pool->caller_sleeps = 1;
      while (atomic_load(&pool->busy) > 0) pthread_cond_wait(&pool->done, &pool->lock);
      pool->caller_sleeps = 0;
      pthread_mutex_unlock(&pool->lock);
    }
  }
  pthread_mutex_unlock(&pool->use);
}
