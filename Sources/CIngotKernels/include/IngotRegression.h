// SPDX-License-Identifier: Apache-2.0
//
// One pass of multinomial logistic regression over rows of features (Formats/numerics.md). Included by CIngotKernels.h.
#ifndef INGOT_REGRESSION_H
#define INGOT_REGRESSION_H

// Scores are what a product gives: one chain of fused multiply-adds for each row and class, the bias added last.
typedef struct {
  const float *x;      // [rows][width], aligned to four bytes
  size_t width;        // features
  const void *panels;  // weights [classes][width], packed as float32
  const float *bias;   // [classes]
  size_t classes;
  const int32_t *labels;  // [rows], the class of each row; a row of a negative label is left out
  float *scores;          // [rows][score_stride]; becomes probability - (is the class)
  size_t score_stride;    // at least `classes`, a multiple of eight
  double *row_losses;     // [rows]; becomes -log(probability of the class)
  double *gradient;       // [classes][width]; added to. NULL: only scores are computed, and labels and losses are not touched
  double *bias_gradient;  // [classes]; added to
  double *loss;           // added to
} ingot_regression;

void ingot_run_regression(ingot_pool *pool, int path, const ingot_regression *regression, size_t rows);

// Rows [begin, end): from scores to differences of probabilities, and losses.
void ingot_regression_softmax(int path, const ingot_regression *regression, size_t begin, size_t end);

// Adds to columns [begin, end) of the gradient what all rows give.
void ingot_regression_gradient(int path, const ingot_regression *regression, size_t rows, size_t begin, size_t end);

#endif
