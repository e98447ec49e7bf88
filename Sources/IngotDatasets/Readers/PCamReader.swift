// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// PatchCamelyon: for each split an HDF5 file of pictures and one of labels.
enum PCamReader {
  static func open(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("pcam")
    let names = [(DatasetSplit.train, "train"), (.validation, "valid"), (.test, "test")].map { split, stem in
      let start = "camelyonpatch_level_2_split_\(stem)"
      return (split, folder.file("\(start)_x.h5", "\(start)_x.h5.gz"), folder.file("\(start)_y.h5", "\(start)_y.h5.gz"))
    }
    try folder.check()
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, pictures, labels) in names {
      parts[split] = try PCamSamples(
        folder, pictures, labels, classes: description.paperClasses.count, program: options.hdf5Program)
    }
    return try Dataset(description, options, parts: parts)
  }
}

/// One split of PatchCamelyon.
struct PCamSamples: SampleSource {
  private let pictures: HDF5Rows
  private let labels: [UInt8]
  private let file: String

  init(
    _ folder: DatasetFolder, _ picturesName: String, _ labelsName: String, classes: Int, program: String?
  ) throws {
    file = picturesName
    pictures = try HDF5Rows(path: folder.path(picturesName), name: picturesName, dataset: "x", program: program)
    let stored = try HDF5Rows(path: folder.path(labelsName), name: labelsName, dataset: "y", program: program)
    guard pictures.extents == [96, 96, 3] else {
      throw CheckpointError(
        .malformed, .dataset, subject: picturesName, "rows are \(pictures.extents), expected pictures of [96, 96, 3]")
    }
    guard stored.count == pictures.count, stored.extents.allSatisfy({ $0 == 1 }) else {
      throw CheckpointError(
        .mismatch, .dataset, subject: labelsName,
        "\(stored.count) rows of \(stored.extents) for \(pictures.count) pictures, expected one label each")
    }
    labels = try stored.all()
    if let index = labels.firstIndex(where: { Int($0) >= classes }) {
      throw CheckpointError(
        .malformed, .dataset, subject: labelsName,
        "label \(labels[index]) of sample \(index), the last class is \(classes - 1)")
    }
  }

  var count: Int { labels.count }
  func name(at index: Int) -> String { "\(file)/\(index)" }
  func label(at index: Int) -> SampleLabel { .one(Int(labels[index])) }
  func image(at index: Int) throws -> SampleImage {
    .pixels(RawPicture(width: 96, height: 96, channels: 3, pixels: try pictures.row(index)))
  }
}
