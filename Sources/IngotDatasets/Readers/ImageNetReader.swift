// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes

/// ImageNet of 2012: folders named by WordNet, or the archives as they are distributed.
///
/// The labels of the validation pictures, which are the test here as in the paper, are numbers of the development kit; its `meta.mat` says
/// which WordNet name each has, and the order of those names is that of the classes.
enum ImageNetReader {
  private static let kit = "ILSVRC2012_devkit_t12"
  private static let truth = "data/ILSVRC2012_validation_ground_truth.txt"

  static func open(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path)
    folder = folder.descending("imagenet")
    let classes = description.paperClasses
    var parts: [DatasetSplit: any SampleSource] = [:]
    var remarks: [String] = []
    if Folder.exists(folder.path("train")) {
      parts[.train] = try ClassFolders.read(folder, below: "train", classes: classes, remarks: &remarks)
    } else if folder.has("ILSVRC2012_img_train.tar") {
      parts[.train] = try trainArchive(folder, "ILSVRC2012_img_train.tar", classes)
    }
    if Folder.exists(folder.path("val/" + classes.classes[0].key)) {
      parts[.test] = try ClassFolders.read(folder, below: "val", classes: classes, remarks: &remarks)
    } else {
      parts[.test] = try validation(&folder, classes)
    }
    if parts[.train] == nil {
      remarks.append("there is no training split here: neither train/ nor ILSVRC2012_img_train.tar")
    }
    return try Dataset(description, options, parts: parts, remarks: remarks)
  }

  /// The validation pictures by their numbers, in a folder or an archive.
  private static func validation(_ folder: inout DatasetFolder, _ classes: ClassTable) throws -> any SampleSource {
    let isFolder = Folder.exists(folder.path("val"))
    if !isFolder { _ = folder.file("ILSVRC2012_img_val.tar", "val/") }
    let hasKit = Folder.exists(folder.path(kit))
    if hasKit {
      _ = folder.file("\(kit)/data/meta.mat")
      _ = folder.file("\(kit)/\(truth)")
    } else {
      _ = folder.file("\(kit).tar.gz", "\(kit).tar")
    }
    try folder.check()
    let labels = try hasKit ? kitFolder(folder, classes) : kitArchive(folder, classes)
    if isFolder {
      var list = PictureList(root: folder.path)
      for (index, label) in labels.enumerated() {
        list.append("val/" + pictureName(index), label: label)
        folder.require("val/" + pictureName(index))
      }
      try folder.check()
      return list
    }
    let file = try MappedFile(path: folder.path("ILSVRC2012_img_val.tar"))
    let archive = try TarArchive(file.bytes, limits: .dataset)
    let members = Dictionary(archive.members.map { ($0.name, $0.content) }) { first, _ in first }
    var samples = ArchivedPictures(file: file, archive: "ILSVRC2012_img_val.tar")
    var missing: [String] = []
    for (index, label) in labels.enumerated() {
      let name = pictureName(index)
      if let range = members[name] { samples.append(name, range, label: label) } else { missing.append(name) }
    }
    guard missing.isEmpty else {
      throw CheckpointError(
        .missing, .dataset, subject: "ILSVRC2012_img_val.tar",
        "\(missing.count) of \(labels.count) pictures are not in it: \(missing.prefix(20).joined(separator: ", "))")
    }
    return samples
  }

  private static func pictureName(_ index: Int) -> String {
    let digits = "\(index + 1)"
    return "ILSVRC2012_val_" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".JPEG"
  }

  private static func kitFolder(_ folder: DatasetFolder, _ classes: ClassTable) throws -> [Int] {
    let meta = try MATFile(path: folder.path("\(kit)/data/meta.mat"), name: "\(kit)/data/meta.mat")
    return try labels(try textLines(of: folder.path("\(kit)/\(truth)")), "\(kit)/\(truth)", meta, classes)
  }

  private static func kitArchive(_ folder: DatasetFolder, _ classes: ClassTable) throws -> [Int] {
    let name = folder.has("\(kit).tar.gz") ? "\(kit).tar.gz" : "\(kit).tar"
    let file = try FileBytes(path: folder.path(name), name: name)
    return try file.withBytes(in: 0..<file.count) { bytes in
      let archive = try TarArchive(bytes, limits: .dataset)
      func content(_ inner: String) throws(CheckpointError) -> Range<Int> {
        guard let member = archive.members.first(where: { $0.name.hasSuffix(inner) }) else {
          throw CheckpointError(.missing, .dataset, subject: name, "there is no \(inner) in it")
        }
        return member.content
      }
      let meta = try MATFile(bytes.extracting(try content("data/meta.mat")), subject: "meta.mat")
      guard let text = bytes.extracting(try content(truth)).utf8String() else {
        throw CheckpointError(.malformed, .dataset, subject: truth, "is not UTF-8")
      }
      return try labels(text.split(separator: "\n").map(String.init), truth, meta, classes)
    }
  }

  /// The classes of the validation pictures, by the numbers that stand in the ground truth.
  private static func labels(
    _ lines: [String], _ name: String, _ meta: MATFile, _ classes: ClassTable
  ) throws(CheckpointError) -> [Int] {
    guard case .structures(_, let fields, let values) = try meta.variable("synsets"),
      let idField = fields.firstIndex(of: "ILSVRC2012_ID"), let wordField = fields.firstIndex(of: "WNID")
    else { throw meta.fault(.malformed, "synsets is not an array of structures with ILSVRC2012_ID and WNID") }
    var byNumber: [Int: Int] = [:]
    for value in values {
      guard let number = value[idField].integer, let word = value[wordField].string else {
        throw meta.fault(.malformed, "a synset has an ILSVRC2012_ID that is \(value[idField].kind)")
      }
      // Beside the thousand classes there are their ancestors.
      if let label = classes.index(of: word) { byNumber[number] = label }
    }
    var labels: [Int] = []
    for (index, line) in lines.enumerated() where !line.isEmpty {
      guard let number = Int(trimmed(line)), let label = byNumber[number] else {
        throw CheckpointError(
          .malformed, .dataset, subject: name,
          "line \(index + 1) is `\(line.prefix(40))`, expected the number of one of \(byNumber.count) classes")
      }
      labels.append(label)
    }
    return labels
  }

  /// The training pictures as they are distributed: an archive of one archive for each class.
  private static func trainArchive(_ folder: DatasetFolder, _ name: String, _ classes: ClassTable) throws
    -> ArchivedPictures
  {
    let file = try MappedFile(path: folder.path(name))
    let outer = try TarArchive(file.bytes, limits: .dataset)
    var samples = ArchivedPictures(file: file, archive: name)
    for member in outer.members {
      let key = member.name.hasSuffix(".tar") ? String(member.name.dropLast(4)) : member.name
      let label = try classes.requireIndex(of: key, in: name, at: "byte \(member.content.lowerBound)")
      let inner = try TarArchive(file.bytes(in: member.content), limits: .dataset)
      for picture in inner.members {
        let start = member.content.lowerBound + picture.content.lowerBound
        samples.append(picture.name, start..<start + picture.content.count, label: label)
      }
      file.release(member.content)
    }
    return samples
  }
}

/// Pictures in an archive, each where it lies.
struct ArchivedPictures: SampleSource {
  private let file: MappedFile
  private var names: PictureList
  private var ranges: [Range<Int>] = []

  init(file: MappedFile, archive: String) {
    self.file = file
    names = PictureList(root: archive)
  }

  mutating func append(_ name: String, _ range: Range<Int>, label: Int) {
    names.append(name, label: label)
    ranges.append(range)
  }

  var count: Int { names.count }
  func name(at index: Int) -> String { names.name(at: index) }
  func label(at index: Int) -> SampleLabel { names.label(at: index) }

  func image(at index: Int) -> SampleImage {
    let (file, range) = (file, ranges[index])
    return .encoded(
      LentBytes(count: range.count, release: { file.release(range) }, lend: { body in try body(file.bytes(in: range)) })
    )
  }
}
