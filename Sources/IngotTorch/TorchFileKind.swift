// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes

/// The generations of PyTorch's files, told by their content.
enum TorchFileKind {
  case archive, legacyStream, tar, pickle
  /// A file of PyTorch's that holds no checkpoint; what it is.
  case other(String)

  init?(_ file: MappedFile) {
    if ZipArchive.recognises(file) {
      self = .archive
    } else if LegacyStream.magicEnd(file.bytes) != nil {
      self = .legacyStream
    } else if Self.isPickle(file) {
      self = .pickle
    } else if TarArchive.recognises(file) {
      self = .tar
    } else if file.size >= 8, file.bytes(in: 4..<8).copied().elementsEqual("PTMF".utf8) {
      self = .other("a PyTorch mobile module, which holds a program; save the state_dict with torch.save")
    } else {
      return nil
    }
  }

  /// How a pickle of protocol 0 or 1 that holds a mapping or a list may begin.
  private static let oldStarts = ["(dp", "(lp", "(d.", "(l.", "}q", "}(", "}.", "]q", "](", "]."]

  /// Protocols 2 to 5 say so in two bytes; older ones end with a STOP, and begin with a container or the name of a class.
  private static func isPickle(_ file: MappedFile) -> Bool {
    guard file.size >= 2 else { return false }
    let start = file.bytes(in: 0..<min(file.size, 256)).copied()
    if start[0] == 0x80 { return start[1] <= UInt8(PickleMachine.highestProtocol) }
    guard file.bytes[byte: file.size - 1] == UInt8(ascii: ".") else { return false }
    if oldStarts.contains(where: { start.starts(with: $0.utf8) }) { return true }
    guard start[0] == UInt8(ascii: "c") else { return false }
    // `c`, a dotted module, a newline, a name, a newline.
    let lines = start.dropFirst().split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
    return lines.count == 3 && lines.prefix(2).allSatisfy { line in !line.isEmpty && line.allSatisfy(isNameByte) }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
