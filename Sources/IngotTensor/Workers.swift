// SPDX-License-Identifier: Apache-2.0
//
// The pool of threads that the kernels run on; the rules of Kernels.swift hold here too.

internal import CIngotKernels
import IngotBytes

/// A few threads that wait for the kernels' work.
///
/// They are started by the first use and end with the last copy of the value that owns them.
@safe final class Workers: Sendable {
  private let threads: Int
  private let pool = Guarded<Pool?>(nil)

  /// The C pool; only the mutex above hands it out, and the pool itself lets callers take turns.
  @safe private struct Pool: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  init(threads: Int) {
    self.threads = threads
  }

  /// Lends the pool.
  func use<T>(_ body: (OpaquePointer) -> T) -> T {
    let threads = threads
    let pool = pool.withLock { pool in
      // SAFETY: the pool lives until deinit, and `body` runs while self is alive.
      let current = unsafe pool ?? Pool(pointer: ingot_pool_create(threads))
      pool = current
      return current
    }
    return unsafe body(pool.pointer)
  }

  deinit {
    pool.withLock { pool in
      // SAFETY: nobody uses the pool any more.
      if let pool { unsafe ingot_pool_destroy(pool.pointer) }
    }
  }
}
