// SPDX-License-Identifier: Apache-2.0
//
// The limits of one core: multiply-adds in registers alone, float32, int16 and int8, in GMAC/s; and copying, in GB/s.
// `peak avx2` leaves AVX-512 and VNNI out.
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHAINS = 12, ROUNDS = 20000000, TRIES = 5 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

#define PEAK(name, features, vector, step, lanes)                                                           \
  __attribute__((target(features))) static double name(void) {                                              \
    vector a[CHAINS], x = {0}, y = {0};                                                                     \
    for (int i = 0; i < CHAINS; i++) a[i] = (vector){0};                                                    \
    __asm__ volatile("" : "+v"(x), "+v"(y));                                                                \
    double best = 1e9;                                                                                      \
    for (int t = 0; t < TRIES; t++) {                                                                       \
      double start = now();                                                                                 \
      for (long i = 0; i < ROUNDS; i++) {                                                                   \
        _Pragma("GCC unroll 12") for (int j = 0; j < CHAINS; j++) a[j] = step;                              \
        __asm__ volatile("" : "+v"(a[0]), "+v"(a[1]), "+v"(a[2]), "+v"(a[3]), "+v"(a[4]), "+v"(a[5]),       \
                         "+v"(a[6]), "+v"(a[7]), "+v"(a[8]), "+v"(a[9]), "+v"(a[10]), "+v"(a[11]));         \
      }                                                                                                     \
      double seconds = now() - start;                                                                       \
      if (seconds < best) best = seconds;                                                                   \
    }                                                                                                       \
    return (double)ROUNDS * CHAINS * lanes / best / 1e9;                                                    \
  }

// The same vector as one that the compiler does not know, so that no product of it is computed once for all rounds.
#define AGAIN ({ __asm__ volatile("" : "+v"(x)); x; })

PEAK(fma256, "avx2,fma", __m256, _mm256_fmadd_ps(a[j], x, y), 8)
PEAK(fma512, "avx512f", __m512, _mm512_fmadd_ps(a[j], x, y), 16)
PEAK(madd256, "avx2", __m256i, _mm256_add_epi32(a[j], _mm256_madd_epi16(AGAIN, y)), 16)
PEAK(bytes256, "avx2", __m256i, _mm256_add_epi32(a[j], _mm256_madd_epi16(_mm256_maddubs_epi16(AGAIN, y), y)), 32)
PEAK(dot512, "avx512f,avx512vnni", __m512i, _mm512_dpwssd_epi32(a[j], x, y), 32)
PEAK(bytes512, "avx512f,avx512vnni", __m512i, _mm512_dpbusd_epi32(a[j], x, y), 64)

static double copying(void) {
  size_t bytes = 256 << 20;
  char *a = malloc(bytes), *b = malloc(bytes);
  memset(a, 1, bytes);
  memset(b, 2, bytes);
  double best = 1e9;
  for (int t = 0; t < TRIES; t++) {
    double start = now();
    memcpy(b, a, bytes);
    __asm__ volatile("" ::"r"(b) : "memory");
    double seconds = now() - start;
    if (seconds < best) best = seconds;
  }
  return bytes / best / 1e9;
}

int main(int count, char **arguments) {
  int narrow = count > 1 && strcmp(arguments[1], "avx2") == 0;  // what a processor without AVX-512 has
  int vnni = !narrow && __builtin_cpu_supports("avx512vnni");
  double wide = !narrow && __builtin_cpu_supports("avx512f") ? fma512() : 0, usual = fma256();
  printf("{\"float32\": %.1f, \"int16\": %.1f, \"int8\": %.1f, \"memcpy\": %.1f}\n", wide > usual ? wide : usual,
         vnni ? dot512() : madd256(), vnni ? bytes512() : bytes256(), copying());
  return 0;
}
