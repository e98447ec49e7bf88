// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// One folder for each class.
enum ClassFolders {
  /// Endings of picture files, in lower case.
  static let endings: Set<String> = ["jpg", "jpeg", "png", "ppm", "pgm", "pnm"]

  /// Whether a name ends as picture files do.
  static func isPicture(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }

  /// The pictures in the folders of a table's classes.
  ///
  /// - Parameters:
  ///   - folder: holds the classes' folders; it is the root of names when `root` is `nil`.
  ///   - root: the folder that names are relative to.
  ///   - classes: their keys are the folders' names.
  ///   - remarks: gains the folders that are no class.
  /// - Returns: the pictures, class after class in the table's order, by name within a class.
  /// - Throws: `FileError.inputMissing` with all folders that do not exist.
  static func read(
    _ folder: DatasetFolder, below name: String? = nil, classes: ClassTable, remarks: inout [String]
  ) throws -> PictureList {
    let prefix = name.map { $0 + "/" } ?? ""
    var search = folder
    for entry in classes.classes { _ = search.folder(prefix + entry.key) }
    try search.check()
    let known = Set(classes.classes.map { $0.key.split(separator: "/").first.map(String.init) ?? $0.key })
    let others = try Folder.entries(of: folder.path(name ?? "."))
      .filter { $0.isFolder && !known.contains($0.name) }.map(\.name)
    if !others.isEmpty {
      remarks.append("folders that are no class were passed over: \(others.prefix(20).joined(separator: ", "))")
    }
    var list = PictureList(root: folder.path)
    for (label, entry) in classes.classes.enumerated() {
      try append(folder.path(prefix + entry.key), as: prefix + entry.key, label: label, to: &list)
    }
    return list
  }

  /// Adds the pictures of one folder.
  static func append(_ path: String, as name: String, label: Int, to list: inout PictureList) throws {
    for entry in try Folder.entries(of: path) where !entry.isFolder && isPicture(entry.name) {
      list.append(name + "/" + entry.name, label: label)
    }
  }
}
