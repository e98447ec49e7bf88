// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Datasets whose lists name pictures in folders of their classes.
enum ListedFolderReaders {
  /// Food-101: `meta/train.json` and `meta/test.json`, which have the pictures of each class.
  static func food101(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("food-101")
    let lists = [(DatasetSplit.train, folder.file("meta/train.json")), (.test, folder.file("meta/test.json"))]
    _ = folder.folder("images")
    try folder.check()
    let classes = description.paperClasses
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, name) in lists {
      let file = try MappedFile(path: folder.path(name))
      var byClass = [[String]](repeating: [], count: classes.count)
      var scanner = JSONScanner(file.bytes, subject: name)
      try scanner.enterObject("pictures by class")
      while let key = try scanner.nextKey() {
        let label = try classes.requireIndex(of: key, in: name, at: "byte \(scanner.position)")
        try scanner.enterArray("the pictures of a class")
        while try scanner.nextElement() {
          let path = try checkedPath(try scanner.string("a picture"), in: name, at: "byte \(scanner.position)")
          guard path.hasPrefix(key + "/") else {
            throw scanner.fault(.malformed, "the picture `\(path.prefix(80))` stands under the class \(key)")
          }
          byClass[label].append(path)
        }
      }
      try scanner.end()
      var list = PictureList(root: folder.path)
      for (label, paths) in byClass.enumerated() {
        for path in paths {
          list.append("images/\(path).jpg", label: label)
          folder.require("images/\(path).jpg")
        }
      }
      parts[split] = list
    }
    try folder.check()
    return try Dataset(description, options, parts: parts)
  }

  /// SUN397: one of ten partitions, `Training_01.txt` and `Testing_01.txt`, whose lines are `/a/abbey/sun_….jpg`.
  static func sun397(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("SUN397")
    let number = (options.partition < 10 ? "0" : "") + "\(options.partition)"
    let lists = [(DatasetSplit.train, "Training"), (.test, "Testing")].map { split, stem in
      (
        split,
        folder.file("\(stem)_\(number).txt", "Partitions/\(stem)_\(number).txt", "../Partitions/\(stem)_\(number).txt")
      )
    }
    try folder.check()
    let classes = description.paperClasses
    return try dataset(description, options, &folder, lists) { name, line, place in
      let path = try checkedPath(line.hasPrefix("/") ? String(line.dropFirst()) : line, in: name, at: place)
      let key = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
      return (path, try classes.requireIndex(of: key, in: name, at: place))
    }
  }

  /// DTD: one of ten partitions, `labels/train1.txt`, `val1.txt` and `test1.txt`, whose lines are `banded/banded_0001.jpg`.
  static func dtd(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("dtd/dtd").descending("dtd")
    let lists = [(DatasetSplit.train, "train"), (.validation, "val"), (.test, "test")].map { split, stem in
      (split, folder.file("labels/\(stem)\(options.partition).txt"))
    }
    _ = folder.folder("images")
    try folder.check()
    let classes = description.paperClasses
    return try dataset(description, options, &folder, lists) { name, line, place in
      let path = try checkedPath(line, in: name, at: place)
      let key = path.split(separator: "/").first.map(String.init) ?? path
      return ("images/" + path, try classes.requireIndex(of: key, in: name, at: place))
    }
  }

  /// FGVC Aircraft by variant: `images_variant_train.txt` and so on, whose lines are `1025794 707-320`.
  static func aircraft(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("fgvc-aircraft-2013b").descending("data")
    let lists = [(DatasetSplit.train, "train"), (.validation, "val"), (.test, "test")].map { split, stem in
      (split, folder.file("images_variant_\(stem).txt"))
    }
    _ = folder.folder("images")
    try folder.check()
    let classes = description.paperClasses
    return try dataset(description, options, &folder, lists) { name, line, place in
      let blank = line.firstIndex(of: " ") ?? line.endIndex
      let image = try checkedPath(String(line[..<blank]), in: name, at: place)
      let key = trimmed(line[blank...])
      return ("images/\(image).jpg", try classes.requireIndex(of: key, in: name, at: place))
    }
  }

  /// Oxford-IIIT Pet: `annotations/trainval.txt` and `test.txt`, whose lines are `Abyssinian_100 1 1 1`.
  ///
  /// The name has the breed; the number is its place in an order that takes no notice of capitals, and must agree.
  static func pets(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("oxford-iiit-pet")
    let lists = [
      (DatasetSplit.train, folder.file("annotations/trainval.txt")), (.test, folder.file("annotations/test.txt")),
    ]
    _ = folder.folder("images")
    try folder.check()
    let classes = description.paperClasses
    let numbered = classes.classes.map(\.key).sorted { $0.lowercased() < $1.lowercased() }
    return try dataset(description, options, &folder, lists) { name, line, place in
      if line.hasPrefix("#") { return nil }
      let fields = words(line)
      guard fields.count == 4, let end = fields[0].lastIndex(of: "_") else {
        throw CheckpointError(
          .malformed, .dataset, subject: name,
          "\(place): `\(line.prefix(80))`, expected a name, class, species and breed")
      }
      let key = String(fields[0][..<end])
      let label = try classes.requireIndex(of: key, in: name, at: place)
      guard let number = Int(fields[1]), (1...numbered.count).contains(number), numbered[number - 1] == key else {
        throw CheckpointError(
          .malformed, .dataset, subject: name,
          "\(place): \(key) has the class \(fields[1]), expected another number of 1 to \(numbered.count)")
      }
      return ("images/" + (try checkedPath(fields[0], in: name, at: place)) + ".jpg", label)
    }
  }

  /// A dataset of lists with a picture on each line.
  ///
  /// - Parameters:
  ///   - description: the dataset's.
  ///   - options: what was chosen.
  ///   - folder: where the lists and pictures are; all pictures that are missing are told at once.
  ///   - lists: the list of each split.
  ///   - picture: from a list's name, a line and its place to the picture's path and label; `nil` for a line without one.
  /// - Returns: the dataset.
  /// - Throws: what is wrong with the lists, `FileError` for what is missing.
  private static func dataset(
    _ description: DatasetDescription, _ options: DatasetOptions, _ folder: inout DatasetFolder,
    _ lists: [(DatasetSplit, String)],
    picture: (_ name: String, _ line: String, _ place: String) throws -> (String, Int)?
  ) throws -> Dataset {
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, name) in lists {
      var list = PictureList(root: folder.path)
      try list.append(linesOf: name, in: &folder) { line, place in try picture(name, line, place) }
      parts[split] = list
    }
    try folder.check()
    return try Dataset(description, options, parts: parts)
  }
}
