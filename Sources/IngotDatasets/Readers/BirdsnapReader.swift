// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Birdsnap: a table of addresses, of which only those pictures are here that somebody could still fetch.
enum BirdsnapReader {
  static func open(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("birdsnap")
    let (species, images, tests) = (
      folder.file("species.txt"), folder.file("images.txt"), folder.file("test_images.txt")
    )
    let pictures = folder.folder("download/images", "images")
    try folder.check()
    let labels = try labels(folder, species, description.paperClasses)
    let testLines = try textLines(of: folder.path(tests)).filter { !$0.isEmpty }
    let testPaths = Set(testLines.dropFirst(testLines.first?.contains("/") == false ? 1 : 0))
    var parts: [DatasetSplit: PictureList] = [
      .train: PictureList(root: folder.path), .test: PictureList(root: folder.path),
    ]
    let table = try textLines(of: folder.path(images))
    let head = (table.first ?? "").split(separator: "\t").map(String.init)
    guard let pathColumn = head.firstIndex(of: "path"), let speciesColumn = head.firstIndex(of: "species_id") else {
      throw CheckpointError(
        .malformed, .dataset, subject: images, "columns are \(head.prefix(10)), expected path and species_id")
    }
    var absent = 0
    for (number, line) in table.enumerated().dropFirst() where !line.isEmpty {
      let place = "line \(number + 1)"
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == head.count else {
        throw CheckpointError(
          .malformed, .dataset, subject: images, "\(place) has \(fields.count) fields, expected \(head.count)")
      }
      let path = try checkedPath(fields[pathColumn], in: images, at: place)
      guard let label = labels[fields[speciesColumn]] else {
        throw CheckpointError(
          .malformed, .dataset, subject: images,
          "\(place): species `\(fields[speciesColumn].prefix(40))` is not in \(species)")
      }
      guard folder.has(pictures + "/" + path) else {
        absent += 1
        continue
      }
      parts[testPaths.contains(path) ? .test : .train]?.append(pictures + "/" + path, label: label)
    }
    let remarks = absent == 0 ? [] : ["\(absent) pictures of the list are not here: their addresses may be dead"]
    return try Dataset(description, options, parts: parts, remarks: remarks)
  }

  /// The class of each species' number, by its common name: letters only, as apostrophes and hyphens are not written alike everywhere.
  private static func labels(_ folder: DatasetFolder, _ name: String, _ classes: ClassTable) throws -> [String: Int] {
    func letters(_ text: String) -> String { String(text.lowercased().filter(\.isLetter)) }
    let byLetters = Dictionary(classes.classes.enumerated().map { (letters($0.element.key), $0.offset) }) { first, _ in
      first
    }
    var labels: [String: Int] = [:]
    let lines = try textLines(of: folder.path(name))
    let head = (lines.first ?? "").split(separator: "\t").map(String.init)
    guard let idColumn = head.firstIndex(of: "id"), let commonColumn = head.firstIndex(of: "common") else {
      throw CheckpointError(
        .malformed, .dataset, subject: name, "columns are \(head.prefix(10)), expected id and common")
    }
    for (number, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == head.count, let label = byLetters[letters(fields[commonColumn])] else {
        throw CheckpointError(
          .malformed, .dataset, subject: name,
          "line \(number + 1) is none of the \(classes.count) species: `\(line.prefix(80))`")
      }
      labels[fields[idColumn]] = label
    }
    return labels
  }
}
