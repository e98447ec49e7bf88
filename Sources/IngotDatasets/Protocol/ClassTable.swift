// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The classes of a dataset in the order of its labels, each with what the dataset's files call it and with its names for prompts.
public struct ClassTable: Sendable, Hashable {
  /// One class.
  public struct Class: Sendable, Hashable {
    /// What the dataset's files call it: a folder, a number, a word.
    public let key: String
    /// Its names for prompts, at least one; the first one is shown to people.
    public let names: [String]

    /// Makes a class.
    ///
    /// - Parameters:
    ///   - key: what the dataset's files call it.
    ///   - names: its names for prompts, at least one.
    public init(key: String, names: [String]) {
      precondition(!names.isEmpty, "a class has a name")
      self.key = key
      self.names = names
    }
  }

  /// The classes; a label is an index into them.
  public let classes: [Class]
  private let indices: [String: Int]

  /// Makes a table.
  ///
  /// - Parameter classes: in the order of labels.
  /// - Throws: `malformed` when there are none, or two have one key.
  public init(_ classes: [Class]) throws(CheckpointError) {
    guard !classes.isEmpty else { throw CheckpointError(.malformed, .dataset, subject: "classes", "there are none") }
    var indices: [String: Int] = [:]
    for (index, entry) in classes.enumerated() {
      if let first = indices.updateValue(index, forKey: entry.key) {
        throw CheckpointError(
          .malformed, .dataset, subject: entry.key, "classes \(first) and \(index) are both called so, expected one")
      }
    }
    self.classes = classes
    self.indices = indices
  }

  /// How many classes.
  public var count: Int { classes.count }

  /// The class that the dataset's files call `key`.
  public func index(of key: String) -> Int? { indices[key] }

  /// Names that more than one class has, with those classes: their scores are equal to the bit.
  public var sharedNames: [(name: String, classes: [Int])] {
    var owners: [String: [Int]] = [:]
    for (index, entry) in classes.enumerated() {
      for name in Set(entry.names) { owners[name, default: []].append(index) }
    }
    return owners.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { (name: $0.key, classes: $0.value) }
  }

  /// A table with the names of `other` under the keys of this one.
  ///
  /// - Parameter other: as many classes, in this order or under these keys.
  /// - Returns: the table.
  /// - Throws: `mismatch` when it has other keys or another number of classes.
  func renamed(_ other: NamedClasses) throws(CheckpointError) -> ClassTable {
    guard other.entries.count == count else {
      throw CheckpointError(
        .mismatch, .dataset, subject: "class names",
        "\(other.entries.count) classes have names, the dataset has \(count)")
    }
    guard other.hasKeys else {
      return try ClassTable(zip(classes, other.entries).map { Class(key: $0.key, names: $1.names) })
    }
    let names = Dictionary(other.entries.map { ($0.key, $0.names) }) { first, _ in first }
    var renamed: [Class] = []
    for entry in classes {
      guard let found = names[entry.key] else {
        throw CheckpointError(
          .mismatch, .dataset, subject: entry.key, "this class of the dataset has no name in the file")
      }
      renamed.append(Class(key: entry.key, names: found))
    }
    return try ClassTable(renamed)
  }
}
