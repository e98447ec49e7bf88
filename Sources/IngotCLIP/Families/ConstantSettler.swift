// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Settles the constants that no tensor shape reveals, and remembers where each was taken from.
///
/// A constant that nothing settles is listed, with the option that would: it is never guessed.
struct ConstantSettler {
  /// Where each constant was taken from, by its path in the configuration.
  private(set) var sources: [String: ConstantSource] = [:]
  private var unsettled: [(key: String, remedy: String)] = []

  /// Takes the first value that there is.
  ///
  /// - Parameters:
  ///   - key: the constant's path, for example `vision.activation`.
  ///   - candidates: values by descending authority.
  ///   - placeholder: what is returned when there is none; `finish` then throws.
  ///   - remedy: what would settle it.
  /// - Returns: the value.
  mutating func settle<Value>(
    _ key: String, _ candidates: [(value: Value?, source: ConstantSource)], placeholder: Value, remedy: String
  ) -> Value {
    for (value, source) in candidates {
      guard let value else { continue }
      sources[key] = source
      return value
    }
    unsettled.append((key, remedy))
    return placeholder
  }

  /// Records a constant that is known.
  mutating func note(_ key: String, _ source: ConstantSource) { sources[key] = source }

  /// Ends.
  ///
  /// - Throws: `undetermined`, naming every constant that nothing settled and what would.
  func finish(_ title: String) throws(CheckpointError) {
    guard let first = unsettled.first else { return }
    let keys = unsettled.map(\.key).joined(separator: ", ")
    throw CheckpointError(
      .undetermined, .clip, subject: first.key,
      "nothing in this \(title) checkpoint or beside it says \(keys), and a wrong guess would change every result; "
        + Set(unsettled.map(\.remedy)).sorted().joined(separator: "; "))
  }
}
