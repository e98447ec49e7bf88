// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// MNIST, and Fashion-MNIST in the same form.
enum IDXReader {
  /// Larger pictures than this are no digits.
  private static let largestSide = 1 << 12

  static func open(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path)
    for inner in ["MNIST/raw", "FashionMNIST/raw", "raw"] { folder = folder.descending(inner) }
    var names: [(split: DatasetSplit, images: String, labels: String)] = []
    for (split, stem) in [(DatasetSplit.train, "train"), (.test, "t10k")] {
      names.append(
        (
          split, folder.file("\(stem)-images-idx3-ubyte", "\(stem)-images-idx3-ubyte.gz", "\(stem)-images.idx3-ubyte"),
          folder.file("\(stem)-labels-idx1-ubyte", "\(stem)-labels-idx1-ubyte.gz", "\(stem)-labels.idx1-ubyte")
        ))
    }
    try folder.check()
    guard let classes = description.classes else { preconditionFailure("digits have names") }
    var parts: [DatasetSplit: any SampleSource] = [:]
    for part in names {
      let images = try IDXFile(path: folder.path(part.images), name: part.images, rank: 3)
      let labels = try IDXFile(path: folder.path(part.labels), name: part.labels, rank: 1)
      parts[part.split] = try IDXSamples(images, labels, classes: classes.count, largestSide: largestSide)
    }
    return try Dataset(description, options, parts: parts)
  }
}

/// Grey pictures of one IDX file with the labels of another.
struct IDXSamples: SampleSource {
  private let images: IDXFile
  private let labels: [UInt8]

  init(_ images: IDXFile, _ labels: IDXFile, classes: Int, largestSide: Int) throws(CheckpointError) {
    guard images.extents[0] == labels.extents[0] else {
      throw labels.fault(.mismatch, "\(labels.extents[0]) labels for \(images.extents[0]) pictures")
    }
    guard images.extents[1...].allSatisfy({ (1...largestSide).contains($0) }) else {
      throw images.fault(
        .malformed, "pictures of \(images.extents[2])x\(images.extents[1]) pixels, sides must be 1 to \(largestSide)")
    }
    self.images = images
    self.labels = labels.values
    if let index = self.labels.firstIndex(where: { Int($0) >= classes }) {
      throw labels.fault(
        .malformed, at: index,
        "label \(self.labels[index]) of sample \(index), the last of \(classes) classes is \(classes - 1)")
    }
  }

  var count: Int { labels.count }

  func name(at index: Int) -> String { "\(index)" }

  func label(at index: Int) -> SampleLabel { .one(Int(labels[index])) }

  func image(at index: Int) -> SampleImage {
    .pixels(
      RawPicture(width: images.extents[2], height: images.extents[1], channels: 1, pixels: images.item(index)))
  }
}
