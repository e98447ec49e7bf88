// SPDX-License-Identifier: Apache-2.0
//
// Pointers to the kernel of products; the rules of Kernels.swift hold here too.

internal import CIngotKernels
import IngotBytes

/// What a product adds its results to.
public enum Residual: Sendable {
  /// Nothing: results replace what was there.
  case none
  /// The target's own values, as in `x = x + f(x)`.
  case target
}

extension Compute {
  /// Multiplies rows by weights: `c[r, j] = c₀ + activation(scale[j] · Σₖ a[r, k] · w[j, k] + bias[j])`.
  ///
  /// - Parameters:
  ///   - a: `[rows, weights.inputs]`.
  ///   - weights: int8 scales are applied here; they need not be passed.
  ///   - scale: `[weights.outputs]` or empty for none; multiplied with int8 scales.
  ///   - bias: `[weights.outputs]` or empty for none.
  ///   - activation: applied after the bias.
  ///   - residual: whether `c₀` is zero or the target's own value.
  ///   - c: `[at least firstRow + rows, weights.outputs]`.
  ///   - firstRow: the row of `c` that the first row of results goes to.
  /// - Throws: what reading the weights throws.
  public func product<R: Real>(
    _ a: Matrix<R>, _ weights: WeightMatrix, scale: [R] = [], bias: [R] = [], activation: Activation = .identity,
    residual: Residual = .none, into c: inout Matrix<R>, at firstRow: Int = 0
  ) throws {
    let (rows, outputs, inputs) = (a.rows, weights.outputs, weights.inputs)
    precondition(a.columns == inputs && c.columns == outputs, "shapes agree")
    precondition(firstRow >= 0 && firstRow + rows <= c.rows, "results fit")
    precondition(scale.isEmpty || scale.count == outputs, "one scale for each output")
    precondition(bias.isEmpty || bias.count == outputs, "one bias for each output")
    guard rows > 0, outputs > 0 else { return }
    observer?.observe(a, meeting: weights.name)
    try unsafe withScales(of: weights, scale) { scales in
      // SAFETY: all pointers are valid for the counts checked above and used only within these closures.
      try unsafe weights.panels.use(of: weights, workers) { panels in
        unsafe a.values.withUnsafeBufferPointer { a in
          unsafe bias.withUnsafeBufferPointer { bias in
            unsafe c.values.withUnsafeMutableBufferPointer { c in
              let target = unsafe c.baseAddress.map { unsafe $0 + firstRow * outputs }
              var product = unsafe ingot_product(
                a: a.baseAddress, a_stride: inputs, panels: panels, weight_type: weights.storedType.weightCode,
                rounds_activations: weights.roundsActivations && R.precision == .float32 ? 1 : 0, inputs: inputs,
                outputs: outputs, scale: scales, bias: bias.isEmpty ? nil : bias.baseAddress,
                residual: residual == .target ? UnsafePointer(target) : nil, residual_stride: outputs,
                activation: activation.code, c: target, c_stride: outputs)
              unsafe workers.use { pool in
                unsafe ingot_run_product(pool, path.code, R.precision.code, &product, rows)
              }
            }
          }
        }
      }
    }
  }

  /// Lends the factors of the sums, in the precision of the call: the caller's, the int8 scales, or their products; none is `nil`.
  private func withScales<R: Real>(
    of weights: WeightMatrix, _ scale: [R], _ body: (UnsafeRawPointer?) throws -> Void
  ) throws {
    // SAFETY: the pointers are valid within the closures; there is one number for each output.
    if weights.scales.isEmpty {
      try unsafe scale.withUnsafeBufferPointer { scale in
        try unsafe body(scale.isEmpty ? nil : UnsafeRawPointer(scale.baseAddress))
      }
    } else if scale.isEmpty, R.precision == .float32 {
      try unsafe weights.scales.withUnsafeBufferPointer { try unsafe body(UnsafeRawPointer($0.baseAddress)) }
    } else {
      let scales = weights.scales.indices.map { R(weights.scales[$0]) * (scale.isEmpty ? 1 : scale[$0]) }
      try unsafe scales.withUnsafeBufferPointer { try unsafe body(UnsafeRawPointer($0.baseAddress)) }
    }
  }
}
