// SPDX-License-Identifier: Apache-2.0

import IngotQuantization

/// What a plan has to keep to.
public enum PlanningGoal: Sendable, Hashable, CustomStringConvertible {
  /// A file of at most so many bytes, with the least error.
  case maximumSize(Int)
  /// The smallest file that leaves at least this share of images, in 0...1, with the same best text.
  case minimumTop1(Double)
  /// The smallest file whose mean divergence is at most this.
  case maximumKL(Double)
  /// The smallest file that keeps each embedding's cosine at this or more.
  case minimumCosine(Double)

  /// As on the command line: `max-size 90000000`.
  public var description: String {
    switch self {
    case .maximumSize(let bytes): "max-size \(bytes)"
    case .minimumTop1(let share): "min-top1 \(100 * share)"
    case .maximumKL(let kl): "max-kl \(kl)"
    case .minimumCosine(let cosine): "min-cosine \(cosine)"
    }
  }

  /// Whether an error keeps to it; a size says nothing of errors.
  func allows(_ error: PlanError) -> Bool {
    switch self {
    case .maximumSize: true
    case .minimumTop1(let share): error.top1 >= share
    case .maximumKL(let kl): error.kl <= kl
    case .minimumCosine(let cosine): error.minCosine >= cosine
    }
  }
}

/// An encoding for each tensor that may have another than its own.
public struct EncodingPlan: Sendable {
  /// By tensor; `source` for what stays as it is.
  public let encodings: [String: EncodingScheme]
  /// The size of the file, in bytes, exactly.
  public let size: Int
  /// What the sum of the single errors makes of the outputs.
  public let predicted: PlanError

  /// How many tensors have each encoding, in the order of the encodings.
  public var counts: [(scheme: EncodingScheme, tensors: Int)] {
    EncodingScheme.allCases.compactMap { scheme in
      let count = encodings.values.count { $0 == scheme }
      return count == 0 ? nil : (scheme, count)
    }
  }
}

/// What a planner found.
public struct PlanningResult: Sendable {
  /// The plan that keeps to the goal.
  public let chosen: EncodingPlan
  /// What the model with that plan really computes.
  public let measured: PlanError
  /// Plans from the largest to the smallest: none is both smaller and, by prediction, nearer than another.
  public let front: [EncodingPlan]
  /// One encoding for all weights, where a file of it would be: what is protected stays as it is.
  public let uniform: [(scheme: EncodingScheme, plan: EncodingPlan)]
}
