// SPDX-License-Identifier: Apache-2.0
//
// Kernels over feature maps with channels last (Formats/numerics.md). Included by CIngotKernels.h.
#ifndef INGOT_FEATURE_MAPS_H
#define INGOT_FEATURE_MAPS_H

// Normalises groups of channels over all pixels of an image; out may be x.
typedef struct {
  const void *x;  // [images][pixels][channels]
  void *out;
  const void *gain, *bias;  // [channels]
  size_t pixels, channels, groups;
  double epsilon;
  int relu;  // whether max(y, 0) follows
} ingot_group_norm;

// The largest number of each window, for rows [row_begin, row_end) of the result; `zeros` says that pixels outside the image are zeros,
// which may be the largest. Padding is smaller than the kernel. `out` is the whole result [rows][output_width][channels].
void ingot_max_pool(int path, int precision, const ingot_windows *windows, int zeros, size_t row_begin, size_t row_end,
                    void *out);

// A convolution of each channel with weights of its own, [kernel * kernel][channels], for rows [row_begin, row_end) of the result. Bias,
// [channels], may be NULL.
void ingot_depthwise(int path, int precision, const ingot_windows *windows, const void *weights, const void *bias,
                     size_t row_begin, size_t row_end, void *out);

// Items [begin, end); item i is group i % groups of image i / groups. Scratch: pixels * channels / groups numbers.
void ingot_group_norm_run(int path, int precision, const ingot_group_norm *norm, size_t begin, size_t end,
                          void *scratch);

#endif
