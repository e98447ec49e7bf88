// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The system calls that take a path, with Swift strings: the paths are NUL-terminated and live through each call.
enum SystemCalls {
  /// `man 2 open`.
  static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) -> Int32 {
    // SAFETY: see above.
    unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
  }

  /// `man 2 unlink`.
  static func unlink(_ path: String) {
    // SAFETY: see above.
    _ = unsafe Glibc.unlink(path)
  }

  /// `man 2 mkdir`.
  static func makeFolder(_ path: String) -> Bool {
    // SAFETY: see above.
    unsafe mkdir(path, 0o755) == 0
  }

  /// `man 2 linkat`.
  static func link(_ source: String, _ target: String, flags: Int32) -> Bool {
    // SAFETY: see above.
    unsafe linkat(AT_FDCWD, source, AT_FDCWD, target, flags) == 0
  }

  /// `man 2 rename`.
  static func rename(_ source: String, _ target: String) -> Bool {
    // SAFETY: see above.
    unsafe Glibc.rename(source, target) == 0
  }

  /// `man 2 fstatat`: the mode of what is at `path`, `nil` when there is nothing.
  static func mode(of path: String) -> mode_t? {
    var status = stat()
    // SAFETY: see above; `status` is a valid place to write to.
    return unsafe fstatat(AT_FDCWD, path, &status, 0) == 0 ? status.st_mode : nil
  }

  /// `man 2 readlink`: what a link points to, `nil` where there is none.
  static func target(of path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    // SAFETY: see above; readlink writes at most the bytes of the array.
    let count = unsafe bytes.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return -1 }
      return unsafe readlink(path, base.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
