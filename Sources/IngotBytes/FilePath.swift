// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What can be told of a path.
public enum FilePath {
  /// What is at a path.
  public enum Kind: Sendable, Hashable {
    /// Nothing, or nothing that may be seen.
    case nothing
    /// A folder.
    case folder
    /// A file, or something else that is no folder.
    case file
  }

  /// What is at a path; links are followed.
  public static func kind(of path: String) -> Kind {
    guard let mode = SystemCalls.mode(of: path) else { return .nothing }
    return mode & S_IFMT == S_IFDIR ? .folder : .file
  }

  /// The folder that a file is in, `.` for a bare name.
  public static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The program that this process runs, empty where the system does not say.
  public static var program: String { SystemCalls.target(of: "/proc/self/exe") ?? "" }
}
