// SPDX-License-Identifier: Apache-2.0
//
// Images, channels last.

static void NAME(gather_windows)(const ingot_windows *p, size_t begin, size_t end, REAL *out) {
  size_t area = p->kernel * p->kernel;
  for (size_t window = begin; window < end; window++, out += area * p->channels) {
    for (size_t i = 0; i < p->kernel; i++) {
      for (size_t j = 0; j < p->kernel; j++) {
        // Positions in the padded image; the image starts at `padding`.
        size_t y = window / p->output_width * p->stride + i, x = window % p->output_width * p->stride + j;
        REAL *target = out + i * p->kernel + j;
        if (y < p->padding || y - p->padding >= p->height || x < p->padding || x - p->padding >= p->width) {
          for (size_t c = 0; c < p->channels; c++) target[c * area] = 0;
        } else {
          const REAL *source = (const REAL *)p->image + ((y - p->padding) * p->width + x - p->padding) * p->channels;
          for (size_t c = 0; c < p->channels; c++) target[c * area] = source[c];
        }
      }
    }
  }
}

static void NAME(average_pool)(const REAL *image, size_t height, size_t width, size_t channels, size_t size,
                               REAL *out) {
  size_t rows = height / size, columns = width / size;
  REAL count = (REAL)(size * size);
  for (size_t y = 0; y < rows; y++) {
    for (size_t x = 0; x < columns; x++) {
      for (size_t c = 0; c < channels; c++) {
        REAL sum = 0;
        for (size_t i = 0; i < size; i++) {
          for (size_t j = 0; j < size; j++) sum += image[((y * size + i) * width + x * size + j) * channels + c];
        }
        *out++ = sum / count;
      }
    }
  }
}
