// SPDX-License-Identifier: Apache-2.0

/// The cosine of the angle between two vectors of the same length, summed in float64.
///
/// - Returns: at most 1; 0 where a vector is zero.
public func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
  var (dot, left, right) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    dot += Double(x) * Double(y)
    left += Double(x) * Double(x)
    right += Double(y) * Double(y)
  }
  return left == 0 || right == 0 ? 0 : min(1, dot / (left * right).squareRoot())
}
