// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotFile
import IngotTensor
import IngotTestSupport

/// What the Python writer says of the files it wrote: `Fixtures/ingot-v1/manifest.json`.
struct Manifest: Decodable {
  struct File: Decodable {
    let sha256: String
    let root: String
    let sections: [String: Content]
    let tensors: [Tensor]
    /// SHA-256 of the float32 values of tensors that are stored in groups, by name.
    let values: [String: String]?
  }

  struct Content: Decodable {
    let bytes: Int
    let sha256: String
  }

  struct Tensor: Decodable, Equatable {
    let name: String
    let type: String
    let shape: [Int]
    let bytes: Int
    let encoding: String
    let sha256: String
  }

  let files: [String: File]

  static func load() throws -> Manifest {
    try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: URL(filePath: Fixtures.path("ingot-v1/manifest.json"))))
  }

  /// The names of the fixtures; a test makes sure that they are those of the manifest.
  static let names = ["every-type", "grouped", "names", "nothing", "quantized", "sections", "smallest"].map {
    $0 + ".ingot"
  }
}

extension Manifest.Tensor {
  /// What our reader says of the same tensor.
  init(_ tensor: TensorDescriptor, in file: IngotFile) throws {
    self.init(
      name: tensor.name, type: tensor.type.rawValue, shape: tensor.shape.extents, bytes: tensor.byteCount,
      encoding: tensor.encoding.label, sha256: try file.digest(of: tensor).description)
  }
}

/// Bytes of a fixture.
func fixtureBytes(_ name: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("ingot-v1/\(name)"))))
}
