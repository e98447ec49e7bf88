// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// PASCAL VOC 2007 classification: for each class a list of pictures with 1 (shows it), -1 (does not) or 0 (hard to see: not scored).
enum VOC2007Reader {
  private static let splits: [(DatasetSplit, String)] = [(.train, "train"), (.validation, "val"), (.test, "test")]

  static func open(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path)
    for inner in ["VOCdevkit", "VOC2007"] { folder = folder.descending(inner) }
    let classes = description.paperClasses
    // Where only training and validation together are there, they are the training split.
    let hasParts = folder.has("ImageSets/Main/\(classes.classes[0].key)_train.txt")
    let wanted = hasParts ? splits : [(DatasetSplit.train, "trainval"), (.test, "test")]
    for (_, stem) in wanted {
      for entry in classes.classes { _ = folder.file("ImageSets/Main/\(entry.key)_\(stem).txt") }
    }
    _ = folder.folder("JPEGImages")
    try folder.check()
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, stem) in wanted {
      let samples = try VOCSamples(folder, stem, classes)
      for index in 0..<samples.count { folder.require(samples.name(at: index)) }
      parts[split] = samples
    }
    try folder.check()
    return try Dataset(description, options, parts: parts)
  }
}

/// One split of VOC 2007.
struct VOCSamples: SampleSource {
  private var list: PictureList
  /// For each picture one bit for each class.
  private var present: [UInt32] = []
  private var ignored: [UInt32] = []

  init(_ folder: DatasetFolder, _ stem: String, _ classes: ClassTable) throws {
    precondition(classes.count <= 32, "a class is a bit")
    list = PictureList(root: folder.path)
    for (label, entry) in classes.classes.enumerated() {
      let name = "ImageSets/Main/\(entry.key)_\(stem).txt"
      var index = 0
      for (number, line) in try textLines(of: folder.path(name)).enumerated() where !line.isEmpty {
        func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
          CheckpointError(code, .dataset, subject: name, "line \(number + 1): \(detail)")
        }
        let fields = words(line)
        guard fields.count == 2, let mark = Int(fields[1]), (-1...1).contains(mark) else {
          throw fault(.malformed, "`\(line.prefix(80))`, expected a picture and 1, -1 or 0")
        }
        let path = "JPEGImages/" + (try checkedPath(fields[0], in: name, at: "line \(number + 1)")) + ".jpg"
        if label == 0 {
          list.append(path, label: 0)
          present.append(0)
          ignored.append(0)
        } else if index >= list.count || list.name(at: index) != path {
          throw fault(
            .mismatch,
            "has `\(fields[0])`, the list of \(classes.classes[0].key) has \(index < list.count ? list.name(at: index) : "ended")"
          )
        }
        if mark == 1 { present[index] |= 1 << UInt32(label) }
        if mark == 0 { ignored[index] |= 1 << UInt32(label) }
        index += 1
      }
      guard index == list.count else {
        throw CheckpointError(
          .mismatch, .dataset, subject: name,
          "has \(index) pictures, the list of \(classes.classes[0].key) has \(list.count)")
      }
    }
  }

  var count: Int { list.count }
  func name(at index: Int) -> String { list.name(at: index) }
  func label(at index: Int) -> SampleLabel {
    .several(present: Self.indices(present[index]), ignored: Self.indices(ignored[index]))
  }
  func image(at index: Int) -> SampleImage { list.image(at: index) }

  private static func indices(_ bits: UInt32) -> [Int] { (0..<32).filter { bits >> UInt32($0) & 1 == 1 } }
}
