// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Rounds one tensor's channels so that its products with what calibration saw come near those of the original model.
///
/// Of the rows X that enter the tensor while what comes before it is rounded already, and the rows Y that enter it in the original model, each
/// channel w becomes the q on its grid for which |X q − Y w| is small: w is moved to where X would have it, w + (Xᵀ X + δ I)⁻¹ Xᵀ (Y − X) w
/// (GPTAQ, Li et al. 2025), and rounded from there input by input (GPTQ, Frantar et al. 2023). Where X is Y, nothing is moved.
public struct CompensatedRounding: Sendable {
  /// The most inputs that a tensor may have: their products take 1 GiB.
  public static let mostInputs = 8192

  private let factor: TriangularFactor
  private let shifts: Matrix<Float>?
  private let compute: Compute

  /// Prepares; fails where the tensor met nothing, or only zeros.
  ///
  /// - Parameters:
  ///   - name: of the tensor.
  ///   - products: what was seen; the tensor's part of it is taken out.
  ///   - compute: how to compute.
  /// - Throws: `corrupt` where inputs are not finite.
  public init?(_ name: String, _ products: InputProducts, _ compute: Compute) throws(CheckpointError) {
    guard let sums = products.take(name) else { return nil }
    guard sums.squares.values.allSatisfy(\.isFinite), sums.shifts?.values.allSatisfy(\.isFinite) ?? true else {
      throw CheckpointError(
        .corrupt, .calibration, subject: name, "meets activations that are NaN or infinite on the calibration inputs")
    }
    guard let factor = TriangularFactor(sums.squares, compute) else { return nil }
    self.factor = factor
    shifts = sums.shifts.map {
      Matrix(values: Double.single($0.values), rows: factor.order.count, columns: factor.order.count)
    }
    self.compute = compute
  }

  /// Rounds channels.
  ///
  /// - Parameters:
  ///   - values: the channels, one after the other.
  ///   - grid: their scales.
  /// - Returns: the integers.
  func rounded(_ values: [Float], to grid: TriangularFactor.Grid) -> [Int8] {
    let n = factor.order.count
    guard let shifts else { return factor.rounded(Double.exactly(values), to: grid, compute) }
    let channels = Matrix(values: values, rows: values.count / n, columns: n)
    var moved = Matrix<Float>(rows: channels.rows, columns: n)
    compute.product(channels, rowsOf: shifts, into: &moved)
    var target = factor.solution(
      of: Matrix(values: Double.exactly(moved.values), rows: moved.rows, columns: n), compute)
    for index in values.indices { target.values[index] += Double(values[index]) }
    return factor.rounded(target.values, to: grid, compute)
  }
}

extension FormatKind {
  /// Inputs that a model is calibrated with.
  public static let calibration = FormatKind(rawValue: "calibration")
}
