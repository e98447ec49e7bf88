// SPDX-License-Identifier: Apache-2.0

/// The strengths of the penalty that are tried: λ from 1e-6 to 1e6, eight steps a decade; scikit-learn's C is 1/λ.
public enum PenaltySweep {
  /// The number of the last strength; the first one is 0.
  public static let last = 96

  /// A strength by its number.
  ///
  /// - Parameter number: from 0 to `last`.
  /// - Returns: 10^(number/8 − 6).
  public static func strength(_ number: Int) -> Double { powerOf10(Double(number) / 8 - 6) }

  /// How strengths are tried.
  public enum Order: String, Sendable, Hashable, Codable, CaseIterable {
    /// The paper's way: every second decade, then the interval round the best one is halved until it is an eighth of a decade.
    case coarseToFine = "coarse-to-fine"
    /// All 97.
    case all
  }

  /// One strength that was tried.
  public struct Trial: Sendable, Hashable, Codable {
    /// Its number.
    public let number: Int
    /// The strength of the penalty.
    public let lambda: Double
    /// Its inverse, scikit-learn's C.
    public let c: Double
    /// What the classifier scored on the validation rows.
    public let score: Double
    /// scikit-learn's objective at the end of training.
    public let objective: Double
    /// Iterations of L-BFGS.
    public let iterations: Int
    /// Whether training ended before the limit of iterations.
    public let hasConverged: Bool
  }

  /// The strength to try next.
  ///
  /// - Parameters:
  ///   - trials: what was tried so far, in any order.
  ///   - order: how strengths are tried.
  /// - Returns: `nil` when all is tried.
  public static func next(after trials: [Trial], _ order: Order) -> Int? {
    let tried = Set(trials.map(\.number))
    switch order {
    case .all: return (0...last).first { !tried.contains($0) }
    case .coarseToFine:
      var distance = 16
      if let missing = stride(from: 0, through: last, by: distance).first(where: { !tried.contains($0) }) {
        return missing
      }
      // Which strength was best at each stage follows from the trials up to it: the order of the search can be told from them alone.
      var known = trials.filter { $0.number % distance == 0 }
      while distance > 1 {
        guard let peak = best(of: known)?.number else { return nil }
        distance /= 2
        let neighbours = [peak - distance, peak + distance].filter { (0...last).contains($0) }
        if let missing = neighbours.first(where: { !tried.contains($0) }) { return missing }
        known += trials.filter { neighbours.contains($0.number) }
      }
      return nil
    }
  }

  /// The strength that scored best; of equal ones the strongest, which makes the simplest classifier.
  public static func best(of trials: [Trial]) -> Trial? {
    trials.max { ($0.score, $0.number) < ($1.score, $1.number) }
  }
}
