// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

/// Computes SHA-256 digests on a thread of its own: of parts of files, and of streams of bytes that are handed over as they come about.
///
/// A stream is hashed side by side with a file, which costs little more than one of them; without a stream two files are. What is handed
/// over waits in a short queue, so that memory stays small.
public final class DigestThread: Sendable {
  /// What was computed.
  public struct Digests: Sendable {
    /// Of the parts of files, in their order.
    public let files: [SHA256Digest]
    /// Of the streams, in the order in which they ended.
    public let streams: [SHA256Digest]
  }

  private enum Item: Sendable {
    case bytes(LentBytes)
    case endOfStream
    case reached(Int)
    case close
  }

  private struct State: Sendable {
    var items: [Item] = []
    /// Up to where files may be hashed.
    var reached = 0
    var isCancelled = false
    var isClosed = false
    var outcome: Result<Digests, any Error>?
  }

  /// What both threads see; the thread outlives its owner by a moment.
  private final class Shared: Sendable {
    let state = Guarded(State())
    /// Signalled for each item.
    let items = DispatchSemaphore(value: 0)
    /// Signalled for each item that may be added.
    let room = DispatchSemaphore(value: 0)
    /// Left when the thread ends.
    let running = DispatchGroup()

    func add(_ item: Item) {
      state.withLock { $0.items.append(item) }
      items.signal()
    }
  }

  private let shared = Shared()
  private let files: [FilePart]
  private let ahead: Int?
  /// How many items may wait.
  private static let queueLength = 8
  /// Bytes of files hashed between two looks at the queue.
  private static let stepLength = 1 << 18

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - files: hashed while nothing else is to be done, and beside everything else.
  ///   - ahead: how many bytes of the files may be hashed beyond what `reach` says, except beside a stream: whoever reads the same files soon
  ///     finds their pages mapped. All of them if nil.
  public init(files: [FilePart] = [], ahead: Int? = nil) {
    for _ in 0..<Self.queueLength { shared.room.signal() }
    self.files = files
    self.ahead = ahead
    let shared = shared
    DispatchQueue(label: "ingot.digests", qos: .userInitiated).async(group: shared.running) {
      let outcome = Result { try Self.run(FileDigester(files), ahead: ahead, shared) }
      shared.state.withLock { $0.outcome = outcome }
    }
  }

  deinit {
    shared.state.withLock { $0.isCancelled = true }
    shared.items.signal()
    shared.running.wait()
  }

  /// Adds bytes to the stream in progress; waits while the queue is full.
  public func add(_ bytes: LentBytes) {
    shared.room.wait()
    shared.add(.bytes(bytes))
  }

  /// Ends the stream in progress: the next bytes begin another.
  public func endStream() {
    shared.add(.endOfStream)
  }

  /// Says how many bytes of the files somebody else has read: so many may be hashed, and what may be hashed ahead.
  ///
  /// Their pages are mapped on the calling thread: it has more time than the one that hashes.
  public func reach(_ count: Int) {
    let end = count.addingReportingOverflow(ahead ?? 0)
    let reached = end.overflow ? Int.max : end.partialValue
    let before = shared.state.withLock { state in
      defer { state.reached = max(state.reached, reached) }
      return state.reached
    }
    guard before < reached else { return }
    var start = 0
    for part in files where start < reached {
      let (first, last) = (max(before - start, 0), min(reached - start, part.range.count))
      if first < last { part.file.populate(part.range.lowerBound + first..<part.range.lowerBound + last) }
      start += part.range.count
    }
    shared.add(.reached(reached))
  }

  /// Waits until everything is hashed; nothing may be added afterwards.
  ///
  /// - Returns: the digests, the same at each call.
  /// - Throws: what reading bytes threw.
  public func finish() throws -> Digests {
    let isFirst = shared.state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    if isFirst { shared.add(.close) }
    shared.running.wait()
    guard let outcome = shared.state.withLock({ $0.outcome }) else { preconditionFailure("the thread has ended") }
    return try outcome.get()
  }

  /// The thread's work.
  private static func run(_ files: FileDigester, ahead: Int?, _ shared: Shared) throws -> Digests {
    var files = files
    var streams: [SHA256Digest] = []
    var stream = SHA256Stream()
    var failure: (any Error)?
    var isOpen = true
    var reached = ahead ?? .max
    while isOpen || !files.isDone {
      let isAhead = files.isDone || files.hashed >= reached
      if !isAhead, shared.items.wait(timeout: .now()) == .timedOut {
        files.step(min(stepLength, reached - files.hashed))
        continue
      }
      if isAhead { shared.items.wait() }
      let item = shared.state.withLock { $0.isCancelled ? nil : $0.items.removeFirst() }
      switch item {
      case .bytes(let bytes):
        do {
          try bytes.withBytes { files.step(beside: $0, &stream) }
        } catch {
          // The queue is emptied all the same: somebody may be waiting for room.
          failure = failure ?? error
        }
        bytes.release()
        shared.room.signal()
      case .endOfStream:
        streams.append(stream.finalize())
        stream = SHA256Stream()
      case .reached(let count): reached = max(reached, count)
      case .close: (isOpen, reached) = (false, .max)
      case nil: throw CancellationError()
      }
    }
    if let failure { throw failure }
    return Digests(files: files.digests.compactMap { $0 }, streams: streams)
  }
}
