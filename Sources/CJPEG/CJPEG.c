// SPDX-License-Identifier: Apache-2.0

#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

/// A progressive JPEG of useful size has about ten scans; each scan costs a pass over the whole image.
enum { most_scans = 500 };

struct cjpeg_decoder {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  size_t count;
  int32_t status;
  int created;
  char message[JMSG_LENGTH_MAX];
  jmp_buf jump;
};

static void fail(j_common_ptr info, int32_t status) {
  struct cjpeg_decoder *decoder = info->client_data;
  decoder->status = status;
  longjmp(decoder->jump, 1);
}

static void on_error(j_common_ptr info) {
  struct cjpeg_decoder *decoder = info->client_data;
  info->err->format_message(info, decoder->message);
  switch (info->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
      fail(info, CJPEG_MEMORY);
      break;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
      fail(info, CJPEG_UNSUPPORTED);
      break;
    default:
      fail(info, CJPEG_CORRUPT);
  }
}

// The library goes on after a warning with grey or repeated blocks. Only warnings that leave the pixels alone pass.
static void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
      info->err->num_warnings++;
      return;
    default: {
      struct cjpeg_decoder *decoder = info->client_data;
      info->err->format_message(info, decoder->message);
      fail(info, CJPEG_CORRUPT);
    }
  }
}

static void print_nothing(j_common_ptr info) { (void)info; }

static void on_progress(j_common_ptr info) {
  struct cjpeg_decoder *decoder = info->client_data;
  if (decoder->info.input_scan_number > most_scans) {
    snprintf(decoder->message, sizeof decoder->message, "more than %d scans", most_scans);
    fail(info, CJPEG_LIMIT);
  }
}

static void do_nothing(j_decompress_ptr info) { (void)info; }

// All bytes are there from the start: asking for more means that the stream is truncated.
static boolean on_empty(j_decompress_ptr info) {
  struct cjpeg_decoder *decoder = info->client_data;
  snprintf(decoder->message, sizeof decoder->message, "the stream ends");
  fail((j_common_ptr)info, CJPEG_TRUNCATED);
  return FALSE;
}

static void skip(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  if ((unsigned long)count > info->src->bytes_in_buffer) {
    on_empty(info);
    return;
  }
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= (size_t)count;
}

static uint64_t least_bytes(j_decompress_ptr info) {
  if (info->arith_code) return 0;
  uint64_t blocks = 0;
  for (int index = 0; index < info->num_components; index++) {
    jpeg_component_info *component = info->comp_info + index;
    blocks += (uint64_t)component->width_in_blocks * component->height_in_blocks;
  }
  // A block's constant part takes one bit at least.
  return blocks / 8;
}

int32_t cjpeg_open(const uint8_t *bytes, size_t count, cjpeg_decoder **result, struct cjpeg_header *header) {
  memset(header, 0, sizeof *header);
  cjpeg_decoder *decoder = calloc(1, sizeof *decoder);
  *result = decoder;
  if (!decoder) return CJPEG_MEMORY;
  j_decompress_ptr info = &decoder->info;
  info->err = jpeg_std_error(&decoder->errors);
  decoder->errors.error_exit = on_error;
  decoder->errors.emit_message = on_message;
  decoder->errors.output_message = print_nothing;
  // jpeg_create_decompress keeps client_data and err.
  info->client_data = decoder;
  if (setjmp(decoder->jump)) return decoder->status;
  // Before the call: what it leaves when it fails may be destroyed, too.
  decoder->created = 1;
  jpeg_create_decompress(info);
  decoder->count = count;
  decoder->source = (struct jpeg_source_mgr){
      .next_input_byte = bytes,
      .bytes_in_buffer = count,
      .init_source = do_nothing,
      .fill_input_buffer = on_empty,
      .skip_input_data = skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = do_nothing,
  };
  info->src = &decoder->source;
  decoder->progress.progress_monitor = on_progress;
  info->progress = &decoder->progress;
  jpeg_read_header(info, TRUE);
  header->width = info->image_width;
  header->height = info->image_height;
  header->components = info->num_components;
  header->least_bytes = least_bytes(info);
  return CJPEG_OK;
}

int32_t cjpeg_read(cjpeg_decoder *decoder, uint8_t *pixels, size_t row_bytes, size_t height) {
  j_decompress_ptr info = &decoder->info;
  if (setjmp(decoder->jump)) return decoder->status;
  switch (info->num_components) {
    case 1: info->out_color_space = JCS_GRAYSCALE; break;
    case 3: info->out_color_space = JCS_RGB; break;
    case 4: info->out_color_space = JCS_CMYK; break;
    default:
      snprintf(decoder->message, sizeof decoder->message, "%d components", info->num_components);
      return CJPEG_UNSUPPORTED;
  }
  // The library waits for more bytes only if told to, which it never is; if it did, rows would be missing.
  if (!jpeg_start_decompress(info)) on_empty(info);
  if (info->output_height != height || (size_t)info->output_width * (size_t)info->output_components != row_bytes) {
    snprintf(decoder->message, sizeof decoder->message, "another size of rows");
    return CJPEG_CORRUPT;
  }
  while (info->output_scanline < info->output_height) {
    JSAMPROW row = pixels + (size_t)info->output_scanline * row_bytes;
    if (jpeg_read_scanlines(info, &row, 1) != 1) on_empty(info);
  }
  if (!jpeg_finish_decompress(info)) on_empty(info);
  return CJPEG_OK;
}

const char *cjpeg_message(const cjpeg_decoder *decoder) { return decoder ? decoder->message : "no memory"; }

size_t cjpeg_offset(const cjpeg_decoder *decoder) {
  return decoder && decoder->created ? decoder->count - decoder->source.bytes_in_buffer : 0;
}

void cjpeg_close(cjpeg_decoder *decoder) {
  if (!decoder) return;
  // Destroying does not jump: it only frees.
  if (decoder->created) jpeg_destroy_decompress(&decoder->info);
  free(decoder);
}
