// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension Smoothing {
  /// Finds for each norm how much to smooth: of no smoothing and eleven choices of alpha the one with the least squared error of the products behind
  /// the norm, their weights in int8 per channel and the sampled activations in int8.
  ///
  /// - Parameters:
  ///   - products: norms and the weights behind them.
  ///   - checkpoint: the model, all of its tensors plain.
  ///   - samples: what the weights met.
  ///   - compute: how to compute.
  ///   - progress: hears of each norm that is done: how many, of how many, its name.
  /// - Returns: a site for each norm; without an alpha where the weights met nothing, or nothing was better than leaving it.
  /// - Throws: what reading the tensors throws.
  public static func searched(
    _ products: [(norm: String, weights: [String])], in checkpoint: any Checkpoint, _ samples: InputSamples,
    _ compute: Compute, progress: (Int, Int, String) -> Void = { _, _, _ in }
  ) throws -> Smoothing {
    var sites: [Site] = []
    for (index, product) in products.enumerated() {
      sites.append(try site(product.norm, product.weights, checkpoint, samples, compute))
      progress(index + 1, products.count, product.norm)
    }
    return Smoothing(sites)
  }

  private static func site(
    _ norm: String, _ weights: [String], _ checkpoint: any Checkpoint, _ samples: InputSamples, _ compute: Compute
  ) throws -> Site {
    guard let (rows, activations) = weights.lazy.compactMap({ samples.inputs(of: $0) }).first else {
      return Site(norm: norm, weights: weights, alpha: nil, exponents: [])
    }
    let trial = Trial(checkpoint: checkpoint, rows: rows, compute: compute)
    let plain = try weights.map { try trial.values(of: $0, in: checkpoint) }
    let expected = try plain.map { try trial.product(WeightMatrix(rows: $0)) }
    var largest = [Float](repeating: 0, count: rows.columns)
    for matrix in plain {
      for (place, value) in matrix.values.enumerated() {
        largest[place % rows.columns] = max(largest[place % rows.columns], value.magnitude)
      }
    }
    let untouched = [Int8](repeating: 0, count: rows.columns)
    var best = Site(norm: norm, weights: weights, alpha: nil, exponents: untouched)
    var least = try trial.error(of: best, expected) ?? .infinity
    for alpha in 0...10 {
      let exponents = Self.exponents(alpha: alpha, activations: activations, weights: largest)
      let candidate = Site(norm: norm, weights: weights, alpha: alpha, exponents: exponents)
      guard let error = try trial.error(of: candidate, expected), error < least else { continue }
      (best, least) = (candidate, error)
    }
    return best
  }
}

/// Products with integers on both sides, compared with those of the numbers that they stand for.
private struct Trial {
  let checkpoint: any Checkpoint
  let rows: Matrix<Float>
  let compute: Compute

  func values(of name: String, in checkpoint: any Checkpoint) throws -> Matrix<Float> {
    guard let tensor = checkpoint.tensors.first(where: { $0.name == name }) else {
      throw CheckpointError(.missing, .smoothing, subject: name, "no such tensor")
    }
    let values: [Float] = try checkpoint.withBytes(of: tensor) { try TensorDecoder.values(of: tensor, $0) }
    return Matrix(values: values, rows: tensor.shape[0], columns: tensor.shape.elementCount / max(1, tensor.shape[0]))
  }

  func product(_ weights: WeightMatrix) throws -> Matrix<Float> {
    var out = Matrix<Float>(rows: rows.rows, columns: weights.outputs)
    try compute.product(rows, weights, into: &out)
    return out
  }

  /// The sum of the squared errors; `nil` where a factor would cost a digit.
  func error(of site: Smoothing.Site, _ expected: [Matrix<Float>]) throws -> Double? {
    let smoothed: SmoothedCheckpoint
    var matrices: [Matrix<Float>] = []
    do {
      smoothed = try SmoothedCheckpoint(checkpoint, Smoothing([site]))
      for part in ["weight", "bias"] { _ = try values(of: "\(site.norm).\(part)", in: smoothed) }
      matrices = try site.weights.map { try values(of: $0, in: smoothed) }
    } catch let error as CheckpointError {
      guard error.format == .smoothing, error.code == .unsupported else { throw error }
      return nil
    }
    let factors = site.exponents.map { Float(sign: .plus, exponent: -Int($0), significand: 1) }
    var inputs = rows
    for index in inputs.values.indices { inputs.values[index] *= factors[index % factors.count] }
    var sum = 0.0
    for (matrix, expected) in zip(matrices, expected) {
      let quantized = QuantizedRows(matrix.values, length: matrix.columns)
      var found = Matrix<Float>(rows: inputs.rows, columns: matrix.rows)
      try compute.product(inputs, WeightMatrix(quantized, length: matrix.columns, activations: .int8), into: &found)
      for (x, y) in zip(found.values, expected.values) {
        let difference = Double(x) - Double(y)
        sum += difference * difference
      }
    }
    return sum
  }
}
