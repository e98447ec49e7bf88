// SPDX-License-Identifier: Apache-2.0

import Dispatch
import IngotBytes
import Synchronization

/// Computes the digests of whole files on a thread of its own while `body` runs.
///
/// - Parameters:
///   - files: what to hash.
///   - body: gets a function that waits for the digests and gives the 64 hexadecimal digits of each; before they are needed in earnest, the
///     body may call it as often as it likes.
/// - Returns: what `body` returns.
func withDigests<T>(of files: [MappedFile], _ body: (() -> [String]) throws -> T) rethrows -> T {
  let digests = Mutex<[String]>([])
  let group = DispatchGroup()
  DispatchQueue.global().async(group: group) {
    for file in files {
      var stream = SHA256Stream()
      let step = 8 << 20
      var start = 0
      while start < file.size {
        let end = min(start + step, file.size)
        stream.update(file.bytes(in: start..<end))
        file.release(start..<end)
        start = end
      }
      let digest = stream.finalize().description
      digests.withLock { $0.append(digest) }
    }
  }
  defer { group.wait() }
  return try body {
    group.wait()
    return digests.withLock { $0 }
  }
}
