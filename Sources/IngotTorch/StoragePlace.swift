// SPDX-License-Identifier: Apache-2.0

/// Where bytes lie: of a storage, of a pickle, of an array inside a pickle.
enum StoragePlace: Sendable, Hashable {
  /// A whole member of the archive, by its position in the directory.
  case member(Int)
  /// A range of the mapped file.
  case file(Range<Int>)
  /// A range of bytes that had to be decoded, by their position on the shelf.
  case owned(Int, Range<Int>)

  /// How many bytes there are, where the place itself says so: not for a member.
  var byteCount: Int {
    switch self {
    case .member: preconditionFailure("a member's size is in the archive")
    case .file(let range), .owned(_, let range): range.count
    }
  }

  /// Part of the bytes.
  ///
  /// - Parameter range: within the bytes; they are no member, which is lent only whole.
  /// - Returns: the part's place.
  func part(_ range: Range<Int>) -> StoragePlace {
    switch self {
    case .member: preconditionFailure("a member is lent whole")
    case .file(let whole): .file(Self.part(range, of: whole))
    case .owned(let index, let whole): .owned(index, Self.part(range, of: whole))
    }
  }

  private static func part(_ range: Range<Int>, of whole: Range<Int>) -> Range<Int> {
    precondition(range.lowerBound >= 0 && range.upperBound <= whole.count, "a part lies within the whole")
    return whole.lowerBound + range.lowerBound..<whole.lowerBound + range.upperBound
  }
}
