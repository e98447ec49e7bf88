// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
import IngotBytes

extension Compute {
  /// Computes `body` for 0, 1, … `count − 1` on all threads and returns the results in that order.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - body: runs on any thread.
  /// - Returns: the results, in order.
  /// - Throws: the error of the lowest index that failed.
  public func map<T: Sendable>(_ count: Int, _ body: @Sendable (Int) throws -> T) throws -> [T] {
    let results = Guarded<[Result<T, any Error>?]>([Result<T, any Error>?](repeating: nil, count: count))
    split(count) { part in
      for index in part {
        let result = Result { try body(index) }
        results.withLock { $0[index] = result }
      }
    }
    return try results.withLock { try $0.compactMap { try $0?.get() } }
  }

  /// Computes `body` for 0, 1, … `count − 1` on all threads, some ahead of `consume`, which gets the results in order on this thread.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - ahead: how many results for each thread may wait for `consume`, and as many again be computed; at least 1.
  ///   - body: runs on any thread.
  ///   - consume: runs on the calling thread, while further results are computed on the others.
  /// - Throws: the error of the lowest index that failed, or what `consume` throws.
  public func pipeline<T: Sendable>(
    _ count: Int, ahead: Int = 3, _ body: @Sendable (Int) throws -> T, consume: (T) throws -> Void
  ) throws {
    let group = ahead * threads
    var finished: [T] = []
    for start in stride(from: 0, to: count, by: group) {
      let previous = finished
      finished = try map(
        min(group, count - start), { try body(start + $0) }, meanwhile: { try previous.forEach(consume) })
    }
    try finished.forEach(consume)
  }

  /// As `pipeline`, with a thread of its own for each computation: nobody waits for anybody within one.
  ///
  /// Where there is too little to do for that, or somebody watches the products, one computation has all threads after the other.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - ahead: how many results for each thread may wait for `consume`, and as many again be computed; at least 1.
  ///   - body: runs on any thread; computes as it is told, with results of the same bits.
  ///   - consume: runs on the calling thread.
  /// - Throws: the error of the lowest index that failed, or what `consume` throws.
  public func pipelineApart<T: Sendable>(
    _ count: Int, ahead: Int = 3, _ body: @Sendable (Int, Compute) throws -> T, consume: (T) throws -> Void
  ) throws {
    guard threads > 1, count >= 2 * threads, observer == nil else {
      for index in 0..<count { try consume(body(index, self)) }
      return
    }
    // A pool serves one caller at a time.
    let free = Guarded((0..<threads).map { _ in Compute(path: path, threads: 1) })
    try pipeline(
      count, ahead: ahead,
      { index in
        let compute = free.withLock { $0.popLast() } ?? Compute(path: path, threads: 1)
        defer { free.withLock { $0.append(compute) } }
        return try body(index, compute)
      }, consume: consume)
  }

  /// As `map`, with something else done on the calling thread meanwhile.
  private func map<T: Sendable>(
    _ count: Int, _ body: @Sendable (Int) throws -> T, meanwhile: () throws -> Void
  ) throws -> [T] {
    let results = Guarded<[Result<T, any Error>?]>([Result<T, any Error>?](repeating: nil, count: count))
    let next = Guarded(0)
    let outcome = withoutActuallyEscaping(body) { body in
      let worker = { @Sendable in
        while true {
          let index = next.withLock { index in
            index += 1
            return index - 1
          }
          guard index < count else { return }
          let result = Result { try body(index) }
          results.withLock { $0[index] = result }
        }
      }
      let helpers = DispatchGroup()
      for _ in 1..<max(1, threads) { DispatchQueue.global().async(group: helpers, execute: worker) }
      let outcome = Result { try meanwhile() }
      worker()
      helpers.wait()
      return outcome
    }
    try outcome.get()
    return try results.withLock { try $0.compactMap { try $0?.get() } }
  }
}
