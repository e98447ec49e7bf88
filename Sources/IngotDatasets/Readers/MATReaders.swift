// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Datasets whose annotations are MATLAB files.
enum MATReaders {
  /// Stanford Cars: `cars_train_annos.mat` and `cars_test_annos_withlabels.mat`, with a structure for each picture.
  static func cars(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("stanford_cars")
    let train = folder.file("devkit/cars_train_annos.mat", "cars_train_annos.mat")
    let test = folder.file("cars_test_annos_withlabels.mat", "devkit/cars_test_annos_withlabels.mat")
    let places = [
      (DatasetSplit.train, train, folder.folder("cars_train")), (.test, test, folder.folder("cars_test")),
    ]
    let meta = folder.file("devkit/cars_meta.mat", "cars_meta.mat")
    try folder.check()
    let classes = description.paperClasses
    try checkCarNames(MATFile(path: folder.path(meta), name: meta), classes)
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, name, pictures) in places {
      let file = try MATFile(path: folder.path(name), name: name)
      guard case .structures(_, let fields, let values) = try file.variable("annotations"),
        let classField = fields.firstIndex(of: "class"), let nameField = fields.firstIndex(of: "fname")
      else { throw file.fault(.malformed, "annotations is not an array of structures with fname and class") }
      var list = PictureList(root: folder.path)
      for (index, value) in values.enumerated() {
        guard let number = value[classField].integer, let picture = value[nameField].string else {
          throw file.fault(
            .malformed,
            "annotation \(index) has a class that is \(value[classField].kind) and a name that is \(value[nameField].kind)"
          )
        }
        let label = try classes.requireIndex(of: "\(number)", in: name, at: "annotation \(index)")
        let path = pictures + "/" + (try checkedPath(picture, in: name, at: "annotation \(index)"))
        list.append(path, label: label)
        folder.require(path)
      }
      parts[split] = list
    }
    try folder.check()
    return try Dataset(description, options, parts: parts)
  }

  /// The dataset's own names have the words of ours, in another order.
  private static func checkCarNames(_ file: MATFile, _ classes: ClassTable) throws(CheckpointError) {
    guard let names = try file.variable("class_names").strings else {
      throw file.fault(.malformed, "class_names is not an array of texts")
    }
    guard names.count == classes.count else {
      throw file.fault(.mismatch, "class_names has \(names.count) names, expected \(classes.count)")
    }
    func wordSet(_ name: String) -> [String] {
      name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init).sorted()
    }
    for (index, name) in names.enumerated() where wordSet(name) != wordSet(classes.classes[index].names[0]) {
      throw file.fault(.mismatch, "class \(index + 1) is `\(name)`, expected `\(classes.classes[index].names[0])`")
    }
  }

  /// Oxford Flowers 102: `imagelabels.mat` has a label for each picture, `setid.mat` the numbers of pictures in each split.
  static func flowers(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("flowers-102")
    let (labelsName, splitsName) = (folder.file("imagelabels.mat"), folder.file("setid.mat"))
    _ = folder.folder("jpg")
    try folder.check()
    let labelFile = try MATFile(path: folder.path(labelsName), name: labelsName)
    guard let labels = try labelFile.variable("labels").integers else {
      throw labelFile.fault(.malformed, "labels are not whole numbers")
    }
    let splitFile = try MATFile(path: folder.path(splitsName), name: splitsName)
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, name) in [(DatasetSplit.train, "trnid"), (.validation, "valid"), (.test, "tstid")] {
      guard let numbers = try splitFile.variable(name).integers else {
        throw splitFile.fault(.malformed, "\(name) are not whole numbers")
      }
      var list = PictureList(root: folder.path)
      for number in numbers {
        guard (1...max(1, labels.count)).contains(number), labels.count > 0 else {
          throw splitFile.fault(.malformed, "\(name) has picture \(number), there are labels of \(labels.count)")
        }
        let label = try description.paperClasses.requireIndex(
          of: "\(labels[number - 1])", in: labelsName, at: "picture \(number)")
        let digits = "\(number)"
        let path = "jpg/image_" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".jpg"
        list.append(path, label: label)
        folder.require(path)
      }
      parts[split] = list
    }
    try folder.check()
    return try Dataset(description, options, parts: parts)
  }
}
