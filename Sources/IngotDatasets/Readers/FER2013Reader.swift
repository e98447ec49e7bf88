// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// FER2013: a table with 2,304 grey values in each row, which is parsed when a picture is asked for.
enum FER2013Reader {
  static func open(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("fer2013")
    // The competition's train.csv and test.csv have no labels of the test: they are not what is scored.
    let name = folder.file("fer2013.csv", "icml_face_data.csv")
    try folder.check()
    let file = try FileBytes(path: folder.path(name), name: name)
    let usages: [String: DatasetSplit] = ["Training": .train, "PublicTest": .validation, "PrivateTest": .test]
    var parts: [DatasetSplit: FERSamples] = [:]
    for split in usages.values { parts[split] = FERSamples(file: file) }
    try file.withBytes(in: 0..<file.count) { bytes in
      var scanner = CSVScanner(bytes, subject: name)
      guard let head = try scanner.row() else { throw scanner.fault(.malformed, "there is no row of names") }
      let columns = try head.map { trimmed(try scanner.text($0)) }
      guard let emotion = columns.firstIndex(of: "emotion"), let pixels = columns.firstIndex(of: "pixels"),
        let usage = columns.firstIndex(of: "Usage")
      else {
        throw scanner.fault(.malformed, "columns are \(columns.prefix(10)), expected emotion, pixels and Usage")
      }
      while let row = try scanner.row() {
        guard row.count == columns.count else {
          throw scanner.fault(.malformed, "has \(row.count) fields, expected \(columns.count)")
        }
        let key = trimmed(try scanner.text(row[emotion]))
        let label = try description.paperClasses.requireIndex(of: key, in: name, at: "line \(scanner.line)")
        let use = trimmed(try scanner.text(row[usage]))
        guard let split = usages[use] else {
          throw scanner.fault(.malformed, "Usage is `\(use.prefix(40))`, expected Training, PublicTest or PrivateTest")
        }
        parts[split]?.append(row[pixels].range, label: label, line: scanner.line)
      }
    }
    return try Dataset(description, options, parts: parts)
  }
}

/// One split of FER2013.
struct FERSamples: SampleSource {
  private let file: FileBytes
  private var rows: [(range: Range<Int>, label: UInt8, line: Int)] = []
  private static let side = 48

  init(file: FileBytes) { self.file = file }

  mutating func append(_ range: Range<Int>, label: Int, line: Int) { rows.append((range, UInt8(label), line)) }

  var count: Int { rows.count }
  func name(at index: Int) -> String { "\(file.name):\(rows[index].line)" }
  func label(at index: Int) -> SampleLabel { .one(Int(rows[index].label)) }

  func image(at index: Int) throws -> SampleImage {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(Self.side * Self.side)
    for word in file.copy(rows[index].range).split(separator: 0x20) {
      // At most three digits: more are no grey value.
      guard word.count <= 3, word.allSatisfy({ (0x30...0x39).contains($0) }),
        let value = UInt8(exactly: word.reduce(0) { $0 * 10 + Int($1 - 0x30) })
      else {
        throw fault(
          index, "value \(pixels.count) is `\(String(decoding: word.prefix(40), as: UTF8.self))`, expected 0 to 255")
      }
      pixels.append(value)
    }
    guard pixels.count == Self.side * Self.side else {
      throw fault(index, "has \(pixels.count) values, expected \(Self.side * Self.side)")
    }
    return .pixels(RawPicture(width: Self.side, height: Self.side, channels: 1, pixels: pixels))
  }

  private func fault(_ index: Int, _ detail: String) -> CheckpointError {
    file.fault(.malformed, at: rows[index].range.lowerBound, "line \(rows[index].line): \(detail)")
  }
}
