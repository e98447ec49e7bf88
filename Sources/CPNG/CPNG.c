// SPDX-License-Identifier: Apache-2.0

#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct context {
  const uint8_t *bytes;
  size_t count;
  struct cpng_result *result;
  int32_t status;
  jmp_buf jump;
};

static void keep_message(struct context *context, const char *message) {
  size_t room = sizeof(context->result->message) - 1;
  strncpy(context->result->message, message ? message : "", room);
  context->result->message[room] = 0;
}

static void on_error(png_structp png, png_const_charp message) {
  struct context *context = png_get_error_ptr(png);
  keep_message(context, message);
  if (context->status == CPNG_OK) context->status = CPNG_CORRUPT;
  longjmp(context->jump, 1);
}

// Warnings concern what does not change pixels (odd chunks); what does is an error in libpng or found by the caller.
static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static png_voidp allocate(png_structp png, png_alloc_size_t size) {
  struct context *context = png_get_mem_ptr(png);
  void *memory = malloc(size);
  if (!memory) context->status = CPNG_MEMORY;
  return memory;
}

static void release(png_structp png, png_voidp memory) {
  (void)png;
  free(memory);
}

static void read_bytes(png_structp png, png_bytep target, size_t size) {
  struct context *context = png_get_io_ptr(png);
  size_t left = context->count - context->result->offset;
  if (size > left) {
    context->status = CPNG_TRUNCATED;
    png_error(png, "the stream ends");
  }
  memcpy(target, context->bytes + context->result->offset, size);
  context->result->offset += size;
}

// None of these changes a pixel; their contents are skipped, their checksums are not.
static const png_byte ignored[] =
    "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0tRNS\0zTXt";

int32_t cpng_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t row_bytes, size_t height,
                    int keeps_16, struct cpng_result *result) {
  memset(result, 0, sizeof *result);
  struct context context = {.bytes = bytes, .count = count, .result = result, .status = CPNG_OK};
  // Volatile: changed between setjmp and longjmp.
  png_structp volatile png = NULL;
  png_infop volatile info = NULL;
  if (setjmp(context.jump)) {
    png_structp failed = png;
    png_infop failed_info = info;
    if (failed) png_destroy_read_struct(&failed, failed_info ? &failed_info : NULL, NULL);
    return context.status;
  }
  png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &context, on_error, on_warning, &context, allocate, release);
  if (!png) return CPNG_MEMORY;
  info = png_create_info_struct(png);
  if (!info) png_error(png, "no memory");
  png_set_read_fn(png, &context, read_bytes);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, ignored, (int)(sizeof(ignored) / 5));
  png_read_info(png, info);
  if (png_get_image_height(png, info) != height) {
    context.status = CPNG_MISMATCH;
    png_error(png, "another height");
  }
  if (keeps_16) png_set_swap(png);
  else png_set_strip_16(png);
  if (png_get_bit_depth(png, info) < 8) {
    int scaled = png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, info) > 1;
    if (scaled) png_set_expand_gray_1_2_4_to_8(png);
    else png_set_packing(png);
  }
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != row_bytes) {
    context.status = CPNG_MISMATCH;
    png_error(png, "another row size");
  }
  for (int pass = 0; pass < passes; pass++)
    for (size_t row = 0; row < height; row++) png_read_row(png, pixels + row * row_bytes, NULL);
  png_read_end(png, NULL);
  png_colorp palette = NULL;
  int entries = 0;
  if (png_get_PLTE(png, info, &palette, &entries) && entries >= 0 && entries <= 256) {
    for (int entry = 0; entry < entries; entry++) {
      result->palette[3 * entry] = palette[entry].red;
      result->palette[3 * entry + 1] = palette[entry].green;
      result->palette[3 * entry + 2] = palette[entry].blue;
    }
    result->palette_count = entries;
  }
  png_structp done = png;
  png_infop done_info = info;
  png_destroy_read_struct(&done, &done_info, NULL);
  return CPNG_OK;
}
