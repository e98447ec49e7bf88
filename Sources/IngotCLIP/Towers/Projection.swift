// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// What takes a tower's output to the shared space: a product, with a bias or not, or nothing.
struct Projection<R: Real>: Sendable {
  let weights: WeightMatrix?
  let bias: [R]

  init(_ parameters: Parameters, _ tower: String, _ kind: ProjectionKind) throws {
    weights = kind == .none ? nil : try parameters.matrix("\(tower).projection")
    bias = kind == .linear ? try parameters.vector("\(tower).projection_bias") : []
  }

  func apply(_ x: Matrix<R>, _ compute: Compute) throws -> Matrix<R> {
    guard let weights else { return x }
    var projected = Matrix<R>(rows: x.rows, columns: weights.outputs)
    try compute.product(x, weights, bias: bias, into: &projected)
    return projected
  }
}
