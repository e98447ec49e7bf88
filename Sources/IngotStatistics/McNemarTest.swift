// SPDX-License-Identifier: Apache-2.0

/// McNemar's exact test: whether two classifiers that were run on the same rows are wrong equally often.
///
/// Only rows that one of them guesses rightly and the other wrongly tell anything; if neither is better, each is the right one with
/// probability ½.
public struct McNemarTest: Sendable, Hashable, Codable {
  /// Rows that only the first guesses rightly.
  public let onlyFirst: Int
  /// Rows that only the second guesses rightly.
  public let onlySecond: Int
  /// The probability of a split at least as uneven if neither is better, both sides counted.
  public let probability: Double

  /// Tests counts.
  ///
  /// - Parameters:
  ///   - onlyFirst: rows that only the first guesses rightly, not negative.
  ///   - onlySecond: rows that only the second guesses rightly, not negative.
  public init(onlyFirst: Int, onlySecond: Int) {
    precondition(onlyFirst >= 0 && onlySecond >= 0, "counts")
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
    let total = onlyFirst + onlySecond
    let less = min(onlyFirst, onlySecond)
    // P(X <= less) of a binomial distribution is I(1/2; total - less, less + 1).
    probability =
      2 * less >= total ? 1 : min(1, 2 * Beta.regularized(0.5, Double(total - less), Double(less + 1)))
  }
}
