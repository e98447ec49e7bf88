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
  ///   - folder: the root of names.
  ///   - name: where in it the classes' folders are; `nil` when they are in it itself.
  ///   - classes: their keys are the folders' names.
  ///   - remarks: gains the classes without a folder, and the folders that are no class.
  /// - Returns: the pictures, class after class in the table's order, by name within a class.
  /// - Throws: `FileError.inputMissing` when no class has a folder.
  static func read(
    _ folder: DatasetFolder, below name: String? = nil, classes: ClassTable, remarks: inout [String]
  ) throws -> PictureList {
    let prefix = name.map { $0 + "/" } ?? ""
    let absent = classes.classes.map(\.key).filter { !Folder.exists(folder.path(prefix + $0)) }
    if absent.count == classes.count {
      var search = folder
      for key in absent { _ = search.folder(prefix + key) }
      try search.check()
    }
    if !absent.isEmpty {
      remarks.append(
        "\(absent.count) of \(classes.count) classes have no folder \(prefix)CLASS: \(absent.prefix(50).joined(separator: ", "))"
      )
    }
    let known = Set(classes.classes.map { $0.key.split(separator: "/").first.map(String.init) ?? $0.key })
    let others = try Folder.entries(of: folder.path(name ?? "."))
      .filter { $0.isFolder && !known.contains($0.name) }.map(\.name)
    if !others.isEmpty {
      remarks.append("folders that are no class were passed over: \(others.prefix(20).joined(separator: ", "))")
    }
    var list = PictureList(root: folder.path)
    for (label, entry) in classes.classes.enumerated() where Folder.exists(folder.path(prefix + entry.key)) {
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
