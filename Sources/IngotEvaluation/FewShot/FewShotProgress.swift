// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Where few-shot probes that are done are kept, so that a killed run goes on after them.
public final class FewShotProgress {
  /// The file.
  public let path: String
  private var timer: WritingTimer
  /// Called after the file was written: where tests end a run.
  var afterWriting: () throws -> Void = {}

  /// What one probe came to.
  struct Entry: Sendable, Hashable {
    let score: Double
    let lambda: Double
  }

  private struct Header: Codable {
    var format = "ingot-few-shot-1"
    var key: String
    var probes: Int
  }

  /// Names the file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - interval: after what time it is written again.
  public init(path: String, interval: Duration = .milliseconds(500)) {
    self.path = path
    timer = WritingTimer(interval)
  }

  /// The probes that are done, in the order they are made in.
  ///
  /// - Parameters:
  ///   - key: what is computed.
  ///   - most: how many probes there are in all.
  /// - Returns: none when there is no file.
  /// - Throws: `mismatch` when it is of another computation, `corrupt` when it is damaged.
  func read(_ key: String, most: Int) throws -> [Entry] {
    guard FileStatus.exists(path) else { return [] }
    let (header, numbers) = try ProgressRecord.read(Header.self, from: path)
    guard header.format == Header(key: "", probes: 0).format, (0...most).contains(header.probes),
      numbers.count == 2 * header.probes
    else { throw ProgressRecord.damaged(path) }
    guard header.key == key else { throw ProgressRecord.other(path, header.key, expected: key) }
    return (0..<header.probes).map { Entry(score: numbers[2 * $0], lambda: numbers[2 * $0 + 1]) }
  }

  /// Writes the probes that are done, unless the file was just written.
  func note(_ done: [Entry], _ key: String) throws {
    guard timer.isDue else { return }
    try ProgressRecord.write(
      Header(key: key, probes: done.count), done.flatMap { [$0.score, $0.lambda] }, to: path)
    timer.restart()
    try afterWriting()
  }

  /// Removes the file: the computation is complete.
  public func finish() { FileStatus.remove(path) }
}
