// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A value that one thread at a time looks at.
///
/// What `Synchronization.Mutex` is for. That one is a futex within the standard library, which is built without Thread Sanitizer: it sees no
/// order between two holders and reports a race for each. POSIX's mutex is known to it, so that a report means something.
@safe public final class Guarded<Value: Sendable>: @unchecked Sendable {
  // Sendable: the value is touched under the lock only.
  private let handle: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  /// Guards a value.
  public init(_ value: Value) {
    self.value = value
    // SAFETY: the mutex keeps its address until deinit, where nobody holds it any more.
    unsafe handle = .allocate(capacity: 1)
    unsafe handle.initialize(to: pthread_mutex_t())
    let status = unsafe pthread_mutex_init(handle, nil)
    precondition(status == 0, "a mutex of the default kind can be made")
  }

  deinit {
    // SAFETY: made in init; whoever holds the lock holds self, too.
    unsafe pthread_mutex_destroy(handle)
    unsafe handle.deinitialize(count: 1)
    unsafe handle.deallocate()
  }

  /// Lends the value; others wait meanwhile, and the body must not ask for it again.
  ///
  /// - Parameter body: may change the value.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws.
  public func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    // SAFETY: the mutex was made in init.
    let status = unsafe pthread_mutex_lock(handle)
    precondition(status == 0, "the lock is taken once")
    defer { _ = unsafe pthread_mutex_unlock(handle) }
    return try body(&value)
  }
}
