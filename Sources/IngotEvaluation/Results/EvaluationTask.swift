// SPDX-License-Identifier: Apache-2.0

/// The tasks of the paper.
public enum EvaluationTask: String, Sendable, Hashable, Codable, CaseIterable {
  /// Classes are named by texts.
  case zeroShot = "zero-shot"
  /// A linear classifier is trained on all training rows.
  case linearProbe = "linear-probe"
  /// Linear classifiers are trained on a few rows of each class.
  case fewShot = "few-shot"
  /// How many rows of each class a linear classifier needs to match zero-shot.
  case dataEfficiency = "data-efficiency"

  /// Whether a model must have a text tower for it.
  public var needsText: Bool { self == .zeroShot || self == .dataEfficiency }
}
