// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Finds stored members by their local headers alone, in archives whose directory is missing or wrong.
///
/// For looking at suspicious files only: nothing found this way is read as data.
public enum ZipSalvage {
  /// So many members are looked for.
  private static let most = 1 << 10
  /// The fixed part of a local header.
  private static let localSize = 30

  /// The members.
  ///
  /// - Parameter bytes: the archive.
  /// - Returns: for each header its name, and the range from the member's first byte to the end of the file at most.
  public static func members(of bytes: RawSpan) -> [(name: String, content: Range<Int>)] {
    var found: [(name: String, content: Range<Int>)] = []
    var offset = 0
    while offset + localSize <= bytes.byteCount, found.count < most {
      guard let step = bytes.extracting(offset..<bytes.byteCount).firstIndex(of: 0x50) else { break }
      offset += step
      guard offset + localSize <= bytes.byteCount else { break }
      if bytes.littleEndian(UInt32.self, at: offset) == ZipHeader.localSignature {
        let nameLength = Int(bytes.littleEndian(UInt16.self, at: offset + 26))
        let extraLength = Int(bytes.littleEndian(UInt16.self, at: offset + 28))
        let start = offset + localSize + nameLength + extraLength
        if start < bytes.byteCount {
          let nameRange = offset + localSize..<offset + localSize + nameLength
          found.append((bytes.extracting(nameRange).utf8String() ?? "?", start..<bytes.byteCount))
        }
      }
      offset += 1
    }
    return found
  }
}
