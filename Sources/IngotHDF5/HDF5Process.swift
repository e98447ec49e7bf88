// SPDX-License-Identifier: Apache-2.0

import Glibc
import IngotBytes

/// A child process that calls libhdf5 for this one.
///
/// Whatever it sends is checked like a file.
final class HDF5Process: HDF5Reader, @unchecked Sendable {
  // Sendable: the process and its pipes are used under the lock only.
  private let process: ChildProcess
  private let lock = Guarded(())
  private let description: [UInt8]
  /// Memory that a description may take.
  private static let largestDescription = 1 << 28
  /// Seconds that one answer may take.
  private static let longestAnswer = 300

  /// Starts the child and takes its description of the file.
  ///
  /// - Throws: what the child says is wrong with the file; `corrupt` when it crashes, hangs or answers nonsense.
  init(program: String, file: String, patience: Int = longestAnswer) throws(CheckpointError) {
    // A request to a child that has ended is an error here, not the end of this process.
    ignoreBrokenPipes()
    do {
      process = try ChildProcess(program: program, arguments: [file])
    } catch {
      throw CheckpointError(
        .unsupported, .hdf5, "the program that reads HDF5 cannot be started: \(program); it belongs beside ingot")
    }
    let (status, content) = try Self.answer(
      of: process, at: file, limit: Self.largestDescription, patience: patience)
    guard status == 0 else {
      throw CheckpointError(.malformed, .hdf5, at: 0, String(decoding: content.prefix(1000), as: UTF8.self))
    }
    description = content
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
      try process.write(bytes)
    } catch {
      throw CheckpointError(.corrupt, .hdf5, subject: dataset.path, "the process that reads HDF5 has ended")
    }
    let (status, content) = try Self.answer(
      of: process, at: dataset.path, limit: expected, patience: Self.longestAnswer)
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
    of process: ChildProcess, at subject: String, limit: Int, patience: Int
  ) throws(CheckpointError) -> (UInt8, [UInt8]) {
    let deadline = ChildProcess.now() + 1000 * patience
    do {
      let head = try process.read(9, before: deadline)
      let count = head[1...].reversed().reduce(into: UInt64(0)) { $0 = $0 << 8 | UInt64($1) }
      guard count <= UInt64(max(limit, 1000)) else {
        _ = process.stop()
        throw CheckpointError(
          .corrupt, .hdf5, subject: subject,
          "the process that reads HDF5 announced \(count) bytes, expected at most \(max(limit, 1000))")
      }
      return (head[0], try process.read(Int(count), before: deadline))
    } catch let silence as ChildProcess.Silence {
      throw failure(of: process, silence, at: subject, patience)
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(.corrupt, .hdf5, subject: subject, "\(error)")
    }
  }

  /// Why the child gave no answer: its own words, or how it ended.
  private static func failure(
    of process: ChildProcess, _ silence: ChildProcess.Silence, at subject: String, _ patience: Int
  ) -> CheckpointError {
    let (ending, words) = process.lastWords(4096)
    if silence == .late {
      return CheckpointError(
        .limit, .hdf5, subject: subject, "libhdf5 took more than the \(patience) seconds that are allowed")
    }
    switch ending {
    case .signal(let number):
      return CheckpointError(
        .corrupt, .hdf5, subject: subject,
        "libhdf5 crashed on this file (signal \(number)); its process was on its own, nothing else is harmed"
      )
    case .status(let status):
      return HDF5Failure(words)?.error
        ?? CheckpointError(
          .corrupt, .hdf5, subject: subject,
          "the process that reads HDF5 ended with status \(status) and no answer")
    }
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

  init?(_ words: [UInt8]) {
    let parts = String(decoding: words, as: UTF8.self).split(
      separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == Self.mark, let code = CheckpointError.Code(rawValue: String(parts[1])) else {
      return nil
    }
    error = CheckpointError(
      code, .hdf5, at: Int(parts[2]), subject: parts[3].isEmpty ? nil : String(parts[3]),
      parts[4].prefix(1000).trimmed())
  }

  /// As it is written.
  package var line: String {
    "\(Self.mark)\t\(error.code.rawValue)\t\(error.offset.map { "\($0)" } ?? "")\t\(error.subject ?? "")\t\(error.detail)"
  }
}
