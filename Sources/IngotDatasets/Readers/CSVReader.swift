// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// People's own pictures in a table: a path, a label, and perhaps a split in each row.
enum CSVReader {
  static let description = DatasetDescription(
    "csv", "a table of pictures", classes: nil, templates: PromptTemplates.general,
    layout: [
      "FILE.csv with the columns path and label, and perhaps split (train, validation or test; without it all are the test)",
      "paths are relative to the table's folder; labels are names, or numbers from 0 on where names are given",
    ])

  private static let splits: [String: DatasetSplit] = [
    "train": .train, "training": .train, "val": .validation, "valid": .validation, "validation": .validation,
    "test": .test, "testing": .test, "": .test,
  ]

  static func open(_ options: DatasetOptions) throws -> Dataset {
    let slash = options.path.lastIndex(of: "/")
    let name = slash.map { String(options.path[options.path.index(after: $0)...]) } ?? options.path
    let root = slash.map { String(options.path[..<$0]) } ?? "."
    var folder = try DatasetFolder(root.isEmpty ? "/" : root)
    _ = folder.file(name)
    try folder.check()
    let table = try CSVTable(path: options.path, name: name)
    let path = try table.column("path", "file", "filename", "image")
    let label = try table.column("label", "class")
    let split = table.columns.firstIndex(of: "split")
    guard !table.rows.isEmpty else { throw table.fault(.missing, "there are no rows") }
    let classes = try classes(table, label, options.classNames)
    var parts: [DatasetSplit: PictureList] = [:]
    for (index, row) in table.rows.enumerated() {
      let key = trimmed(row[label])
      guard let number = classes.index(of: key) else {
        throw table.fault(
          .malformed, row: index, "the label `\(key.prefix(80))` is none of the \(classes.count) classes")
      }
      let word = split.map { trimmed(row[$0]) } ?? ""
      guard let part = splits[word] else {
        throw table.fault(
          .malformed, row: index, "the split is `\(word.prefix(40))`, expected train, validation or test")
      }
      let picture = row[path]
      guard !picture.isEmpty, !picture.utf8.contains(0) else {
        throw table.fault(.malformed, row: index, "the path is empty")
      }
      // A person's own table may name any file of theirs.
      let place = picture.hasPrefix("/") ? picture : folder.path(picture)
      if !Folder.hasFile(place) { folder.require(picture) }
      parts[part, default: PictureList(root: folder.path)].append(picture, label: number)
    }
    try folder.check()
    var chosen = options
    chosen.classNames = nil
    return try Dataset(description, chosen, classes: classes, parts: parts)
  }

  /// The classes: as a file of names lists them, by key or by number, else all labels in bytewise order.
  private static func classes(_ table: CSVTable, _ column: Int, _ names: NamedClasses?) throws(CheckpointError)
    -> ClassTable
  {
    var keys: Set<String> = []
    for (index, row) in table.rows.enumerated() {
      let key = trimmed(row[column])
      guard !key.isEmpty else { throw table.fault(.malformed, row: index, "the label is empty") }
      keys.insert(key)
    }
    if let names {
      if names.hasKeys { return try ClassTable(names.entries) }
      if keys.allSatisfy({ Int($0) != nil }) {
        return try ClassTable(
          names.entries.enumerated().map { ClassTable.Class(key: "\($0.offset)", names: $0.element.names) })
      }
      return try ClassTable(names.entries)
    }
    // Numbers come by size.
    let sorted = keys.sorted { left, right in
      if let first = Int(left), let second = Int(right) { return (first, left) < (second, right) }
      return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
    return try ClassTable(sorted.map { ClassTable.Class(key: $0, names: [$0]) })
  }
}
