// SPDX-License-Identifier: Apache-2.0

/// A fault found in the bytes of a file: what kind, in which format, where, and both sides of the disagreement.
///
/// Two errors are equal when code, format and subject are equal: tests compare kinds, not prose.
public struct CheckpointError: Error, Sendable {
  /// The kind of fault.
  ///
  /// One condition has one code.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The file ends before what it announces.
    case truncated
    /// The bytes do not follow the format's grammar.
    case malformed
    /// The bytes follow the grammar and contradict each other or a digest.
    case corrupt
    /// A number, or a product of numbers, does not fit its type.
    case overflow
    /// The file asks for more memory, depth or items than is allowed.
    case limit
    /// The file is well formed, and holds something that is not supported.
    case unsupported
    /// The file names executable code.
    case dangerous
    /// Something that must be present is not.
    case missing
    /// Two things that must agree (shapes, types, lists of tensors) do not.
    case mismatch
    /// Nothing in the file settles a choice that would change results; an option must.
    case undetermined
  }

  /// The kind of fault.
  public let code: Code
  /// The format whose rules are broken.
  public let format: FormatKind
  /// Byte offset in the file, or in the archive member that `subject` names.
  public let offset: Int?
  /// The tensor, archive member, pickle global or section concerned.
  public let subject: String?
  /// What was found and what was expected, with both numbers.
  public let detail: String

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - code: the kind of fault.
  ///   - format: the format whose rules are broken.
  ///   - offset: byte offset in the file, or in the member that `subject` names.
  ///   - subject: the tensor, member, global or section concerned.
  ///   - detail: found and expected, with both numbers.
  public init(
    _ code: Code, _ format: FormatKind, at offset: Int? = nil, subject: String? = nil, _ detail: String
  ) {
    self.code = code
    self.format = format
    self.offset = offset
    self.subject = subject
    self.detail = detail
  }
}

extension CheckpointError: Equatable, Hashable {
  /// Compares code, format and subject; the prose and the place may differ.
  public static func == (left: CheckpointError, right: CheckpointError) -> Bool {
    left.code == right.code && left.format == right.format && left.subject == right.subject
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(code)
    hasher.combine(format)
    hasher.combine(subject)
  }
}

extension CheckpointError: CustomStringConvertible {
  /// For example ``torch-pickle+0x1a3 `visual.proj`: truncated: storage needs 786432 bytes, 1024 left``.
  public var description: String {
    var text = format.rawValue
    if let offset { text += "+0x" + String(offset, radix: 16) }
    if let subject { text += " `\(subject)`" }
    return text + ": \(code.rawValue): \(detail)"
  }
}
