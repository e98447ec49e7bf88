// SPDX-License-Identifier: Apache-2.0
//
// Pointers to the kernels of logistic regression; the rules of Kernels.swift hold here too.

internal import CIngotKernels
import IngotBytes

/// What one pass of logistic regression sums over rows.
public struct LogisticSums: Sendable, Hashable {
  /// How many classes.
  public let classes: Int
  /// How many features.
  public let width: Int
  /// The sum of −log(probability of the row's class).
  public fileprivate(set) var loss = 0.0
  /// Its derivatives by the weights, `[classes, width]`.
  public fileprivate(set) var gradient: [Double]
  /// Its derivatives by the biases.
  public fileprivate(set) var biasGradient: [Double]
  /// Scores of the rows of one call, kept so that they are allocated once.
  fileprivate var scores: [Float] = []
  fileprivate var rowLosses: [Double] = []

  /// Sums over no rows.
  public init(classes: Int, width: Int) {
    self.classes = classes
    self.width = width
    gradient = [Double](repeating: 0, count: classes * width)
    biasGradient = [Double](repeating: 0, count: classes)
  }

  /// Sums over no rows again.
  public mutating func clear() {
    loss = 0
    for index in gradient.indices { gradient[index] = 0 }
    for index in biasGradient.indices { biasGradient[index] = 0 }
  }
}

extension Compute {
  /// Adds what some rows contribute to the loss of multinomial logistic regression and to its gradient.
  ///
  /// The scores are float32 products; sums over rows are float32 for 256 rows, then float64.
  ///
  /// - Parameters:
  ///   - rows: float32 numbers, `labels.count` rows, aligned to four bytes.
  ///   - labels: the class of each row, less than the number of classes; a row of a negative label is left out.
  ///   - weights: `[classes, features]`, float32.
  ///   - bias: one number for each class.
  ///   - sums: of the same sizes.
  /// - Throws: nothing for weights in memory.
  public func addLogisticSums(
    of rows: RawSpan, labels: ArraySlice<Int32>, weights: WeightMatrix, bias: [Float], to sums: inout LogisticSums
  ) throws {
    precondition(sums.classes == weights.outputs && sums.width == weights.inputs, "sums of the weights' sizes")
    precondition(labels.allSatisfy { $0 < Int32(sums.classes) }, "labels are classes")
    let count = labels.count
    let stride = scoreStride(sums.classes)
    if sums.scores.count < count * stride { sums.scores = [Float](repeating: 0, count: count * stride) }
    if sums.rowLosses.count < count { sums.rowLosses = [Double](repeating: 0, count: count) }
    guard count > 0, sums.classes > 0 else { return }
    // SAFETY: every buffer is as large as the kernel will touch, as checked here and in `regress`; pointers stay within the closures.
    try unsafe labels.withUnsafeBufferPointer { labels in
      try unsafe sums.scores.withUnsafeMutableBufferPointer { scores in
        try unsafe sums.rowLosses.withUnsafeMutableBufferPointer { losses in
          try unsafe sums.gradient.withUnsafeMutableBufferPointer { gradient in
            try unsafe sums.biasGradient.withUnsafeMutableBufferPointer { biases in
              var loss = sums.loss
              var regression = unsafe ingot_regression()
              unsafe regression.labels = labels.baseAddress
              unsafe regression.scores = scores.baseAddress
              unsafe regression.row_losses = losses.baseAddress
              unsafe regression.gradient = gradient.baseAddress
              unsafe regression.bias_gradient = biases.baseAddress
              try unsafe withUnsafeMutablePointer(to: &loss) { loss in
                unsafe regression.loss = loss
                try unsafe regress(&regression, rows, count: count, weights, bias)
              }
              sums.loss = loss
            }
          }
        }
      }
    }
  }

  /// The score of each row for each class: `Σ weight · feature + bias`.
  ///
  /// - Parameters:
  ///   - rows: float32 numbers, aligned to four bytes.
  ///   - count: how many rows.
  ///   - weights: `[classes, features]`, float32.
  ///   - bias: one number for each class.
  /// - Returns: `[count, classes]`.
  /// - Throws: nothing for weights in memory.
  public func classScores(
    of rows: RawSpan, count: Int, weights: WeightMatrix, bias: [Float]
  ) throws -> Matrix<Float> {
    let classes = weights.outputs
    let stride = scoreStride(classes)
    var scores = [Float](repeating: 0, count: count * stride)
    if count > 0, classes > 0 {
      // SAFETY: the buffer is as large as the kernel will touch.
      try unsafe scores.withUnsafeMutableBufferPointer { scores in
        var regression = unsafe ingot_regression()
        unsafe regression.scores = scores.baseAddress
        try unsafe regress(&regression, rows, count: count, weights, bias)
      }
    }
    guard stride != classes else { return Matrix(values: scores, rows: count, columns: classes) }
    var packed: [Float] = []
    packed.reserveCapacity(count * classes)
    for row in 0..<count { packed += scores[row * stride..<row * stride + classes] }
    return Matrix(values: packed, rows: count, columns: classes)
  }

  /// Rows of scores are whole vectors.
  private func scoreStride(_ classes: Int) -> Int { (classes + 7) / 8 * 8 }

  private func regress(
    _ regression: inout ingot_regression, _ rows: RawSpan, count: Int, _ weights: WeightMatrix, _ bias: [Float]
  ) throws {
    precondition(weights.storedType == .float32 && bias.count == weights.outputs, "float32 weights and their biases")
    precondition(rows.byteCount == count * weights.inputs * 4, "whole rows")
    unsafe regression.width = weights.inputs
    unsafe regression.classes = weights.outputs
    unsafe regression.score_stride = scoreStride(weights.outputs)
    var call = unsafe regression
    // SAFETY: the rows are as many as the kernel reads, and at an address that floats may have.
    try unsafe rows.withUnsafeBytes { rows in
      precondition(Int(bitPattern: rows.baseAddress) % 4 == 0, "rows are aligned")
      try unsafe weights.panels.use(of: weights, workers) { panels in
        unsafe bias.withUnsafeBufferPointer { bias in
          unsafe call.x = rows.baseAddress?.assumingMemoryBound(to: Float.self)
          unsafe call.panels = panels
          unsafe call.bias = bias.baseAddress
          unsafe workers.use { pool in unsafe ingot_run_regression(pool, path.code, &call, count) }
        }
      }
    }
  }
}
