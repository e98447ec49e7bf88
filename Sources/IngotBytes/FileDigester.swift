// SPDX-License-Identifier: Apache-2.0

/// A part of a mapped file, or all of it.
public struct FilePart: Sendable {
  /// The file.
  public let file: MappedFile
  /// Which of its bytes.
  public let range: Range<Int>

  /// Refers to a whole file.
  public init(_ file: MappedFile) {
    self.init(file, 0..<file.size)
  }

  /// Refers to a part of a file, which must lie within it.
  public init(_ file: MappedFile, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= file.size, "a part of the file")
    self.file = file
    self.range = range
  }
}

/// Hashes parts of files step by step: two at a time, or one beside a stream of other bytes.
struct FileDigester {
  /// One part on its way.
  private struct Lane {
    let part: FilePart
    let index: Int
    var stream = SHA256Stream()
    var position: Int
    /// Up to where its pages were given back.
    var released: Int

    init(_ part: FilePart, index: Int) {
      self.part = part
      self.index = index
      position = part.range.lowerBound
      released = position
    }

    var remaining: Int { part.range.upperBound - position }

    mutating func advance(by count: Int) {
      position += count
      let end = remaining == 0 ? position : position - FileDigester.keptLength
      guard end - released >= FileDigester.releaseLength || remaining == 0 else { return }
      part.file.release(released..<max(released, end))
      released = max(released, end)
    }
  }

  /// After how many bytes pages are given back.
  private static let releaseLength = 4 << 20
  /// How many bytes behind: whoever converts the same file is nearby.
  private static let keptLength = 16 << 20

  private let parts: [FilePart]
  private var next = 0
  private var first: Lane?
  private var second: Lane?
  /// Parallel to the parts; complete when `isDone`.
  private(set) var digests: [SHA256Digest?]

  init(_ parts: [FilePart]) {
    self.parts = parts
    digests = [SHA256Digest?](repeating: nil, count: parts.count)
    refill()
  }

  /// How many bytes of all parts are hashed.
  private(set) var hashed = 0

  /// Whether all parts are hashed.
  var isDone: Bool { first == nil }

  /// Hashes up to `count` more bytes, of each of two parts if there are two.
  mutating func step(_ count: Int) {
    guard var lane = first else { return }
    let file = lane.part.file
    if var other = second {
      let count = min(count, lane.remaining, other.remaining)
      let otherFile = other.part.file
      SHA256Stream.update(
        &lane.stream, file.bytes(in: lane.position..<lane.position + count),
        and: &other.stream, otherFile.bytes(in: other.position..<other.position + count))
      lane.advance(by: count)
      other.advance(by: count)
      second = other
      hashed += 2 * count
    } else {
      let count = min(count, lane.remaining)
      lane.stream.update(file.bytes(in: lane.position..<lane.position + count))
      lane.advance(by: count)
      hashed += count
    }
    first = lane
    refill()
  }

  /// Hashes bytes into a stream, and beside them as many bytes of the parts as there are left.
  mutating func step(beside bytes: RawSpan, _ stream: inout SHA256Stream) {
    var start = 0
    while start < bytes.byteCount, var lane = first {
      let file = lane.part.file
      let count = min(bytes.byteCount - start, lane.remaining)
      SHA256Stream.update(
        &lane.stream, file.bytes(in: lane.position..<lane.position + count),
        and: &stream, bytes.extracting(start..<start + count))
      lane.advance(by: count)
      first = lane
      start += count
      hashed += count
      refill()
    }
    stream.update(bytes.extracting(start..<bytes.byteCount))
  }

  /// Ends parts that are complete and begins others in their place.
  private mutating func refill() {
    while true {
      if let lane = first, lane.remaining == 0 {
        digests[lane.index] = lane.stream.finalize()
        first = nil
      }
      if let lane = second, lane.remaining == 0 {
        digests[lane.index] = lane.stream.finalize()
        second = nil
      }
      if first == nil { (first, second) = (second, nil) }
      guard first == nil || second == nil, next < parts.count else { return }
      let lane = Lane(parts[next], index: next)
      next += 1
      if first == nil { first = lane } else { second = lane }
    }
  }
}
