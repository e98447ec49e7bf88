// SPDX-License-Identifier: Apache-2.0

import Dispatch
import IngotBytes
import Synchronization

/// Computes the digest of a whole file on a thread of its own while `body` runs.
///
/// - Parameters:
///   - file: what to hash.
///   - body: gets a function that waits for the digest and gives its 64 hexadecimal digits; before it is needed in earnest, the body may
///     call it as often as it likes.
/// - Returns: what `body` returns.
func withDigest<T>(of file: MappedFile, _ body: (() -> String) throws -> T) rethrows -> T {
  let digest = Mutex<String?>(nil)
  let group = DispatchGroup()
  DispatchQueue.global().async(group: group) {
    var stream = SHA256Stream()
    let step = 8 << 20
    var start = 0
    while start < file.size {
      let end = min(start + step, file.size)
      stream.update(file.bytes(in: start..<end))
      file.release(start..<end)
      start = end
    }
    digest.withLock { $0 = stream.finalize().description }
  }
  defer { group.wait() }
  return try body {
    group.wait()
    return digest.withLock { $0 } ?? ""
  }
}
