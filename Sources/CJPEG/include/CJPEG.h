// SPDX-License-Identifier: Apache-2.0
//
// libjpeg-turbo behind three calls: errors come back as values, never as jumps, and damage that the library would paper over is an error.
#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

/// How a call ended.
enum cjpeg_status {
  CJPEG_OK = 0,
  /// The stream ends before the image does.
  CJPEG_TRUNCATED = 1,
  /// The library refuses the stream, or warns that image data is damaged; `message` has its words.
  CJPEG_CORRUPT = 2,
  /// The library has no memory left.
  CJPEG_MEMORY = 3,
  /// A kind of JPEG that the library does not decode.
  CJPEG_UNSUPPORTED = 4,
  /// More scans than an image needs.
  CJPEG_LIMIT = 5,
};

/// A decoder at work on one stream.
typedef struct cjpeg_decoder cjpeg_decoder;

/// What the stream's header says.
struct cjpeg_header {
  uint32_t width;
  uint32_t height;
  /// 1 (grey), 3 (decoded to RGB) or 4 (decoded to CMYK as stored).
  int32_t components;
  /// The least bytes of entropy-coded data that this many blocks can take; 0 when there is no such bound.
  uint64_t least_bytes;
};

/// Reads up to the first scan. `bytes` must stay valid until `cjpeg_close`.
///
/// - Parameters:
///   - decoder: set to the decoder, or to NULL when there is no memory for it; to be given to `cjpeg_close` in any case.
/// - Returns: one of `cjpeg_status`.
int32_t cjpeg_open(const uint8_t *bytes, size_t count, cjpeg_decoder **decoder, struct cjpeg_header *header);

/// Decodes all rows and reads to the end marker. `pixels` has room for `row_bytes * height` bytes.
///
/// - Returns: one of `cjpeg_status`.
int32_t cjpeg_read(cjpeg_decoder *decoder, uint8_t *pixels, size_t row_bytes, size_t height);

/// The library's words for the last failure, NUL-terminated; valid until `cjpeg_close`.
const char *cjpeg_message(const cjpeg_decoder *decoder);

/// Bytes of the stream read so far: the place of an error.
size_t cjpeg_offset(const cjpeg_decoder *decoder);

/// Frees everything; takes NULL.
void cjpeg_close(cjpeg_decoder *decoder);

#endif
