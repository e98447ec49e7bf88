// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension FormatKind {
  /// Faults of a cache of features.
  public static let features = FormatKind(rawValue: "features")
  /// Faults of a task that has nothing to do with a file's bytes: an empty class, metrics that need other labels.
  public static let evaluation = FormatKind(rawValue: "evaluation")
}
