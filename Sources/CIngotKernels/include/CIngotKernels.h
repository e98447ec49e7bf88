// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic kernels. Every function exists once, in kernels.inc.h, and is compiled for several instruction sets and for
// float and double; all of them give the same bits for the same precision (Formats/numerics.md).
#ifndef CINGOTKERNELS_H
#define CINGOTKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Instruction paths.
enum { INGOT_PATH_PLAIN = 0, INGOT_PATH_AVX2 = 1, INGOT_PATH_AVX512 = 2 };

// Precisions of activations and accumulation.
enum { INGOT_FLOAT32 = 0, INGOT_FLOAT64 = 1 };

// Stored types of weights.
enum { INGOT_WEIGHT_F32 = 0, INGOT_WEIGHT_F16 = 1, INGOT_WEIGHT_BF16 = 2, INGOT_WEIGHT_F64 = 3, INGOT_WEIGHT_I8 = 4 };

// Layouts of weights: [outputs][inputs], or [inputs][outputs].
enum { INGOT_OUTPUT_MAJOR = 0, INGOT_INPUT_MAJOR = 1 };

// Integers that rows of activations are rounded to, one scale a row: none, at most 32,767, at most 127 in magnitude.
enum { INGOT_ROUND_NONE = 0, INGOT_ROUND_INT16 = 1, INGOT_ROUND_INT8 = 2 };

// What follows the sum: nothing, x * sigmoid(1.702 x), x * Phi(x), max(x, 0), GELU by tanh, x * sigmoid(x).
enum { INGOT_IDENTITY = 0, INGOT_QUICK_GELU = 1, INGOT_GELU = 2, INGOT_RELU = 3, INGOT_GELU_TANH = 4, INGOT_SILU = 5 };

// Columns of one packed panel.
enum { INGOT_PANEL = 16 };

// Weights as they are stored.
typedef struct {
  const void *values;  // at any alignment
  int type, layout;
  size_t inputs, outputs;
} ingot_weights;

// Bytes of one packed panel: 16 columns, words of 32 bits side by side. A word is one F32, two F16 or BF16 or four int8 of one column
// with consecutive k (F64: two words). A panel of int8 begins with the sums of its 16 columns. What is beyond the matrix is zero.
size_t ingot_panel_bytes(int weight_type, size_t inputs);

// Packs panels [begin, end) to out, which has ingot_panel_bytes for each; out is aligned to 64 bytes.
void ingot_pack_panels(const ingot_weights *weights, size_t begin, size_t end, void *out);

// Memory for panels, in large pages where the system has them.
void *ingot_allocate_panels(size_t bytes);
void ingot_free_panels(void *panels);

// Windows of an image with channels last, flattened in (channel, row, column) order as PyTorch's convolution weights are.
typedef struct {
  const void *image;  // [height][width][channels]
  size_t height, width, channels;
  size_t kernel, stride, padding;
  size_t output_width;
} ingot_windows;

// c[r][j] = residual[r][j] + activation(scale[j] * sum_k a[r][k] * w[j][k] + bias[j])
// Pointers to activations, scale, bias and residual are of the call's precision. scale, bias and residual may be NULL.
// c may be the same memory as residual; it may not overlap a.
// With rounding, c[r][j] = residual[r][j] + activation(scale[j] * (t[r] * sum_k q[r][k] * w[j][k]) + bias[j]), q integers, exact sums.
typedef struct {
  const void *a;
  size_t a_stride;  // elements from one row of a to the next
  // Where not NULL, row r of a is window first_window + r of this image instead.
  const ingot_windows *windows;
  size_t first_window;
  // Where not NULL, rows of a are normalised first, as ingot_layer_norm does; [inputs] each.
  const void *norm_gain, *norm_bias;
  double norm_epsilon;
  const void *panels;  // all panels of the weights, packed
  int weight_type;
  int rounding;   // to which integers rows of a are rounded for the sums; other than NONE with float32 and int8 weights only
  size_t inputs;  // k
  size_t outputs;  // columns of c
  const void *scale;
  const void *bias;
  const void *residual;
  size_t residual_stride;
  int activation;
  void *c;
  size_t c_stride;
} ingot_product;

// Scaled dot-product attention of several heads over several sequences of any lengths, their tokens one after the other.
// q, k, v, out hold heads side by side: head h is columns [h * head_width, (h + 1) * head_width).
typedef struct {
  const void *q, *k, *v;
  void *out;
  size_t q_stride, kv_stride, out_stride;  // elements from one token to the next
  size_t heads, head_width;
  const size_t *query_starts;  // queries of sequence s are tokens [query_starts[s], query_starts[s + 1])
  const size_t *key_starts;    // its keys and values begin at token key_starts[s]
  const size_t *visible;       // and are so many, at least 1
  size_t most_keys;            // the largest of `visible`
  int causal;                  // query t sees keys 0...t only
} ingot_attention;

// Whether the running CPU can take a path.
int ingot_path_available(int path);

// Elements that the packed rows of a block take.
size_t ingot_packed_size(size_t rows, size_t inputs);
// Elements of scratch that ingot_pack_block and ingot_product_run need.
size_t ingot_product_scratch(size_t rows, size_t inputs);
// Elements of scratch that ingot_attention_run needs.
size_t ingot_attention_scratch(size_t most_keys, size_t head_width);

// Packs part `part` of `parts` of a block of rows for its product: normalised, rounded, side by side as that path takes them.
void ingot_pack_block(int path, int precision, const ingot_product *product, size_t row_begin, size_t row_end, size_t part,
                      size_t parts, void *packed, void *scratch);

// Computes panels [panel_begin, panel_end) of a product for a part of a block of packed rows.
void ingot_product_run(int path, int precision, const ingot_product *product, size_t row_begin, size_t row_end, size_t part,
                       size_t parts, size_t panel_begin, size_t panel_end, const void *packed, void *scratch);

// Computes items [begin, end) of attention; item i is sequence i / heads, head i % heads.
void ingot_attention_run(int path, int precision, const ingot_attention *attention, size_t begin, size_t end,
                         void *scratch);

// out[r][c] = (x[r][c] - mean) / sqrt(variance + epsilon) * gain[c] + bias[c]; out may be x.
void ingot_layer_norm(int path, int precision, const void *x, void *out, const void *gain, const void *bias,
                      size_t rows, size_t width, double epsilon);

// Divides each row by its Euclidean length, which must not be zero; out may be x.
void ingot_l2_normalize(int path, int precision, const void *x, void *out, size_t rows, size_t width);

// out[i] = activation(x[i]); out may be x.
void ingot_activate(int path, int precision, int activation, const void *x, void *out, size_t count);

// out[i] = a[i] + b[i], or a[i] * b[i]; out may be either.
void ingot_add(int precision, const void *a, const void *b, void *out, size_t count);
void ingot_multiply(int precision, const void *a, const void *b, void *out, size_t count);

// out[c] = the mean of x[r][c], summed row by row.
void ingot_average_rows(int precision, const void *x, size_t rows, size_t columns, void *out);

// x[r][c] = x[r][c] * factors[c]
void ingot_scale_columns(int precision, void *x, size_t rows, size_t columns, const void *factors);

// Turns pairs of neighbours: (a, b) becomes (a cos - b sin, b cos + a sin). A row has `groups` groups of `pairs` pairs, all groups turned by
// the row's own `pairs` angles; rows are `stride` elements apart.
void ingot_rotate_pairs(int precision, void *x, size_t stride, size_t rows, size_t groups, size_t pairs, const void *cosines,
                        const void *sines);

// out[p][c] = planes[c][p], widened to the precision.
void ingot_channels_last(int precision, const float *planes, size_t channels, size_t area, void *out);

// Mean of each size x size window (stride = size) of an image with channels last.
void ingot_average_pool(int precision, const void *image, size_t height, size_t width, size_t channels, size_t size,
                        void *out);

// Widens `count` stored weights, at any alignment, to the precision. Exact but for F64 to float, which rounds to nearest even.
void ingot_widen(int path, int precision, int weight_type, const void *weights, size_t count, void *out);

// Narrows floats to F16 or BF16, round to nearest even; overflow gives infinity. Out is at any alignment.
void ingot_narrow(int path, int weight_type, const float *values, size_t count, void *out);

// Symmetric int8 of rows, each with a scale of its own: its largest magnitude / 127, at least the smallest normal float. Values are divided
// by the scale and rounded to nearest even, within [-127, 127]. `restored` gets what the bytes stand for. Values must be finite. Says how
// many bytes are -127 or 127.
size_t ingot_quantize_rows(int path, const float *values, size_t rows, size_t length, int8_t *out, float *scales,
                           float *restored);

// ---- All of it, divided over the threads of a pool ----

typedef struct ingot_pool ingot_pool;

// A pool of at most `threads` threads, the caller's among them; at least 1, at most 1024.
ingot_pool *ingot_pool_create(size_t threads);
void ingot_pool_destroy(ingot_pool *pool);
size_t ingot_pool_threads(const ingot_pool *pool);

void ingot_run_product(ingot_pool *pool, int path, int precision, const ingot_product *product, size_t rows);
void ingot_run_attention(ingot_pool *pool, int path, int precision, const ingot_attention *attention, size_t sequences);
void ingot_run_layer_norm(ingot_pool *pool, int path, int precision, const void *x, void *out, const void *gain,
                          const void *bias, size_t rows, size_t width, double epsilon);
void ingot_run_pack(ingot_pool *pool, const ingot_weights *weights, void *out);

// How b differs from a, over the elements where both are finite.
typedef struct {
  double largest;      // largest |b - a|
  double error;        // sum of (b - a)^2
  double signal;       // sum of a^2
  uint64_t nonfinite;  // elements of a that are infinite or not a number
  uint64_t created;    // elements of b that are, where a is finite
  uint64_t different;  // finite elements of a that b does not equal
} ingot_difference;

void ingot_compare(int path, int precision, const void *a, const void *b, size_t count, ingot_difference *out);

// Changes the stored type of `count` numbers, at any alignment, from F16, BF16 or F32 to F16, BF16 or F32: what widening to float, narrowing,
// widening again and comparing would give.
void ingot_convert(int path, int from, const void *in, size_t count, int to, void *out, ingot_difference *difference);

// How many of `count` little-endian floating-point numbers, at any alignment, are infinite or not a number. `weight_type` is F16, BF16,
// F32 or F64.
size_t ingot_count_nonfinite(int weight_type, const void *values, size_t count);

// Continues a CRC-32 (0 to begin with) over as many of the first bytes as this machine has fast instructions for; the result says
// how many, perhaps none.
size_t ingot_crc32_blocks(uint32_t *crc, const void *bytes, size_t count);

// e^x as the float kernels compute it, for tests of its stated error.
float ingot_expf(float x);
void ingot_exp(int path, const float *x, float *out, size_t count);

#include "IngotFeatureMaps.h"
#include "IngotGroups.h"
#include "IngotRegression.h"

#endif
