// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The folder of a dataset, in which files are looked for under several names, and what is missing is told all at once.
struct DatasetFolder {
  /// The folder as the person named it.
  let path: String
  private var missing: [String] = []

  /// Names beyond this many are counted only.
  private static let mostNames = 50

  /// Takes a folder.
  ///
  /// - Parameter path: where it is.
  /// - Throws: `FileError.inputMissing` when there is none.
  init(_ path: String) throws(FileError) {
    guard Folder.exists(path) else { throw FileError(.inputMissing, path: path, "there is no such folder") }
    self.path = path
  }

  /// The folder itself, or the first of these within it that exists: datasets are unpacked with and without their own folder.
  func descending(_ names: String...) -> DatasetFolder {
    guard let found = names.first(where: { Folder.exists(path + "/" + $0) }) else { return self }
    var inner = self
    inner = (try? DatasetFolder(path + "/" + found)) ?? inner
    return inner
  }

  /// The path of a file or folder within this one.
  func path(_ name: String) -> String { path + "/" + name }

  /// Whether there is such a file.
  func has(_ name: String) -> Bool { Folder.hasFile(path(name)) }

  /// The first of some files that exists.
  ///
  /// - Parameter names: the same content under several names.
  /// - Returns: the name; the first one where none exists, which `check` then reports.
  mutating func file(_ names: String...) -> String {
    if let found = names.first(where: has) { return found }
    missing.append(names.joined(separator: " or "))
    return names[0]
  }

  /// The first of some folders that exists, as `file` does it.
  mutating func folder(_ names: String...) -> String {
    if let found = names.first(where: { Folder.exists(path($0)) }) { return found }
    missing.append(names.map { $0 + "/" }.joined(separator: " or "))
    return names[0]
  }

  /// Notes a file that a list names if it does not exist.
  mutating func require(_ name: String) {
    if !has(name) { missing.append(name) }
  }

  /// Ends the search.
  ///
  /// - Throws: `FileError.inputMissing` with everything that was not found.
  func check() throws(FileError) {
    guard !missing.isEmpty else { return }
    let names = missing.prefix(Self.mostNames).joined(separator: ", ")
    let rest = missing.count > Self.mostNames ? ", and \(missing.count - Self.mostNames) more" : ""
    throw FileError(
      .inputMissing, path: path,
      missing.count == 1 ? "\(names) is missing" : "\(missing.count) files are missing: \(names)\(rest)")
  }
}
