// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotTestSupport

/// What torchvision reads from the miniatures in `Fixtures/datasets`: its `golden.json`.
struct Golden: Decodable, Sendable {
  struct Row: Decodable, Sendable {
    let name: String
    let key: String?
    let pixels: String?
    let present: [String]?
    let ignored: [String]?
  }

  struct Entry: Decodable, Sendable {
    let splits: [String: [Row]]
  }

  struct Draw: Decodable, Sendable {
    let seed: UInt32
    let count: Int
    let choice: [Int]
    let next: [Int]
  }

  struct MAT: Decodable, Sendable {
    let d: [Double]
    let cube: [Double]
    let text: String
  }

  let entries: [String: Entry]
  let draws: [Draw]
  let mat: MAT

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    draws = try container.decode([Draw].self, forKey: Name(stringValue: "numpy-choice"))
    mat = try container.decode(MAT.self, forKey: Name(stringValue: "mat"))
    var entries: [String: Entry] = [:]
    for key in container.allKeys where !["numpy-choice", "mat"].contains(key.stringValue) {
      entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
    }
    self.entries = entries
  }

  static func load() throws -> Golden {
    try JSONDecoder().decode(Golden.self, from: Data(contentsOf: URL(filePath: Fixtures.path("datasets/golden.json"))))
  }
}

/// The path of a miniature.
func miniature(_ name: String) -> String { Fixtures.path("datasets/" + name) }

/// Options for a folder, with the program that reads HDF5 beside the tests.
func options(_ path: String) -> DatasetOptions {
  var options = DatasetOptions(path: path)
  options.hdf5Program =
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "ingot-hdf5").path
  return options
}

/// Opens the miniature of a dataset.
func openMiniature(_ name: String, folder: String? = nil) throws -> Dataset {
  try DatasetCatalogue.open(name, options(miniature(folder ?? name)))
}

/// The pixels of a sample that stores them.
func pixels(_ image: SampleImage) throws -> RawPicture {
  guard case .pixels(let picture) = image else {
    throw CheckpointError(.mismatch, .dataset, "pixels are expected")
  }
  return picture
}

/// The digest of bytes, in hexadecimal.
func digest(_ bytes: [UInt8]) -> String { bytes.withRawSpan { SHA256Digest(of: $0).description } }

/// The error that opening throws; `nil` when it does not.
func refusal(_ name: String, _ options: DatasetOptions) -> (any Error)? {
  do {
    _ = try DatasetCatalogue.open(name, options)
    return nil
  } catch {
    return error
  }
}

/// A copy of a miniature that may be changed.
func copyOfMiniature(_ name: String, to folder: TemporaryFolder) throws -> String {
  let target = folder.path(name)
  try FileManager.default.copyItem(atPath: miniature(name), toPath: target)
  return target
}
