// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Distances between what two rows of logits say.
public enum Divergence {
  /// The logarithms of the softmax.
  ///
  /// - Parameter logits: at least one, finite.
  /// - Returns: ln(exp(x) / Σ exp(x)) of each, in nats.
  public static func logSoftmax(_ logits: [Double]) -> [Double] {
    let largest = logits.max() ?? 0
    let sum = log(logits.reduce(0) { $0 + exp($1 - largest) })
    return logits.map { $0 - largest - sum }
  }

  /// The Kullback–Leibler divergence of the softmax of `other` from that of `reference`: what is lost when the first stands for the second.
  ///
  ///     KL(p ‖ q) = Σ p (ln p − ln q), p of reference, q of other
  ///
  /// - Parameters:
  ///   - reference: logits.
  ///   - other: as many.
  /// - Returns: in nats, at least 0.
  public static func kullbackLeibler(_ reference: [Double], _ other: [Double]) -> Double {
    precondition(reference.count == other.count, "two logits for each class")
    let sum = zip(logSoftmax(reference), logSoftmax(other)).reduce(0) { sum, pair in
      // A share of zero adds nothing.
      let share = exp(pair.0)
      return share == 0 ? sum : sum + share * (pair.0 - pair.1)
    }
    // Rounding may leave a hair below zero; a NaN stays.
    return sum < 0 ? 0 : sum
  }
}
