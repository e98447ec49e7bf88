// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 (FIPS 180-4) by the processor's instructions for it. One stream waits most of the time for the instruction before, so
// two streams side by side take hardly longer than one.
#ifndef CINGOTDIGEST_H
#define CINGOTDIGEST_H

#include <stddef.h>
#include <stdint.h>

// A stream of bytes being hashed.
typedef struct {
  uint32_t state[8];
  uint64_t length;      // bytes so far
  uint8_t pending[64];  // the first length % 64 bytes of the block in progress
} ingot_sha256;

// Whether the running CPU has the instructions; nothing below may be called where it has not.
int ingot_sha256_available(void);

// An empty stream.
void ingot_sha256_begin(ingot_sha256 *stream);

// Adds bytes.
void ingot_sha256_update(ingot_sha256 *stream, const void *bytes, size_t count);

// Adds bytes to two different streams: the result of two calls of the above, in less time.
void ingot_sha256_update_two(ingot_sha256 *a, const void *a_bytes, size_t a_count, ingot_sha256 *b, const void *b_bytes,
                             size_t b_count);

// Ends a stream and writes its digest.
void ingot_sha256_end(ingot_sha256 *stream, uint8_t digest[32]);

#endif
