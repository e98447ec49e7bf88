// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Names of classes as a person writes them: one class a line.
///
/// A line is a name, or a key and names with tabs between them; either all lines have tabs or none has. Empty lines are passed over.
public struct NamedClasses: Sendable, Hashable {
  let entries: [ClassTable.Class]
  /// Whether keys are given; without them the order is that of labels.
  let hasKeys: Bool

  /// Reads a file of class names.
  ///
  /// - Parameter path: the file.
  /// - Throws: `FileError`, and `malformed` for text that is not UTF-8, an empty name, a key that stands twice, or lines of both kinds.
  public init(contentsOf path: String) throws {
    try self.init(lines: try textLines(of: path), subject: path)
  }

  init(lines: [String], subject: String) throws(CheckpointError) {
    var entries: [ClassTable.Class] = []
    var hasKeys: Bool?
    var places: [String: Int] = [:]
    for (number, line) in lines.enumerated() where !line.isEmpty {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      func fault(_ detail: String) -> CheckpointError {
        CheckpointError(.malformed, .dataset, subject: subject, "line \(number + 1): \(detail)")
      }
      guard hasKeys == nil || hasKeys == (parts.count > 1) else {
        throw fault("has \(parts.count - 1) tabs; either all lines have a key, a tab and names, or none has")
      }
      hasKeys = parts.count > 1
      guard parts.allSatisfy({ !$0.isEmpty }) else { throw fault("a name is empty") }
      if let first = places.updateValue(number, forKey: parts[0]) {
        throw fault("`\(parts[0])` stands on line \(first + 1), too")
      }
      entries.append(ClassTable.Class(key: parts[0], names: parts.count > 1 ? Array(parts.dropFirst()) : parts))
    }
    guard let hasKeys else { throw CheckpointError(.malformed, .dataset, subject: subject, "there are no class names") }
    self.entries = entries
    self.hasKeys = hasKeys
  }
}

/// Templates of prompts, in which `{}` stands for the name of a class.
public enum PromptTemplates {
  /// Ours, for datasets that have none of their own.
  public static let general = [
    "a photo of a {}.", "a picture of a {}.", "an image of a {}.", "a close-up of a {}.", "a photo of one {}.",
    "a photo of several {}.", "a bright photo of a {}.", "a dark photo of a {}.", "a blurry photo of a {}.",
    "a sharp photo of a {}.", "a photo of part of a {}.", "a {}, seen from far away.",
  ]

  /// Reads a file of templates, one a line.
  ///
  /// - Parameter path: the file; empty lines are passed over.
  /// - Returns: the templates.
  /// - Throws: `FileError`, and `malformed` for a template that does not have `{}` exactly once.
  public static func read(contentsOf path: String) throws -> [String] {
    var templates: [String] = []
    for (number, line) in try textLines(of: path).enumerated() where !line.isEmpty {
      let count = line.split(separator: "{}", omittingEmptySubsequences: false).count - 1
      guard count == 1 else {
        throw CheckpointError(
          .malformed, .dataset, subject: path,
          "line \(number + 1) has {} \(count) times, expected once: \(line.prefix(80))")
      }
      templates.append(line)
    }
    guard !templates.isEmpty else {
      throw CheckpointError(.malformed, .dataset, subject: path, "there are no templates")
    }
    return templates
  }
}
