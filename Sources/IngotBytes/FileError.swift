// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A system call on a file failed.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What the caller was trying to do.
  public enum Code: String, Sendable, Hashable {
    /// The input does not exist or may not be read.
    case inputMissing
    /// The output may not be created here, or exists already.
    case cannotCreate
    /// Reading or writing failed part way (disk full, device error).
    case inputOutput
  }

  /// What the caller was trying to do.
  public let code: Code
  /// The path concerned, as the caller gave it.
  public let path: String
  /// The reason, with the system's own words where there are some.
  public let detail: String

  /// Makes an error with a reason in words.
  public init(_ code: Code, path: String, _ detail: String) {
    self.code = code
    self.path = path
    self.detail = detail
  }

  /// Makes an error from the current value of `errno`.
  ///
  /// - Parameters:
  ///   - code: what the caller was trying to do.
  ///   - path: the path concerned.
  ///   - call: the system call that failed, for example `open`. See `man 2 open` for its errors.
  ///   - number: the error number, by default the current one.
  public init(_ code: Code, path: String, call: String, number: Int32 = errno) {
    // SAFETY: strerror returns a NUL-terminated string that stays valid until the next call on this thread.
    let reason = unsafe String(cString: strerror(number))
    self.init(code, path: path, "\(call): \(reason)")
  }

  /// For example `cannot create out.ingot: open: No space left on device`.
  public var description: String {
    switch code {
    case .inputMissing: "cannot read \(path): \(detail)"
    case .cannotCreate: "cannot create \(path): \(detail)"
    case .inputOutput: "input/output failure on \(path): \(detail)"
    }
  }
}
