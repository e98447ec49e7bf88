// SPDX-License-Identifier: Apache-2.0
#include "CIngotDigest.h"

#include <string.h>

void ingot_sha256_begin(ingot_sha256 *stream) {
  static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memset(stream, 0, sizeof *stream);
  memcpy(stream->state, initial, sizeof initial);
}

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("sha,ssse3,sse4.1"))), apply_to = function)

static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// Hashes `blocks` blocks of 64 bytes into each of `lanes` streams. `lanes` is a constant wherever this is called: the loops over
// it are unrolled, so that the lanes' instructions stand side by side. The instructions want the state as (f e b a) and (h g d c).
static inline __attribute__((always_inline)) void hash_blocks(int lanes, uint32_t *const state[], const uint8_t *const bytes[],
                                                              size_t blocks) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i feba[2], hgdc[2];
#pragma unroll
  for (int lane = 0; lane < lanes; lane++) {
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state[lane]), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state[lane] + 4)), 0x1b);
    feba[lane] = _mm_alignr_epi8(badc, efgh, 8);
    hgdc[lane] = _mm_blend_epi16(efgh, badc, 0xf0);
  }
  for (size_t block = 0; block < blocks; block++) {
    __m128i feba_before[2], hgdc_before[2], words[2][4];
#pragma unroll
    for (int lane = 0; lane < lanes; lane++) feba_before[lane] = feba[lane], hgdc_before[lane] = hgdc[lane];
    // Four rounds at a time, from four words of the message schedule.
#pragma unroll
    for (int i = 0; i < 16; i++) {
      const __m128i constants = _mm_load_si128((const __m128i *)(round_constants + 4 * i));
#pragma unroll
      for (int lane = 0; lane < lanes; lane++) {
        __m128i *w = words[lane];
        if (i < 4) {
          w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(bytes[lane] + 64 * block + 16 * i)), big_endian);
        } else {
          __m128i next = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);
          next = _mm_add_epi32(next, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
          w[i & 3] = _mm_sha256msg2_epu32(next, w[(i + 3) & 3]);
        }
        __m128i sum = _mm_add_epi32(w[i & 3], constants);
        hgdc[lane] = _mm_sha256rnds2_epu32(hgdc[lane], feba[lane], sum);
        feba[lane] = _mm_sha256rnds2_epu32(feba[lane], hgdc[lane], _mm_shuffle_epi32(sum, 0x0e));
      }
    }
#pragma unroll
    for (int lane = 0; lane < lanes; lane++) {
      feba[lane] = _mm_add_epi32(feba[lane], feba_before[lane]);
      hgdc[lane] = _mm_add_epi32(hgdc[lane], hgdc_before[lane]);
    }
  }
#pragma unroll
  for (int lane = 0; lane < lanes; lane++) {
    __m128i abef = _mm_shuffle_epi32(feba[lane], 0x1b), cdgh = _mm_shuffle_epi32(hgdc[lane], 0xb1);
    _mm_storeu_si128((__m128i *)state[lane], _mm_blend_epi16(abef, cdgh, 0xf0));
    _mm_storeu_si128((__m128i *)(state[lane] + 4), _mm_alignr_epi8(cdgh, abef, 8));
  }
}

static void one_stream(uint32_t *state, const uint8_t *bytes, size_t blocks) {
  hash_blocks(1, (uint32_t *const[]){state}, (const uint8_t *const[]){bytes}, blocks);
}

static void two_streams(uint32_t *a, const uint8_t *a_bytes, uint32_t *b, const uint8_t *b_bytes, size_t blocks) {
  hash_blocks(2, (uint32_t *const[]){a, b}, (const uint8_t *const[]){a_bytes, b_bytes}, blocks);
}

#pragma clang attribute pop

int ingot_sha256_available(void) {
  return __builtin_cpu_supports("sha") && __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1");
}

#else

static void one_stream(uint32_t *state, const uint8_t *bytes, size_t blocks) { (void)state, (void)bytes, (void)blocks; }
static void two_streams(uint32_t *a, const uint8_t *a_bytes, uint32_t *b, const uint8_t *b_bytes, size_t blocks) {
  (void)a, (void)a_bytes, (void)b, (void)b_bytes, (void)blocks;
}

int ingot_sha256_available(void) { return 0; }

#endif

// Takes as many bytes as complete the block in progress, or all if they do not; says how many.
static size_t complete_block(ingot_sha256 *stream, const uint8_t *bytes, size_t count) {
  size_t pending = stream->length % 64;
  if (pending == 0 || count == 0) return 0;
  size_t taken = 64 - pending < count ? 64 - pending : count;
  memcpy(stream->pending + pending, bytes, taken);
  stream->length += taken;
  if (stream->length % 64 == 0) one_stream(stream->state, stream->pending, 1);
  return taken;
}

void ingot_sha256_update(ingot_sha256 *stream, const void *bytes, size_t count) {
  const uint8_t *next = bytes;
  size_t taken = complete_block(stream, next, count);
  if (taken == count) return;
  next += taken;
  count -= taken;
  one_stream(stream->state, next, count / 64);
  memcpy(stream->pending, next + count / 64 * 64, count % 64);
  stream->length += count;
}

void ingot_sha256_update_two(ingot_sha256 *a, const void *a_bytes, size_t a_count, ingot_sha256 *b, const void *b_bytes,
                             size_t b_count) {
  size_t a_taken = complete_block(a, a_bytes, a_count), b_taken = complete_block(b, b_bytes, b_count);
  size_t a_blocks = (a_count - a_taken) / 64, b_blocks = (b_count - b_taken) / 64;
  size_t blocks = a_blocks < b_blocks ? a_blocks : b_blocks;
  if (blocks > 0) {
    two_streams(a->state, (const uint8_t *)a_bytes + a_taken, b->state, (const uint8_t *)b_bytes + b_taken, blocks);
    a->length += 64 * blocks, a_taken += 64 * blocks;
    b->length += 64 * blocks, b_taken += 64 * blocks;
  }
  if (a_taken < a_count) ingot_sha256_update(a, (const uint8_t *)a_bytes + a_taken, a_count - a_taken);
  if (b_taken < b_count) ingot_sha256_update(b, (const uint8_t *)b_bytes + b_taken, b_count - b_taken);
}

void ingot_sha256_end(ingot_sha256 *stream, uint8_t digest[32]) {
  uint64_t bits = stream->length * 8;
  size_t pending = stream->length % 64;
  uint8_t last[128] = {0};
  memcpy(last, stream->pending, pending);
  last[pending] = 0x80;
  size_t end = pending < 56 ? 64 : 128;
  for (int i = 0; i < 8; i++) last[end - 1 - i] = (uint8_t)(bits >> 8 * i);
  one_stream(stream->state, last, end / 64);
  for (int i = 0; i < 32; i++) digest[i] = (uint8_t)(stream->state[i / 4] >> (24 - i % 4 * 8));
}
