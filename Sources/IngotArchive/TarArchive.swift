// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension FormatKind {
  /// Faults of a tar archive.
  public static let tar = FormatKind(rawValue: "tar")
}

/// A tar archive of plain files, read in place (POSIX.1-1988 `ustar`).
public struct TarArchive: Sendable {
  /// One file.
  public struct Member: Sendable, Hashable {
    /// The name.
    public let name: String
    /// Where its content lies in the archive.
    public let content: Range<Int>
  }

  /// The files, in the archive's order.
  public let members: [Member]

  /// What is allowed in an archive.
  public struct Limits: Sendable, Hashable {
    /// How many members there may be.
    public let members: Int
    /// Whether names may be paths, and folders stand among the members; both are never written anywhere.
    public let allowsPaths: Bool

    /// PyTorch's archives have four members; whoever has more wants something else.
    public static let checkpoint = Limits(members: 1 << 10, allowsPaths: false)
    /// Archives of a dataset's pictures.
    public static let dataset = Limits(members: 1 << 21, allowsPaths: true)
  }

  private static let block = 512

  /// Whether bytes begin with a header of a tar archive.
  public static func recognises(_ file: MappedFile) -> Bool {
    guard file.size >= block else { return false }
    return file.bytes(in: 257..<262).copied().elementsEqual("ustar".utf8)
  }

  /// Reads all headers.
  ///
  /// - Parameter file: the archive.
  /// - Throws: what the other initializer throws.
  public init(_ file: MappedFile) throws(CheckpointError) {
    try self.init(file.bytes, limits: .checkpoint)
  }

  /// Reads all headers.
  ///
  /// - Parameters:
  ///   - bytes: the archive.
  ///   - limits: what is allowed in it.
  /// - Throws: `corrupt` for a header with another checksum, `truncated`, `malformed`, and `unsupported` for members that are not
  ///   plain files: links could name any file of the reader's, extended headers could change sizes.
  public init(_ bytes: RawSpan, limits: Limits) throws(CheckpointError) {
    var members: [Member] = []
    var names: Set<String> = []
    var offset = 0
    while true {
      guard offset <= bytes.byteCount - Self.block else {
        throw CheckpointError(
          .truncated, .tar, at: offset, "a header needs \(Self.block) bytes, \(bytes.byteCount - offset) left")
      }
      let header = bytes.extracting(offset..<offset + Self.block)
      if header.firstNonzeroIndex() == nil { break }
      if limits.allowsPaths, header[byte: 156] == UInt8(ascii: "5") {
        offset += Self.block
        continue
      }
      let member = try Self.member(header.copied(), at: offset, fileSize: bytes.byteCount, limits)
      guard names.insert(member.name).inserted else {
        throw CheckpointError(.malformed, .tar, at: offset, subject: member.name, "two members have this name")
      }
      members.append(member)
      guard members.count <= limits.members else {
        throw CheckpointError(.limit, .tar, at: offset, "has more than \(limits.members) members")
      }
      offset = (member.content.upperBound + Self.block - 1) / Self.block * Self.block
    }
    self.members = members
  }

  /// The file of a name.
  public func member(named name: String) -> Member? { members.first { $0.name == name } }

  private static func member(
    _ header: [UInt8], at offset: Int, fileSize: Int, _ limits: Limits
  ) throws(CheckpointError) -> Member {
    // The checksum is the sum of all bytes, its own field taken as blanks.
    let sum = header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    guard let stated = octal(header[148..<156]), stated == sum else {
      throw CheckpointError(
        .corrupt, .tar, at: offset,
        "the header's bytes add up to \(sum), it says \(octal(header[148..<156]).map { "\($0)" } ?? "no number")")
    }
    guard let name = String(validating: header[0..<100].prefix { $0 != 0 }, as: UTF8.self), !name.isEmpty else {
      throw CheckpointError(.malformed, .tar, at: offset, "the name is empty or not UTF-8")
    }
    let kind = header[156]
    guard kind == 0 || kind == UInt8(ascii: "0") else {
      throw CheckpointError(
        .unsupported, .tar, at: offset, subject: name,
        "is of type \(Character(Unicode.Scalar(kind)).debugDescription), only plain files (0) are read")
    }
    guard header[345] == 0,
      limits.allowsPaths || !name.utf8.contains(where: [UInt8(ascii: "/"), UInt8(ascii: "\\")].contains), name != ".."
    else {
      throw CheckpointError(.malformed, .tar, at: offset, subject: name, "is a path, expected a plain name")
    }
    guard let size = octal(header[124..<136]) else {
      throw CheckpointError(.malformed, .tar, at: offset, subject: name, "its size is not an octal number")
    }
    let start = offset + block
    guard size <= fileSize - start else {
      throw CheckpointError(
        .truncated, .tar, at: offset, subject: name, "has \(size) bytes, \(fileSize - start) left")
    }
    return Member(name: name, content: start..<start + size)
  }

  /// A number as digits, ended by blanks or zeros.
  private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == 32 }.prefix { $0 != 32 && $0 != 0 }
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
  }
}
