// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// GTSRB: folders of PPM pictures for training, and a folder with a table, separated by semicolons, for the test.
enum GTSRBReader {
  static func open(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("gtsrb")
    // Both archives unpack into `GTSRB`; the training one of the final data set has another tree.
    let train = folder.folder("GTSRB/Training", "GTSRB/Final_Training/Images", "Training", "Final_Training/Images")
    let test = folder.folder("GTSRB/Final_Test/Images", "Final_Test/Images")
    let table = folder.file("GT-final_test.csv", "GTSRB/GT-final_test.csv", test + "/GT-final_test.csv")
    try folder.check()
    let classes = description.paperClasses
    var list = PictureList(root: folder.path)
    for entry in try Folder.entries(of: folder.path(train)) where entry.isFolder {
      // 00000 to 00042.
      guard let number = Int(entry.name), let label = classes.index(of: "\(number)") else {
        throw CheckpointError(
          .malformed, .dataset, subject: train + "/" + entry.name,
          "is none of the \(classes.count) classes, expected 00000 to 00042")
      }
      try ClassFolders.append(
        folder.path(train + "/" + entry.name), as: train + "/" + entry.name, label: label, to: &list)
    }
    let rows = try CSVTable(path: folder.path(table), name: table, separator: ";")
    let (nameColumn, classColumn) = (try rows.column("Filename"), try rows.column("ClassId"))
    var tests = PictureList(root: folder.path)
    for (index, row) in rows.rows.enumerated() {
      let place = "row \(index + 1)"
      let label = try classes.requireIndex(of: row[classColumn], in: table, at: place)
      let path = test + "/" + (try checkedPath(row[nameColumn], in: table, at: place))
      tests.append(path, label: label)
      folder.require(path)
    }
    try folder.check()
    return try Dataset(description, options, parts: [.train: list, .test: tests])
  }
}
