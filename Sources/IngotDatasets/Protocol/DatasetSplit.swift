// SPDX-License-Identifier: Apache-2.0

/// A part of a dataset.
public enum DatasetSplit: String, Sendable, Hashable, CaseIterable {
  /// What a classifier is trained on.
  case train
  /// What its settings are chosen on.
  case validation
  /// What it is judged on.
  case test
  /// Training and validation together, on which the final classifier is trained.
  case trainAndValidation = "train+validation"
}
