// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// STL-10: pictures of 96×96 pixels in planes whose columns stand one after the other, labels from 1 on, and ten folds of 1,000
/// training pictures.
enum STL10Reader {
  static func open(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("stl10_binary")
    let train = (folder.file("train_X.bin"), folder.file("train_y.bin"))
    let test = (folder.file("test_X.bin"), folder.file("test_y.bin"))
    let folds = folder.file("fold_indices.txt")
    try folder.check()
    let classes = description.paperClasses
    let all = try STL10Samples(folder, train, classes: classes.count)
    if folder.has("class_names.txt") {
      let names = try textLines(of: folder.path("class_names.txt")).map { trimmed($0) }.filter { !$0.isEmpty }
      let expected = classes.classes.map { $0.names[0] }
      guard names == expected else {
        throw CheckpointError(
          .mismatch, .dataset, subject: "class_names.txt", "classes are \(names.prefix(20)), expected \(expected)")
      }
    }
    return try Dataset(
      description, options,
      parts: [
        .train: SampleSubset(all, try fold(options.partition, folder, folds, count: all.count)),
        .test: try STL10Samples(folder, test, classes: classes.count),
      ])
  }

  /// One line for each fold, of indices from 0 on.
  private static func fold(_ number: Int, _ folder: DatasetFolder, _ name: String, count: Int) throws -> [Int] {
    let lines = try textLines(of: folder.path(name)).filter { !$0.isEmpty }
    guard number <= lines.count else {
      throw CheckpointError(.missing, .dataset, subject: name, "fold \(number) is wanted, there are \(lines.count)")
    }
    return try words(lines[number - 1]).map { word in
      guard let index = Int(word), (0..<count).contains(index) else {
        throw CheckpointError(
          .malformed, .dataset, subject: name,
          "fold \(number) has `\(word.prefix(40))`, expected indices below \(count)")
      }
      return index
    }
  }
}

/// One part of STL-10.
struct STL10Samples: SampleSource {
  private let pictures: FileBytes
  private let labels: [UInt8]
  private static let side = 96
  private static let size = 3 * side * side

  init(_ folder: DatasetFolder, _ names: (pictures: String, labels: String), classes: Int) throws {
    pictures = try FileBytes(path: folder.path(names.pictures), name: names.pictures)
    let file = try FileBytes(path: folder.path(names.labels), name: names.labels)
    labels = file.copy(0..<file.count)
    guard pictures.count == labels.count * Self.size else {
      throw pictures.fault(
        .mismatch,
        "has \(pictures.count) bytes, \(labels.count) pictures of \(Self.size) bytes need \(labels.count * Self.size)")
    }
    if let index = labels.firstIndex(where: { $0 < 1 || Int($0) > classes }) {
      throw file.fault(.malformed, at: index, "label \(labels[index]) of sample \(index), expected 1 to \(classes)")
    }
  }

  var count: Int { labels.count }
  func name(at index: Int) -> String { "\(pictures.name)/\(index)" }
  func label(at index: Int) -> SampleLabel { .one(Int(labels[index]) - 1) }

  func image(at index: Int) -> SampleImage {
    .pixels(
      RawPicture(
        planes: pictures.copy(index * Self.size..<(index + 1) * Self.size), width: Self.side, height: Self.side,
        channels: 3, columnsFirst: true))
  }
}
