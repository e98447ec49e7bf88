// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension ClassTable {
  /// The class that the dataset's files call `key`, which must be one.
  ///
  /// - Parameters:
  ///   - key: what the files say.
  ///   - subject: the file, for the message.
  ///   - place: a line or sample, for the message.
  /// - Returns: its index.
  /// - Throws: `malformed` when there is none.
  func requireIndex(of key: String, in subject: String, at place: String) throws(CheckpointError) -> Int {
    guard let index = index(of: key) else {
      throw CheckpointError(
        .malformed, .dataset, subject: subject,
        "\(place): `\(key.prefix(80))` is none of the \(count) classes (\(classes[0].key) to \(classes[count - 1].key))"
      )
    }
    return index
  }
}

extension DatasetDescription {
  /// The classes, which the paper's datasets have.
  var paperClasses: ClassTable {
    guard let classes else { preconditionFailure("the paper's datasets have classes") }
    return classes
  }
}
