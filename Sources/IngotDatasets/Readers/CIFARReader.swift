// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import IngotTorch

/// CIFAR-10 and CIFAR-100: binary records, or pickles of Python.
enum CIFARReader {
  /// The two datasets' differences.
  struct Form: Sendable {
    let folders: (binary: [String], pickle: [String])
    let binary: [DatasetSplit: [String]]
    let pickle: [DatasetSplit: [String]]
    /// Bytes of labels before the pixels of a binary record; the last one is the class.
    let labelBytes: Int
    let labelKey: String
    let meta: (file: String, key: String)
  }

  static let cifar10 = Form(
    folders: (["cifar-10-batches-bin"], ["cifar-10-batches-py"]),
    binary: [.train: (1...5).map { "data_batch_\($0).bin" }, .test: ["test_batch.bin"]],
    pickle: [.train: (1...5).map { "data_batch_\($0)" }, .test: ["test_batch"]],
    labelBytes: 1, labelKey: "labels", meta: ("batches.meta", "label_names"))

  static let cifar100 = Form(
    folders: (["cifar-100-binary"], ["cifar-100-python"]), binary: [.train: ["train.bin"], .test: ["test.bin"]],
    pickle: [.train: ["train"], .test: ["test"]], labelBytes: 2, labelKey: "fine_labels",
    meta: ("meta", "fine_label_names"))

  static let side = 32
  static let pixelBytes = 3 * side * side

  static func open(_ description: DatasetDescription, _ options: DatasetOptions, _ form: Form) throws -> Dataset {
    let root = try DatasetFolder(options.path)
    let binary = form.folders.binary.first { Folder.exists(root.path($0)) }
    let pickle = form.folders.pickle.first { Folder.exists(root.path($0)) }
    // The folder named may be the inner one.
    let isBinary = binary != nil || (pickle == nil && form.binary[.test]?.contains(where: root.has) == true)
    var folder = (isBinary ? binary : pickle).map { root.descending($0) } ?? root
    let names = isBinary ? form.binary : form.pickle
    for split in [DatasetSplit.train, .test] { for name in names[split] ?? [] { _ = folder.file(name) } }
    try folder.check()
    let classes = description.paperClasses
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, files) in names {
      var batches: [any SampleSource] = []
      for name in files {
        let path = folder.path(name)
        if isBinary {
          batches.append(
            try CIFARRecords(path: path, name: name, labelBytes: form.labelBytes, classes: classes.count))
        } else {
          batches.append(try CIFARPickle(path: path, name: name, labelKey: form.labelKey, classes: classes.count))
        }
      }
      parts[split] = SampleSequence(batches)
    }
    if !isBinary, folder.has(form.meta.file) { try checkNames(folder, form, classes) }
    return try Dataset(description, options, parts: parts)
  }

  /// The names that the dataset itself gives its labels must be the keys of the table, in its order.
  private static func checkNames(_ folder: DatasetFolder, _ form: Form, _ classes: ClassTable) throws {
    let meta = try PickledDictionary(MappedFile(path: folder.path(form.meta.file)))
    let names = try meta.texts(form.meta.key)
    let expected = classes.classes.map(\.key)
    guard names == expected else {
      let place = zip(names, expected).enumerated().first { $0.element.0 != $0.element.1 }
      let words = place.map { "label \($0.offset) is `\($0.element.0)`, expected `\($0.element.1)`" }
      throw CheckpointError(
        .mismatch, .dataset, subject: form.meta.file, words ?? "\(names.count) names, expected \(expected.count)")
    }
  }
}

/// Records of labels and planes of red, green and blue.
struct CIFARRecords: SampleSource {
  private let file: FileBytes
  private let labelBytes: Int
  private let labels: [UInt8]

  init(path: String, name: String, labelBytes: Int, classes: Int) throws {
    file = try FileBytes(path: path, name: name)
    self.labelBytes = labelBytes
    let size = labelBytes + CIFARReader.pixelBytes
    guard file.count > 0, file.count.isMultiple(of: size) else {
      throw file.fault(
        .truncated, at: file.count / size * size, "\(file.count) bytes are no whole number of records of \(size) bytes")
    }
    let last = labelBytes - 1
    labels = file.withBytes(in: 0..<file.count) { bytes in
      stride(from: last, to: bytes.byteCount, by: size).map { bytes[byte: $0] }
    }
    if let index = labels.firstIndex(where: { Int($0) >= classes }) {
      throw file.fault(
        .malformed, at: index * size + last,
        "label \(labels[index]) of record \(index), the last class is \(classes - 1)")
    }
  }

  var count: Int { labels.count }
  func name(at index: Int) -> String { "\(file.name)/\(index)" }
  func label(at index: Int) -> SampleLabel { .one(Int(labels[index])) }

  func image(at index: Int) -> SampleImage {
    let start = index * (labelBytes + CIFARReader.pixelBytes) + labelBytes
    return .pixels(
      RawPicture(
        planes: file.copy(start..<start + CIFARReader.pixelBytes), width: CIFARReader.side, height: CIFARReader.side,
        channels: 3))
  }
}

/// A pickled dictionary with an array of pictures and a list of labels.
struct CIFARPickle: SampleSource {
  private let dictionary: PickledDictionary
  private let data: TensorDescriptor
  private let labels: [Int]
  private let file: String

  init(path: String, name: String, labelKey: String, classes: Int) throws {
    file = name
    dictionary = try PickledDictionary(MappedFile(path: path))
    data = try dictionary.array("data")
    labels = try dictionary.integers(labelKey)
    guard data.type == .uint8, data.shape.extents == [labels.count, CIFARReader.pixelBytes] else {
      throw CheckpointError(
        .mismatch, .dataset, subject: name,
        "data is \(data.type.rawValue) \(data.shape) for \(labels.count) labels, expected uint8 [\(labels.count), \(CIFARReader.pixelBytes)]"
      )
    }
    if let index = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
      throw CheckpointError(
        .malformed, .dataset, subject: name,
        "label \(labels[index]) of sample \(index), the last class is \(classes - 1)")
    }
  }

  var count: Int { labels.count }
  func name(at index: Int) -> String { "\(file)/\(index)" }
  func label(at index: Int) -> SampleLabel { .one(labels[index]) }

  func image(at index: Int) throws -> SampleImage {
    let size = CIFARReader.pixelBytes
    let planes = try dictionary.withBytes(of: data) { $0.extracting(index * size..<(index + 1) * size).copied() }
    return .pixels(RawPicture(planes: planes, width: CIFARReader.side, height: CIFARReader.side, channels: 3))
  }
}
