// SPDX-License-Identifier: Apache-2.0
//
// Pointers to the kernel of products; the rules of Kernels.swift hold here too.

internal import CIngotKernels
import IngotBytes

extension ActivationEncoding {
  /// The kernels' code of what happens to activations.
  var roundingCode: Int32 {
    switch self {
    case .float32: Int32(INGOT_ROUND_NONE)
    case .int16: Int32(INGOT_ROUND_INT16)
    case .int8: Int32(INGOT_ROUND_INT8)
    }
  }
}

/// What a product adds its results to.
public enum Residual: Sendable {
  /// Nothing: results replace what was there.
  case none
  /// The target's own values, as in `x = x + f(x)`.
  case target
}

/// What a product does to the rows it takes: a layer norm, in the same pass that packs them.
public struct InputNorm<R: Real>: Sendable {
  /// `[inputs]`.
  public let gain: [R]
  /// `[inputs]`.
  public let bias: [R]
  /// Added to the biased variance.
  public let epsilon: Double

  /// Describes a norm.
  ///
  /// - Parameters:
  ///   - gain: `[inputs]`.
  ///   - bias: `[inputs]`.
  ///   - epsilon: added to the biased variance.
  public init(gain: [R], bias: [R], epsilon: Double) {
    precondition(gain.count == bias.count, "as many numbers")
    self.gain = gain
    self.bias = bias
    self.epsilon = epsilon
  }
}

extension Compute {
  /// Multiplies rows by weights: `c[r, j] = c₀ + activation(scale[j] · Σₖ a[r, k] · w[j, k] + bias[j])`.
  ///
  /// - Parameters:
  ///   - a: `[rows, weights.inputs]`.
  ///   - norm: what is done to the rows first: the bits are those of `layerNorm` before the product.
  ///   - weights: int8 scales are applied here; they need not be passed.
  ///   - scale: `[weights.outputs]` or empty for none; multiplied with int8 scales.
  ///   - bias: `[weights.outputs]` or empty for none.
  ///   - activation: applied after the bias.
  ///   - residual: whether `c₀` is zero or the target's own value.
  ///   - range: which outputs are computed, all by default; the first of them a multiple of `WeightMatrix.panel`.
  ///   - c: `[at least firstRow + rows, outputs.count]`.
  ///   - firstRow: the row of `c` that the first row of results goes to.
  /// - Throws: what reading the weights throws.
  public func product<R: Real>(
    _ a: Matrix<R>, normalized norm: InputNorm<R>? = nil, _ weights: WeightMatrix, scale: [R] = [], bias: [R] = [],
    activation: Activation = .identity, residual: Residual = .none, outputs range: Range<Int>? = nil,
    into c: inout Matrix<R>, at firstRow: Int = 0
  ) throws {
    precondition(a.columns == weights.inputs, "shapes agree")
    precondition(norm.map { $0.gain.count == weights.inputs } ?? true, "the norm is of the rows")
    if let observer { observe(a, norm, weights, observer) }
    let epilogue = Epilogue(scale: scale, bias: bias, activation: activation, residual: residual)
    try unsafe multiply(a.rows, weights, epilogue, range ?? 0..<weights.outputs, into: &c, at: firstRow) { call, run in
      // SAFETY: `a` and the norm have as many numbers as the kernel reads, as just checked.
      unsafe a.values.withUnsafeBufferPointer { a in
        unsafe call.a = UnsafeRawPointer(a.baseAddress)
        guard let norm else { return unsafe run(&call) }
        unsafe norm.gain.withUnsafeBufferPointer { gain in
          unsafe norm.bias.withUnsafeBufferPointer { bias in
            unsafe call.norm_gain = UnsafeRawPointer(gain.baseAddress)
            unsafe call.norm_bias = UnsafeRawPointer(bias.baseAddress)
            unsafe call.norm_epsilon = norm.epsilon
            unsafe run(&call)
          }
        }
      }
    }
  }

  /// Multiplies the windows of an image by weights: a convolution.
  ///
  /// The windows are gathered a few at a time where they are multiplied.
  ///
  /// - Parameters:
  ///   - windows: the geometry; one row of results for each.
  ///   - image: `[height × width, channels]`.
  ///   - weights: `kernel × kernel × channels` inputs, in the order (channel, row, column).
  ///   - scale: as for `product`.
  ///   - bias: as for `product`.
  ///   - activation: applied after the bias.
  ///   - residual: whether results are added to what is there.
  ///   - c: `[at least firstRow + windows.count, weights.outputs]`.
  ///   - firstRow: the row of `c` that the first window's results go to.
  /// - Throws: what reading the weights throws.
  public func convolve<R: Real>(
    _ windows: Windows, of image: ArraySlice<R>, _ weights: WeightMatrix, scale: [R] = [], bias: [R] = [],
    activation: Activation = .identity, residual: Residual = .none, into c: inout Matrix<R>, at firstRow: Int = 0
  ) throws {
    precondition(image.count == windows.height * windows.width * windows.channels, "the image has its size")
    precondition(weights.inputs == windows.kernel * windows.kernel * windows.channels, "weights of the windows")
    if let observer {
      observer.observe(
        Matrix(values: windows.rows(of: image), rows: windows.count, columns: weights.inputs), meeting: weights.name)
    }
    let epilogue = Epilogue(scale: scale, bias: bias, activation: activation, residual: residual)
    try unsafe multiply(windows.count, weights, epilogue, 0..<weights.outputs, into: &c, at: firstRow) { call, run in
      // SAFETY: the image has as many numbers as its windows reach, as just checked.
      unsafe image.withUnsafeBufferPointer { image in
        var geometry = unsafe windows.geometry(of: image.baseAddress)
        unsafe withUnsafePointer(to: &geometry) { geometry in
          unsafe call.windows = geometry
          unsafe run(&call)
        }
      }
    }
  }

  /// Shows what enters a product: after the norm, where there is one.
  private func observe<R: Real>(
    _ a: Matrix<R>, _ norm: InputNorm<R>?, _ weights: WeightMatrix, _ observer: any ProductObserver
  ) {
    var seen = a
    if let norm { layerNorm(in: &seen, gain: norm.gain, bias: norm.bias, epsilon: norm.epsilon) }
    observer.observe(seen, meeting: weights.name)
  }

  /// What follows the sums of a product.
  private struct Epilogue<R: Real> {
    let scale: [R]
    let bias: [R]
    let activation: Activation
    let residual: Residual
  }

  /// Runs a product for which `input` says where its rows are.
  private func multiply<R: Real>(
    _ rows: Int, _ weights: WeightMatrix, _ epilogue: Epilogue<R>, _ range: Range<Int>, into c: inout Matrix<R>,
    at firstRow: Int, input: (inout ingot_product, (inout ingot_product) -> Void) -> Void
  ) throws {
    let (first, outputs, inputs) = (range.lowerBound, range.count, weights.inputs)
    let (scale, bias) = (epilogue.scale, epilogue.bias)
    precondition(
      first >= 0 && range.upperBound <= weights.outputs && first % WeightMatrix.panel == 0, "outputs of the weights")
    precondition(c.columns == outputs, "shapes agree")
    precondition(firstRow >= 0 && firstRow + rows <= c.rows, "results fit")
    precondition(scale.isEmpty || scale.count == weights.outputs, "one scale for each output")
    precondition(bias.isEmpty || bias.count == weights.outputs, "one bias for each output")
    guard rows > 0, outputs > 0 else { return }
    let type = weights.storedType.weightCode
    try unsafe withScales(of: weights, scale) { scales in
      // SAFETY: all pointers are valid for the counts checked above and used only within these closures.
      try unsafe weights.panels.use(of: weights, workers) { panels in
        unsafe bias.withUnsafeBufferPointer { bias in
          unsafe c.values.withUnsafeMutableBufferPointer { c in
            let target = unsafe c.baseAddress.map { unsafe $0 + firstRow * outputs }
            var call = unsafe ingot_product()
            unsafe call.a_stride = inputs
            unsafe call.panels = panels.map { unsafe $0 + first / WeightMatrix.panel * ingot_panel_bytes(type, inputs) }
            unsafe call.weight_type = type
            unsafe call.rounding =
              R.precision == .float32 ? weights.activations.roundingCode : Int32(INGOT_ROUND_NONE)
            unsafe call.inputs = inputs
            unsafe call.outputs = outputs
            unsafe call.scale = scales.map { unsafe $0 + first * MemoryLayout<R>.stride }
            unsafe call.bias = bias.isEmpty ? nil : bias.baseAddress.map { unsafe UnsafeRawPointer($0 + first) }
            unsafe call.residual = epilogue.residual == .target ? target.map { UnsafeRawPointer($0) } : nil
            unsafe call.residual_stride = outputs
            unsafe call.activation = epilogue.activation.code
            unsafe call.c = target.map { UnsafeMutableRawPointer($0) }
            unsafe call.c_stride = outputs
            unsafe input(&call) { call in
              unsafe workers.use { pool in
                unsafe ingot_run_product(pool, path.code, R.precision.code, &call, rows)
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
