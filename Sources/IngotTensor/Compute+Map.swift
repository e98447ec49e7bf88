// SPDX-License-Identifier: Apache-2.0

import Synchronization

extension Compute {
  /// Computes `body` for 0, 1, … `count − 1` on all threads and returns the results in that order.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - body: runs on any thread.
  /// - Returns: the results, in order.
  /// - Throws: the error of the lowest index that failed.
  public func map<T: Sendable>(_ count: Int, _ body: @Sendable (Int) throws -> T) throws -> [T] {
    let results = Mutex<[Result<T, any Error>?]>([Result<T, any Error>?](repeating: nil, count: count))
    split(count) { part in
      for index in part {
        let result = Result { try body(index) }
        results.withLock { $0[index] = result }
      }
    }
    return try results.withLock { try $0.compactMap { try $0?.get() } }
  }
}
