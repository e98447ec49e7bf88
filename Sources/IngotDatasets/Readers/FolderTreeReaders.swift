// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Datasets that are a folder for each class, with published splits or with splits that are drawn.
enum FolderTreeReaders {
  /// Folders for each split, and in them for each class: Country211 and Rendered SST2.
  static func splits(
    _ description: DatasetDescription, _ options: DatasetOptions, within names: [String]
  ) throws -> Dataset {
    var folder = try DatasetFolder(options.path)
    for name in names { folder = folder.descending(name) }
    var parts: [DatasetSplit: any SampleSource] = [:]
    var remarks: [String] = []
    let found = [
      (DatasetSplit.train, folder.folder("train")), (.validation, folder.folder("valid", "val")),
      (.test, folder.folder("test")),
    ]
    try folder.check()
    for (split, name) in found {
      parts[split] = try ClassFolders.read(folder, below: name, classes: description.paperClasses, remarks: &remarks)
    }
    return try Dataset(description, options, parts: parts, remarks: remarks)
  }

  /// EuroSAT: 1,000 training and 500 test pictures of each class are drawn, as the paper did with a draw that is not published.
  static func eurosat(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    try drawn(description, options, within: ["eurosat", "EuroSAT", "2750"], names: [.train, .test]) { count in
      [min(1000, count * 2 / 3)]
    } rest: {
      500
    }
  }

  /// RESISC45: 10 % training, 10 % validation and 80 % test pictures are drawn, as the paper did with a draw that is not published.
  static func resisc45(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    // The paper's 3,150 training pictures are 10 %: its own validation pictures are among them, or are not used.
    try drawn(description, options, within: ["NWPU-RESISC45"], names: [.train, .validation, .test]) { count in
      [count / 10, count / 10]
    } rest: {
      nil
    }
  }

  /// Caltech-101: 30 training pictures of each class are drawn, the others are the test; with the background, as the paper has it.
  static func caltech101(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    try drawn(
      description, options, within: ["caltech101", "caltech-101", "101_ObjectCategories"], names: [.train, .test]
    ) { count in
      [min(30, count)]
    } rest: {
      nil
    }
  }

  private static func drawn(
    _ description: DatasetDescription, _ options: DatasetOptions, within places: [String], names: [DatasetSplit],
    sizes: (Int) -> [Int], rest: () -> Int?
  ) throws -> Dataset {
    var folder = try DatasetFolder(options.path)
    for place in places { folder = folder.descending(place) }
    var remarks: [String] = []
    let classes = description.paperClasses
    let list = try ClassFolders.read(folder, classes: classes, remarks: &remarks)
    var draw = DrawnSplit(seed: options.seed)
    let indices = draw.perClass(list, classes: classes.count, sizes: sizes, rest: rest())
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, members) in zip(names, indices) { parts[split] = SampleSubset(list, members) }
    return try Dataset(description, options, parts: parts, remarks: remarks)
  }
}
