// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What is in a folder of the file system.
public enum Folder {
  /// One name in a folder.
  public struct Entry: Sendable, Hashable {
    /// The name, without the folder's.
    public let name: String
    /// Whether it is a folder, or a link to one.
    public let isFolder: Bool
  }

  /// Everything in a folder but hidden names, in bytewise order of the names.
  ///
  /// - Parameter path: the folder.
  /// - Returns: its entries.
  /// - Throws: `FileError.inputMissing` when it cannot be opened, `FileError.inputOutput` when it cannot be read or a name is not UTF-8.
  public static func entries(of path: String) throws(FileError) -> [Entry] {
    // SAFETY: the path is NUL-terminated and lives through the call.
    guard let stream = unsafe opendir(path) else { throw FileError(.inputMissing, path: path, call: "opendir") }
    // SAFETY: `stream` was opened above and is closed once.
    defer { unsafe closedir(stream) }
    var entries: [Entry] = []
    while true {
      errno = 0
      // SAFETY: no other thread uses this stream; what readdir returns stays valid until its next call.
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw FileError(.inputOutput, path: path, call: "readdir") }
        break
      }
      // SAFETY: the kernel ends the name with a zero byte within the 256 of the field.
      let bytes = unsafe withUnsafeBytes(of: entry.pointee.d_name) { name in unsafe Array(name.prefix { $0 != 0 }) }
      if bytes.first == UInt8(ascii: ".") { continue }
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw FileError(
          .inputOutput, path: path, "holds a name that is not UTF-8: \(String(decoding: bytes, as: UTF8.self))")
      }
      let kind = unsafe Int(entry.pointee.d_type)
      entries.append(Entry(name: name, isFolder: isFolder(kind, path + "/" + name)))
    }
    // Bytewise, so that the order is that of Python's `sorted` and the same in every locale.
    return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Whether there is a folder at `path`, or a link to one.
  public static func exists(_ path: String) -> Bool {
    SystemCalls.mode(of: path).map { $0 & S_IFMT == S_IFDIR } ?? false
  }

  /// Whether there is a plain file at `path`, or a link to one.
  public static func hasFile(_ path: String) -> Bool {
    SystemCalls.mode(of: path).map { $0 & S_IFMT == S_IFREG } ?? false
  }

  private static func isFolder(_ kind: Int, _ path: String) -> Bool {
    switch kind {
    case Int(DT_DIR): true
    case Int(DT_REG): false
    // A link, or a file system that does not say.
    default: exists(path)
    }
  }
}
