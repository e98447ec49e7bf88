// SPDX-License-Identifier: Apache-2.0
//
// libpng behind one call: errors come back as values, never as jumps.
#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

/// How a call ended.
enum cpng_status {
  CPNG_OK = 0,
  /// The stream ends before the image does.
  CPNG_TRUNCATED = 1,
  /// The library refuses the stream; `message` has its words.
  CPNG_CORRUPT = 2,
  /// The library has no memory left.
  CPNG_MEMORY = 3,
  /// The stream does not have the size of rows that the caller computed.
  CPNG_MISMATCH = 4,
};

/// What a call leaves beside the pixels.
struct cpng_result {
  /// Bytes of the stream read so far: the place of an error.
  size_t offset;
  /// Entries in `palette`, 0 when the image has none.
  int32_t palette_count;
  /// Red, green, blue of each entry.
  uint8_t palette[768];
  /// The library's words, NUL-terminated.
  char message[200];
};

/// Decodes a PNG stream: 8 bits per sample, grey of 2 and 4 bits scaled to 8, grey of 1 bit and palette indices as they are, of samples of
/// 16 bits the high byte, or both with the lower first; no gamma, no colour management, no transparency from tRNS.
///
/// - Parameters:
///   - bytes, count: the stream, signature included.
///   - pixels: room for `row_bytes * height` bytes.
///   - row_bytes, height: what the stream's header must come to.
///   - keeps_16: whether samples of 16 bits keep both bytes.
///   - result: always written.
/// - Returns: one of `cpng_status`.
int32_t cpng_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t row_bytes, size_t height,
                    int keeps_16, struct cpng_result *result);

#endif
