// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// PyTorch's files that are not zip archives: told apart, so that the refusal can say what they are.
enum OtherTorchFile {
  /// The first pickle of PyTorch's legacy stream: protocol 2, a ten-byte LONG1 of 0x1950a86a20f9469cfc6c, STOP.
  private static let legacyMagic: [UInt8] = [
    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]

  static func kind(of file: MappedFile) -> String? {
    let start = file.bytes(in: 0..<min(file.size, 512)).copied()
    if start.count >= 2, start[0] == 0x80, start[1] <= 5 {
      if Array(start.dropFirst(2).prefix(legacyMagic.count)) == legacyMagic {
        return "PyTorch's legacy stream (before 1.6, or _use_new_zipfile_serialization=False), which cannot be read yet"
      }
      return "a bare pickle without PyTorch's archive around it, which cannot be read yet"
    }
    if start.count >= 262, start[257..<262].elementsEqual("ustar".utf8) {
      return "a tar archive (PyTorch before 0.1.10), which cannot be read yet"
    }
    if start.count >= 8, start[4..<8].elementsEqual("PTMF".utf8) {
      return "a PyTorch mobile module, which cannot be read"
    }
    return nil
  }
}
