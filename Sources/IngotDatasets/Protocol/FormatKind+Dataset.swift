// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension FormatKind {
  /// Faults of a dataset as a whole: a file that contradicts another, a label outside the classes, a wrong count.
  public static let dataset = FormatKind(rawValue: "dataset")
}
