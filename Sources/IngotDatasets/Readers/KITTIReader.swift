// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// KITTI as the task of the closest vehicle's distance, of VTAB: from the labels of objects, one of four classes.
enum KITTIReader {
  /// What counts as a vehicle.
  private static let vehicles: Set<String> = ["Car", "Van", "Truck"]
  /// Metres in front of the camera; a class begins at each.
  private static let cuts = [8.0, 20.0]
  /// The split was drawn by film with `numpy.random.seed(123)`: one in ten films for the test, then one in ten for validation.
  private static let seed: UInt32 = 123
  private static let sharePercent = 10

  static func open(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path)
    for inner in ["Kitti", "raw"] { folder = folder.descending(inner) }
    let pictures = folder.folder("training/image_2")
    let labels = folder.folder("training/label_2")
    let mapping = folder.file(
      "mapping/train_mapping.txt", "devkit/mapping/train_mapping.txt", "devkit_object/mapping/train_mapping.txt")
    let order = folder.file(
      "mapping/train_rand.txt", "devkit/mapping/train_rand.txt", "devkit_object/mapping/train_rand.txt")
    try folder.check()
    let films = try films(folder, mapping, order)
    let splits = splits(of: films)
    var parts: [DatasetSplit: PictureList] = [:]
    for split in [DatasetSplit.train, .validation, .test] { parts[split] = PictureList(root: folder.path) }
    let found = try Folder.entries(of: folder.path(pictures)).filter { !$0.isFolder && ClassFolders.isPicture($0.name) }
    let stems = found.map { entry in entry.name.split(separator: ".").first.map(String.init) ?? entry.name }
    for stem in stems { folder.require("\(labels)/\(stem).txt") }
    try folder.check()
    for (entry, stem) in zip(found, stems) {
      let name = "\(labels)/\(stem).txt"
      guard let index = Int(stem), splits.indices.contains(index) else {
        throw CheckpointError(
          .mismatch, .dataset, subject: "\(pictures)/\(entry.name)",
          "\(order) knows the films of pictures 0 to \(splits.count - 1)")
      }
      let label = try distanceClass(textLines(of: folder.path(name)), in: name)
      parts[splits[index]]?.append("\(pictures)/\(entry.name)", label: label)
    }
    return try Dataset(description, options, parts: parts)
  }

  /// The class of a picture by the lines of its label file: 0 below 8 m, 1 below 20 m, 2 beyond, 3 without a vehicle.
  static func distanceClass(_ lines: [String], in name: String) throws(CheckpointError) -> Int {
    var closest: Double?
    for (number, line) in lines.enumerated() where !line.isEmpty {
      let fields = words(line)
      guard fields.count == 15 || fields.count == 16, let depth = Double(fields[13]), depth.isFinite else {
        throw CheckpointError(
          .malformed, .dataset, subject: name,
          "line \(number + 1) has \(fields.count) fields, expected 15 with a distance in the 14th")
      }
      if vehicles.contains(fields[0]) { closest = min(closest ?? depth, depth) }
    }
    guard let closest else { return 3 }
    return cuts.filter { closest >= $0 }.count
  }

  /// The film of each picture: `train_rand.txt` has for each a line of `train_mapping.txt`, counted from 1.
  private static func films(_ folder: DatasetFolder, _ mapping: String, _ order: String) throws -> [String] {
    let lines = try textLines(of: folder.path(mapping))
    let numbers = try textLines(of: folder.path(order)).joined(separator: ",").split(separator: ",").map { trimmed($0) }
    return try numbers.filter { !$0.isEmpty }.enumerated().map { index, text in
      guard let number = Int(text), (1...max(1, lines.count)).contains(number), number <= lines.count else {
        throw CheckpointError(
          .malformed, .dataset, subject: order,
          "number \(index + 1) is `\(text.prefix(20))`, \(mapping) has \(lines.count) lines")
      }
      let fields = words(lines[number - 1])
      guard fields.count >= 2 else {
        throw CheckpointError(.malformed, .dataset, subject: mapping, "line \(number) has no film")
      }
      return fields[1]
    }
  }

  private static func splits(of films: [String]) -> [DatasetSplit] {
    let all = Array(Set(films)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard all.count >= 2 else { return films.map { _ in .test } }
    let share = max(1, sharePercent * all.count / 100)
    var random = MersenneTwister(seed: seed)
    let test = Set(random.choice(share, of: all.count).map { all[$0] })
    let rest = all.filter { !test.contains($0) }
    let validation = Set(random.choice(min(share, rest.count), of: rest.count).map { rest[$0] })
    return films.map { test.contains($0) ? .test : validation.contains($0) ? .validation : .train }
  }
}
