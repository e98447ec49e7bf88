// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A whole file mapped read-only into memory.
///
/// A file that somebody truncates while it is mapped raises SIGBUS on the next access, as with every `mmap`; Ingot's own writer
/// never truncates in place.
@safe public final class MappedFile: @unchecked Sendable {
  // Sendable: the mapping is read-only and lives until deinit; no member changes after init.
  private let base: UnsafeRawBufferPointer
  /// The path as the caller gave it.
  public let path: String

  /// Maps the file at `path`.
  ///
  /// - Throws: `FileError.inputMissing` when it cannot be opened, `FileError.inputOutput` when it cannot be mapped.
  public init(path: String) throws(FileError) {
    let descriptor = SystemCalls.open(path, O_RDONLY)
    guard descriptor >= 0 else { throw FileError(.inputMissing, path: path, call: "open") }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileError(.inputMissing, path: path, call: "fstat")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(.inputMissing, path: path, "not a regular file")
    }
    let size = Int(status.st_size)
    self.path = path
    if size == 0 {
      // mmap refuses a length of zero.
      unsafe base = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let address = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard unsafe address != MAP_FAILED, let address = unsafe address else {
      throw FileError(.inputOutput, path: path, call: "mmap")
    }
    // SAFETY: the kernel has just mapped `size` readable bytes at `address`; they are unmapped in deinit only.
    unsafe base = UnsafeRawBufferPointer(start: address, count: size)
  }

  deinit {
    if let address = unsafe base.baseAddress {
      // SAFETY: the mapping was made in init with this address and length, and is released once.
      unsafe munmap(UnsafeMutableRawPointer(mutating: address), base.count)
    }
  }

  /// Size of the file in bytes.
  public var size: Int { unsafe base.count }

  /// All bytes of the file.
  public var bytes: RawSpan {
    @_lifetime(borrow self) get {
      // SAFETY: mapped read-only until deinit; the span cannot outlive self.
      unsafe _overrideLifetime(RawSpan(_unsafeBytes: base), borrowing: self)
    }
  }

  /// The bytes of `range`, which must lie within the file.
  @_lifetime(borrow self)
  public func bytes(in range: Range<Int>) -> RawSpan {
    bytes.extracting(range)
  }

  /// Tells the kernel that the pages wholly inside `range` are not needed for now, so that streaming over a large file keeps memory small.
  ///
  /// The bytes stay readable: they are read from the file again.
  public func release(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = (max(range.lowerBound, 0) + page - 1) / page * page
    let last = min(range.upperBound, size) / page * page
    guard first < last, let address = unsafe base.baseAddress else { return }
    // SAFETY: the range lies within the mapping; dropping clean pages of a read-only file mapping loses nothing.
    unsafe madvise(UnsafeMutableRawPointer(mutating: address + first), last - first, MADV_DONTNEED)
  }

  /// Maps the pages of `range` all at once, which costs a fraction of what it costs when each is missed.
  ///
  /// Nothing else changes: where the system cannot (Linux before 5.14), the bytes are read when they are looked at.
  public func populate(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = max(range.lowerBound, 0) / page * page
    let last = min(range.upperBound, size)
    guard first < last, let address = unsafe base.baseAddress else { return }
    // SAFETY: the range lies within the mapping; reading its pages changes nothing.
    unsafe madvise(UnsafeMutableRawPointer(mutating: address + first), last - first, populateRead)
  }
}

/// `MADV_POPULATE_READ` of Linux's `asm-generic/mman-common.h`: glibc's headers know it since 2.35 only.
private let populateRead: Int32 = 22
