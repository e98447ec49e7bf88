// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotSafetensors
import IngotTensor
import IngotTestSupport

/// What the fixtures hold, as PyTorch says: `Fixtures/safetensors/manifest.json`.
struct Manifest: Decodable {
  struct File: Decodable {
    let sha256: String
    let metadata: [String: String]
    let tensors: [Tensor]
  }

  struct Tensor: Decodable, Equatable {
    let name: String
    let type: String
    let shape: [Int]
    let sha256: String
  }

  let files: [String: File]

  static func load() throws -> Manifest {
    try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: URL(filePath: Fixtures.path("safetensors/manifest.json"))))
  }

  /// Written by the reference library.
  static let reference = [
    "every-type", "golden", "like-pickle-0", "like-pickle-1", "like-pickle-2", "like-pickle-3", "like-pickle-4",
    "like-pickle-5", "names", "nothing", "only-metadata", "shapes",
  ].map {
    "reference-\($0).safetensors"
  }
  /// Headers as other writers make them.
  static let variants = [
    "escaped-names", "header-backwards", "indented", "leading-space", "odd-header", "unaligned",
  ].map { "variant-\($0).safetensors" }
}

extension Manifest.Tensor {
  /// What our reader says of the same tensor.
  init(_ tensor: TensorDescriptor, in file: SafetensorsFile) throws {
    self.init(
      name: tensor.name, type: tensor.type.rawValue, shape: tensor.shape.extents,
      sha256: try file.digest(of: tensor).description)
  }
}

/// Bytes of a fixture.
func fixtureBytes(_ name: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("safetensors/\(name)"))))
}
