// SPDX-License-Identifier: Apache-2.0
//
// Weights as integers of 8, 6 or 4 bits, a scale for each group (Formats/numerics.md, Scales). Included by CIngotKernels.h.
#ifndef INGOT_GROUPS_H
#define INGOT_GROUPS_H

// How rows of numbers become integers.
typedef struct {
  size_t length;         // numbers in a row
  size_t group;          // consecutive numbers that share a scale; the last group of a row may be shorter
  int bits;              // 8, 6 or 4
  int narrow_scales;     // whether scales are rounded up to BF16
  int searches;          // whether the scale is that of the least squared error on the grid, else of the largest magnitude
  const float *moments;  // weights of the squared errors, `length` of them; NULL for all alike
} ingot_grouping;

// Values are divided by the scale of their group and rounded to nearest even, within the range of the integers. There are
// ceil(length / group) scales for each row. `restored` gets what the integers stand for. Values must be finite. Says how many integers
// are at an end of the range.
size_t ingot_quantize_groups(int path, const ingot_grouping *grouping, const float *values, size_t rows, int8_t *out,
                             float *scales, float *restored);

// Writes `count` integers as one little-endian stream of bits, ceil(bits * count / 8) bytes; the last bits are zero.
void ingot_pack_integers(int bits, const int8_t *values, size_t count, uint8_t *out);

// Reads what ingot_pack_integers writes.
void ingot_unpack_integers(int bits, const uint8_t *bytes, size_t count, int8_t *out);

// A tensor of groups as it is stored: element i belongs to channel i / inner % channels.
typedef struct {
  int bits;
  const uint8_t *integers;  // the stream of bits
  const uint8_t *scales;    // BF16, at any alignment
  size_t channels, inner, scales_per_channel, group;
} ingot_groups;

// The numbers that elements [first, first + count) stand for: integer times scale, exact.
void ingot_restore_groups(const ingot_groups *groups, size_t first, size_t count, float *out);

#endif
