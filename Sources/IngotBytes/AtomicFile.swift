// SPDX-License-Identifier: Apache-2.0

internal import CIngotSystem
import Glibc

/// Writes a file that appears at its path complete or not at all.
///
/// Where the file system allows it the data goes to a file without a name, which a killed process leaves no trace of; elsewhere to
/// `.NAME.PID.partial` beside the target. `commit` flushes it to the device and gives it its name in one step.
public final class AtomicFile {
  /// What to do when the path exists already.
  public enum Existing: Sendable {
    /// Refuse with `FileError.cannotCreate`.
    case refuse
    /// Replace it in one step at `commit`.
    case replace
  }

  /// The path the file will have.
  public let path: String
  /// Bytes appended so far.
  public private(set) var size = 0
  private let existing: Existing
  private let descriptor: Int32
  private var temporaryPath: String?
  private var isCommitted = false

  /// `O_TMPFILE`, which the C library's headers hide from Swift: see `man 2 open`, and `asm-generic/fcntl.h` for the value.
  private static let unnamedFile: Int32 = 0o20_000_000 | O_DIRECTORY

  /// Creates the temporary file.
  ///
  /// - Parameters:
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  ///   - access: who may do what with the new file, less the process' own mask: `man 2 chmod`.
  /// - Throws: `FileError.cannotCreate` when the folder is missing or not writable, or the path exists and may not be replaced.
  public init(path: String, existing: Existing, access: UInt32 = 0o644) throws(FileError) {
    self.path = path
    self.existing = existing
    if let mode = SystemCalls.mode(of: path) {
      guard mode & S_IFMT == S_IFREG else {
        throw FileError(.cannotCreate, path: path, "exists and is not a regular file")
      }
      if existing == .refuse {
        throw FileError(.cannotCreate, path: path, "exists already; --force replaces it")
      }
    }
    let unnamed = SystemCalls.open(FilePath.folder(of: path), Self.unnamedFile | O_RDWR, mode: access)
    if unnamed >= 0 {
      descriptor = unnamed
      return
    }
    let name = Self.partialPath(for: path)
    descriptor = SystemCalls.open(name, O_RDWR | O_CREAT | O_EXCL, mode: access)
    guard descriptor >= 0 else { throw FileError(.cannotCreate, path: path, call: "open") }
    temporaryPath = name
  }

  deinit {
    close(descriptor)
    if !isCommitted, let temporaryPath { SystemCalls.unlink(temporaryPath) }
  }

  /// Gives the file `count` zero bytes, to be overwritten in any order.
  ///
  /// Space is set aside where the file system can do that: writing is then quicker, and a full disk is found first.
  ///
  /// - Parameter count: at least as many as the file has.
  /// - Throws: `FileError.inputOutput` when there is not so much space.
  public func reserve(_ count: Int) throws(FileError) {
    precondition(count >= size, "a file grows")
    guard ingot_reserve(descriptor, Int64(count)) == 0 else {
      throw FileError(.inputOutput, path: path, call: "reserve \(count) bytes")
    }
    size = count
  }

  /// Adds bytes at the end.
  ///
  /// - Throws: `FileError.inputOutput`, for example when the disk is full.
  public func append(_ bytes: RawSpan) throws(FileError) {
    try write(bytes, at: size)
    size += bytes.byteCount
  }

  /// Adds zero bytes up to `target`, which must not lie before the current size.
  public func pad(to target: Int) throws(FileError) {
    precondition(target >= size, "padding goes forward")
    let zeros = [UInt8](repeating: 0, count: min(target - size, 65_536))
    while size < target {
      let count = min(target - size, zeros.count)
      do {
        try zeros.withRawSpan { try append($0.extracting(0..<count)) }
      } catch {
        throw (error as? FileError) ?? FileError(.inputOutput, path: path, "\(error)")
      }
    }
  }

  /// Overwrites bytes that were appended or reserved before.
  public func overwrite(_ bytes: RawSpan, at offset: Int) throws(FileError) {
    precondition(offset >= 0 && offset + bytes.byteCount <= size, "overwrites existing bytes only")
    try write(bytes, at: offset)
  }

  /// Waits until everything written so far is on the device: `commit` has less to wait for, if there is time before it.
  ///
  /// - Throws: `FileError`.
  public func flush() throws(FileError) {
    guard fdatasync(descriptor) == 0 else { throw FileError(.inputOutput, path: path, call: "fdatasync") }
  }

  /// Flushes the data and gives the file its name.
  ///
  /// - Throws: `FileError`; the target is then what it was before.
  public func commit() throws(FileError) {
    precondition(!isCommitted, "commits once")
    guard fsync(descriptor) == 0 else { throw FileError(.inputOutput, path: path, call: "fsync") }
    switch existing {
    case .refuse: try linkWithoutReplacing()
    case .replace: try renameOver()
    }
    isCommitted = true
    syncFolder()
  }

  /// Writes, and now and then has the kernel begin to bring the data to the device: `commit` has less to wait for.
  private func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.byteCount {
      let rest = bytes.extracting(done..<bytes.byteCount)
      let position = offset + done
      // SAFETY: pwrite reads exactly the bytes of the span, within the call.
      let written = unsafe rest.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(position)) }
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError(.inputOutput, path: path, call: "write \(bytes.byteCount) bytes at \(position)")
      }
      done += written
    }
    pending += done
    guard pending >= Self.writeBack else { return }
    // A hint: `commit` reports what goes wrong.
    ingot_begin_write_back(descriptor)
    pending = 0
  }

  /// How many bytes were written since the kernel was last asked to bring them to the device.
  private var pending = 0
  /// After how many bytes it is asked.
  private static let writeBack = 32 << 20

  private func linkWithoutReplacing() throws(FileError) {
    let source = temporaryPath ?? "/proc/self/fd/\(descriptor)"
    guard SystemCalls.link(source, path, flags: temporaryPath == nil ? AT_SYMLINK_FOLLOW : 0) else {
      throw FileError(.cannotCreate, path: path, call: "link")
    }
    if let temporaryPath { SystemCalls.unlink(temporaryPath) }
  }

  private func renameOver() throws(FileError) {
    if temporaryPath == nil {
      let name = Self.partialPath(for: path)
      SystemCalls.unlink(name)
      guard SystemCalls.link("/proc/self/fd/\(descriptor)", name, flags: AT_SYMLINK_FOLLOW) else {
        throw FileError(.cannotCreate, path: path, call: "link")
      }
      temporaryPath = name
    }
    guard let temporaryPath, SystemCalls.rename(temporaryPath, path) else {
      throw FileError(.cannotCreate, path: path, call: "rename")
    }
  }

  /// Makes the new name itself durable.
  ///
  /// Failure is harmless: the name is then written a little later.
  private func syncFolder() {
    let folder = SystemCalls.open(FilePath.folder(of: path), O_RDONLY | O_DIRECTORY)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  private static func partialPath(for path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return "\(FilePath.folder(of: path))/.\(name).\(getpid()).partial"
  }
}
