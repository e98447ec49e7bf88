// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension FormatKind {
  /// Faults of a zip archive.
  public static let zip = FormatKind(rawValue: "zip")
  /// Faults of a gzip stream.
  public static let gzip = FormatKind(rawValue: "gzip")
}

/// What to do about the CRC-32 of archive members.
public enum ChecksumPolicy: Sendable, Hashable {
  /// Compare it when a member is first read.
  case verify
  /// Leave it: for archives written with checksums turned off.
  case ignore
}

/// One member of a zip archive, as both its headers describe it.
public struct ZipEntry: Sendable, Hashable {
  /// How a member is stored.
  public enum Method: UInt16, Sendable {
    /// As it is.
    case stored = 0
    /// Deflated (RFC 1951).
    case deflated = 8
  }

  /// The name, with `/` between folders.
  public let name: String
  /// How it is stored.
  public let method: Method
  /// CRC-32 of the content.
  public let crc: UInt32
  /// Size of the content in bytes.
  public let size: Int
  /// Where the stored bytes lie in the file.
  public let payload: Range<Int>
  /// Position in the central directory.
  public let index: Int

  /// Whether the entry only names a folder.
  public var isFolder: Bool { name.hasSuffix("/") }
}
