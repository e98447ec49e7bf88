// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An open descriptor that bytes flow through: a standard stream of this process, or one end of a pipe.
public struct ByteStream: Sendable {
  /// What is read from this process's standard input.
  public static let standardInput = ByteStream(STDIN_FILENO, "standard input")
  /// Results.
  public static let standardOutput = ByteStream(STDOUT_FILENO, "standard output")
  /// All that is no result.
  public static let standardError = ByteStream(STDERR_FILENO, "standard error")

  let descriptor: Int32
  private let name: String

  init(_ descriptor: Int32, _ name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Whether a person is at the other end.
  public var isTerminal: Bool { isatty(descriptor) != 0 }

  /// Writes bytes, all of them.
  ///
  /// - Throws: `FileError.inputOutput`; for a pipe that nobody reads only where SIGPIPE is ignored, which otherwise ends the process.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    var done = 0
    while done < bytes.count {
      // SAFETY: write reads at most the bytes from `done` on, within the call.
      let written = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress.map { unsafe $0 + done }, $0.count - done)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError(.inputOutput, path: name, call: "write")
      }
      done += written
    }
  }

  /// Writes text as UTF-8.
  ///
  /// - Throws: as `write(_:)` of bytes does.
  public func write(_ text: String) throws(FileError) {
    try write(Array(text.utf8))
  }

  /// Reads what there is, waiting for the first byte.
  ///
  /// - Parameter count: the most that is read.
  /// - Returns: at least one byte; none at the end.
  /// - Throws: `FileError.inputOutput`.
  public func read(upTo count: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    while true {
      // SAFETY: read writes at most the bytes of the array, within the call.
      let found = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if found >= 0 {
        bytes.removeLast(count - found)
        return bytes
      }
      guard errno == EINTR else { throw FileError(.inputOutput, path: name, call: "read") }
    }
  }

  /// Reads so many bytes.
  ///
  /// - Parameter count: how many.
  /// - Returns: fewer at the end only.
  /// - Throws: `FileError.inputOutput`.
  public func read(exactly count: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let part = try read(upTo: min(count - bytes.count, 1 << 20))
      if part.isEmpty { break }
      bytes += part
    }
    return bytes
  }

  /// Waits until there is something to read, or the other end is closed.
  ///
  /// - Parameter milliseconds: how long to wait.
  /// - Returns: `false` when there was nothing.
  func isReadable(within milliseconds: Int) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // SAFETY: one request, which is valid for the call.
    return unsafe poll(&request, 1, Int32(clamping: milliseconds)) > 0
  }
}
