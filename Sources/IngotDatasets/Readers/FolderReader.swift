// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// People's own pictures: one folder for each class, alone or within a folder for each split.
enum FolderReader {
  static let description = DatasetDescription(
    "folder", "folders of pictures", classes: nil, templates: PromptTemplates.general,
    layout: [
      "CLASS/*.jpg (or .jpeg, .png, .ppm): all of them are the test split",
      "train/CLASS/*.jpg, val/CLASS/*.jpg, test/CLASS/*.jpg: train and val may be absent",
    ])

  private static let splits: [(DatasetSplit, [String])] = [
    (.train, ["train", "training"]), (.validation, ["val", "valid", "validation"]), (.test, ["test", "testing"]),
  ]

  static func open(_ options: DatasetOptions) throws -> Dataset {
    let folder = try DatasetFolder(options.path)
    var found: [(split: DatasetSplit, name: String)] = []
    for (split, names) in splits {
      if let name = names.first(where: { Folder.exists(folder.path($0)) }) { found.append((split, name)) }
    }
    // A folder of pictures that is called `train` is a class, and not a split: splits hold folders.
    found = try found.filter { part in
      try Folder.entries(of: folder.path(part.name)).contains { $0.isFolder }
    }
    // One split alone is where the classes' pictures are: validation, as many datasets have it, is then the test.
    if found.count == 1 || !found.contains(where: { $0.split == .test }),
      let last = found.indices.last, found[last].split == .validation || found.count == 1
    {
      found[last].split = .test
    }
    let places = found.isEmpty ? [(split: DatasetSplit.test, name: ".")] : found
    let classes = try classes(folder, places.map(\.name), options.classNames)
    var parts: [DatasetSplit: any SampleSource] = [:]
    var remarks: [String] = []
    for place in places {
      let (list, empty) = try pictures(folder, place.name, classes)
      guard list.count > 0 else {
        throw CheckpointError(
          .missing, .dataset, subject: place.name == "." ? folder.path : place.name,
          "there is no picture in the folders of its \(classes.count) classes (\(ClassFolders.endings.sorted().joined(separator: ", ")))"
        )
      }
      if !empty.isEmpty {
        remarks.append("\(place.split.rawValue) has no picture of \(empty.prefix(20).joined(separator: ", "))")
      }
      parts[place.split] = list
    }
    var chosen = options
    // Names with keys may be those of some folders only in another order: they are the table already.
    if chosen.classNames?.hasKeys == true { chosen.classNames = nil }
    return try Dataset(description, chosen, classes: classes, parts: parts, remarks: remarks)
  }

  /// The classes: as a file of names lists them by folder, else all folders in bytewise order, named as they are with blanks for
  /// underscores.
  private static func classes(
    _ folder: DatasetFolder, _ places: [String], _ names: NamedClasses?
  ) throws -> ClassTable {
    var found: Set<String> = []
    for place in places {
      for entry in try Folder.entries(of: folder.path(place)) where entry.isFolder { found.insert(entry.name) }
    }
    guard !found.isEmpty else {
      throw CheckpointError(
        .missing, .dataset, subject: folder.path, "there are no folders, expected one for each class")
    }
    if let names, names.hasKeys {
      let unnamed = found.subtracting(names.entries.map(\.key)).sorted()
      guard unnamed.isEmpty else {
        throw CheckpointError(
          .mismatch, .dataset, subject: unnamed[0],
          "\(unnamed.count) folders have no name in the file: \(unnamed.prefix(20).joined(separator: ", "))")
      }
      return try ClassTable(names.entries)
    }
    let sorted = found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return try ClassTable(
      sorted.map { key in
        ClassTable.Class(key: key, names: [String(key.map { $0 == "_" ? " " : $0 })])
      })
  }

  private static func pictures(
    _ folder: DatasetFolder, _ place: String, _ classes: ClassTable
  ) throws -> (list: PictureList, empty: [String]) {
    var list = PictureList(root: folder.path)
    var empty: [String] = []
    let prefix = place == "." ? "" : place + "/"
    for (label, entry) in classes.classes.enumerated() {
      let before = list.count
      let path = folder.path(prefix + entry.key)
      if Folder.exists(path) { try ClassFolders.append(path, as: prefix + entry.key, label: label, to: &list) }
      if list.count == before { empty.append(entry.key) }
    }
    return (list, empty)
  }
}
