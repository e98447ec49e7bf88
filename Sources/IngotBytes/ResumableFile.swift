// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file that is written from front to back, perhaps by several runs one after the other, and appears at its path when it is complete.
///
/// Until then it is `PATH.partial`, which a killed process leaves behind. Nothing says how much of that is good: whoever writes it keeps a
/// record of its own, and passes it to the next run.
public final class ResumableFile {
  /// The path the file will have.
  public let path: String
  /// Bytes written so far.
  public private(set) var size: Int
  private let descriptor: Int32

  /// Opens the partial file, or begins it, and cuts off what lies beyond `size`.
  ///
  /// - Parameters:
  ///   - path: where the file will appear.
  ///   - size: how many bytes of the partial file are good; 0 to begin.
  /// - Throws: `FileError.cannotCreate` when it cannot be opened for writing, or another process is writing it; `FileError.inputOutput` when
  ///   it is shorter.
  public init(path: String, resumingAt size: Int) throws(FileError) {
    self.path = path
    self.size = size
    let partial = Self.partialPath(for: path)
    descriptor = SystemCalls.open(partial, O_RDWR | O_CREAT, mode: 0o644)
    guard descriptor >= 0 else { throw FileError(.cannotCreate, path: partial, call: "open") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw FileError(.cannotCreate, path: partial, "another process is writing it")
    }
    var status = stat()
    // SAFETY: `status` is a valid place to write to.
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError(.inputOutput, path: partial, call: "fstat") }
    guard Int(status.st_size) >= size else {
      throw FileError(.inputOutput, path: partial, "has \(status.st_size) bytes, the record says \(size)")
    }
    guard ftruncate(descriptor, off_t(size)) == 0 else {
      throw FileError(.inputOutput, path: partial, call: "ftruncate")
    }
  }

  deinit { close(descriptor) }

  /// Where the bytes are until the file is complete.
  public static func partialPath(for path: String) -> String { path + ".partial" }

  /// Adds bytes at the end.
  ///
  /// - Throws: `FileError.inputOutput`, for example when the disk is full; what was good before still is.
  public func append(_ bytes: RawSpan) throws(FileError) {
    var done = 0
    while done < bytes.byteCount {
      let rest = bytes.extracting(done..<bytes.byteCount)
      // SAFETY: pwrite reads exactly the bytes of the span, within the call.
      let written = unsafe rest.withUnsafeBytes {
        unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(size + done))
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError(
          .inputOutput, path: Self.partialPath(for: path), call: "write \(bytes.byteCount) bytes at \(size + done)")
      }
      done += written
    }
    size += done
  }

  /// Brings what was written to the device, so that a record of it holds even after a power failure.
  ///
  /// - Throws: `FileError.inputOutput`.
  public func sync() throws(FileError) {
    guard fsync(descriptor) == 0 else {
      throw FileError(.inputOutput, path: Self.partialPath(for: path), call: "fsync")
    }
  }

  /// Gives the complete file its name, replacing what is there.
  ///
  /// - Throws: `FileError`.
  public func commit() throws(FileError) {
    try sync()
    guard SystemCalls.rename(Self.partialPath(for: path), path) else {
      throw FileError(.cannotCreate, path: path, call: "rename")
    }
  }

  /// Removes a partial file, if there is one.
  public static func discard(path: String) {
    SystemCalls.unlink(partialPath(for: path))
  }
}

/// Questions about files that no reader answers.
public enum FileStatus {
  /// Whether there is something at a path.
  public static func exists(_ path: String) -> Bool { SystemCalls.mode(of: path) != nil }

  /// Makes a folder, and those it lies in.
  ///
  /// - Throws: `FileError.cannotCreate`.
  public static func makeFolder(_ path: String) throws(FileError) {
    if let mode = SystemCalls.mode(of: path) {
      guard mode & S_IFMT == S_IFDIR else { throw FileError(.cannotCreate, path: path, "exists and is no folder") }
      return
    }
    if let slash = path.dropLast(path.hasSuffix("/") ? 1 : 0).lastIndex(of: "/"), slash != path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    guard SystemCalls.makeFolder(path) || errno == EEXIST else {
      throw FileError(.cannotCreate, path: path, call: "mkdir")
    }
  }

  /// Removes a file, if there is one.
  public static func remove(_ path: String) { SystemCalls.unlink(path) }
}
