// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import Synchronization

/// A child process that calls libhdf5 for this one.
///
/// Whatever it sends is checked like a file.
final class HDF5Process: HDF5Reader, @unchecked Sendable {
  // Sendable: the process and its pipes are used under the lock only.
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors = Pipe()
  private let lock = Mutex(())
  private let description: [UInt8]
  /// Memory that a description may take.
  private static let largestDescription = 1 << 28
  /// Seconds that one answer may take.
  private static let longestAnswer = 300

  /// Starts the child and takes its description of the file.
  ///
  /// - Throws: what the child says is wrong with the file; `corrupt` when it crashes, hangs or answers nonsense.
  init(program: String, file: String, patience: Int = longestAnswer) throws(CheckpointError) {
    process.executableURL = URL(filePath: program)
    process.arguments = [file]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    // A request to a child that has ended is an error here, not the end of this process.
    ignoreBrokenPipes()
    do {
      try process.run()
    } catch {
      throw CheckpointError(
        .unsupported, .hdf5, "the program that reads HDF5 cannot be started: \(program); it belongs beside ingot")
    }
    let (status, content) = try Self.answer(
      from: output, of: process, errors, at: file, limit: Self.largestDescription, patience: patience)
    guard status == 0 else {
      throw CheckpointError(.malformed, .hdf5, at: 0, String(decoding: content.prefix(1000), as: UTF8.self))
    }
    description = content
  }

  deinit {
    try? input.fileHandleForWriting.close()
    Self.stop(process)
  }

  /// Ends the child whatever it does: a request to terminate could be blocked.
  private static func stop(_ process: Process) {
    if process.isRunning { _ = kill(process.processIdentifier, SIGKILL) }
  }

  func describe() throws(CheckpointError) -> [UInt8] { description }

  func read(
    _ dataset: HDF5Description.Dataset, index: Int, rows: Range<Int>?
  ) throws(CheckpointError) -> [UInt8] {
    let result = lock.withLock { _ -> Result<[UInt8], CheckpointError> in
      do throws(CheckpointError) {
        return .success(try request(dataset, index, rows))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// A request is three numbers of eight bytes: the dataset's, its first row, and how many rows; all of them where that is 2^63 - 1.
  private func request(
    _ dataset: HDF5Description.Dataset, _ index: Int, _ rows: Range<Int>?
  ) throws(CheckpointError) -> [UInt8] {
    let expected = dataset.byteCount(of: rows)
    let bytes = [index, rows?.lowerBound ?? 0, rows?.count ?? .max].flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    do {
      try input.fileHandleForWriting.write(contentsOf: Data(bytes))
    } catch {
      throw CheckpointError(.corrupt, .hdf5, subject: dataset.path, "the process that reads HDF5 has ended")
    }
    let (status, content) = try Self.answer(
      from: output, of: process, errors, at: dataset.path, limit: expected, patience: Self.longestAnswer)
    guard status == 0 else {
      throw CheckpointError(
        .corrupt, .hdf5, subject: dataset.path, String(decoding: content.prefix(1000), as: UTF8.self))
    }
    guard content.count == expected else {
      throw CheckpointError(
        .corrupt, .hdf5, subject: dataset.path, "found \(content.count) bytes, expected \(expected)")
    }
    return content
  }

  /// One answer of the child.
  private static func answer(
    from output: Pipe, of process: Process, _ errors: Pipe, at subject: String, limit: Int, patience: Int
  ) throws(CheckpointError) -> (UInt8, [UInt8]) {
    let late = Mutex(false)
    let watch = DispatchWorkItem {
      late.withLock { $0 = true }
      stop(process)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(patience), execute: watch)
    defer { watch.cancel() }
    guard let head = take(9, from: output),
      head[1...].reversed().reduce(into: UInt64(0), { $0 = $0 << 8 | UInt64($1) }) <= UInt64(max(limit, 1000))
    else { throw failure(of: process, errors, at: subject, isLate: late.withLock { $0 }, patience) }
    let count = head[1...].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard let content = take(count, from: output) else {
      throw failure(of: process, errors, at: subject, isLate: late.withLock { $0 }, patience)
    }
    return (head[0], content)
  }

  private static func take(_ count: Int, from pipe: Pipe) -> [UInt8]? {
    var content: [UInt8] = []
    content.reserveCapacity(min(count, 1 << 26))
    while content.count < count {
      guard let part = try? pipe.fileHandleForReading.read(upToCount: min(count - content.count, 1 << 20)),
        !part.isEmpty
      else { return nil }
      content += part
    }
    return content
  }

  /// Why the child gave no answer: its own words, or how it ended.
  private static func failure(
    of process: Process, _ errors: Pipe, at subject: String, isLate: Bool, _ patience: Int
  ) -> CheckpointError {
    stop(process)
    process.waitUntilExit()
    if isLate {
      return CheckpointError(
        .limit, .hdf5, subject: subject, "libhdf5 took more than the \(patience) seconds that are allowed")
    }
    // The child is gone: what it wrote is all there is, and a pipe holds no more than 64 KiB.
    let words = (try? errors.fileHandleForReading.read(upToCount: 4096)).flatMap { $0 } ?? Data()
    if process.terminationReason == .uncaughtSignal {
      return CheckpointError(
        .corrupt, .hdf5, subject: subject,
        "libhdf5 crashed on this file (signal \(process.terminationStatus)); its process was on its own, nothing else is harmed"
      )
    }
    if let error = HDF5Failure(words) { return error.error }
    return CheckpointError(
      .corrupt, .hdf5, subject: subject,
      "the process that reads HDF5 ended with status \(process.terminationStatus) and no answer")
  }
}

/// From now on a write to a pipe that nobody reads fails, as it does in every language with exceptions.
private func ignoreBrokenPipes() {
  _ = signal(SIGPIPE, SIG_IGN)
}

/// An error on its way from the child to its parent: one line of code, place, subject and sentence, with tabs between.
package struct HDF5Failure {
  let error: CheckpointError
  private static let mark = "ingot-hdf5"

  /// Takes an error along.
  package init(_ error: CheckpointError) { self.error = error }

  init?(_ words: Data) {
    let parts = String(decoding: words, as: UTF8.self).split(
      separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == Self.mark, let code = CheckpointError.Code(rawValue: String(parts[1])) else {
      return nil
    }
    error = CheckpointError(
      code, .hdf5, at: Int(parts[2]), subject: parts[3].isEmpty ? nil : String(parts[3]),
      String(parts[4].prefix(1000)).trimmingCharacters(in: .newlines))
  }

  /// As it is written.
  package var line: String {
    "\(Self.mark)\t\(error.code.rawValue)\t\(error.offset.map { "\($0)" } ?? "")\t\(error.subject ?? "")\t\(error.detail)"
  }
}
