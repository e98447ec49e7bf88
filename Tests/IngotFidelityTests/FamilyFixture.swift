// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotTensor
import IngotTestSupport
import Testing

/// A model of a family as its own library wrote it, and what that library says of it (`Fixtures/families/expected.json`).
struct FamilyFixture: Sendable, CustomTestStringConvertible {
  struct Facts: Sendable, Decodable {
    struct Tower: Sendable, Decodable {
      let kind: String
      let activation: String
      let width: Count?
      let layers: Count
      let heads: Int?
      let epsilon: Double?
      let pooling: String
      let patch: Int?
      let preNorm: Bool?
      let causal: Bool?
      let context: Int?
      let vocabulary: Int?
    }

    /// One number, or one for each stage.
    enum Count: Sendable, Decodable, Equatable {
      case one(Int)
      case stages([Int])

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = try (try? container.decode(Int.self)).map { .one($0) } ?? .stages(container.decode([Int].self))
      }
    }

    struct Preprocessing: Sendable, Decodable {
      let size: Int?
      let mean: [Double]
      let std: [Double]
      let interpolation: String
      let resize: String
    }

    let embedding: Int?
    let similarity: String?
    let vision: Tower?
    let text: Tower?
    let preprocessing: Preprocessing?
  }

  let name: String
  let facts: Facts
  var testDescription: String { name }

  static let all: [FamilyFixture] = {
    guard let data = FileManager.default.contents(atPath: Fixtures.path("families/expected.json")),
      let facts = try? JSONDecoder().decode([String: Facts].self, from: data)
    else { return [] }
    return facts.sorted { $0.key < $1.key }.map { FamilyFixture(name: $0.key, facts: $0.value) }
  }()

  /// Fixtures that are refused, with a word of the sentence that says so.
  static let refused = ["open-clip/coca": "multimodal_cfg", "siglip/naflex": "siglip2"]
  /// Those of convolutional towers, which other tests are about.
  static let convolutional = ["convnext/", "mobileclip/", "towers-alone/"]

  static let supported = all.filter { fixture in
    refused[fixture.name] == nil && !convolutional.contains { fixture.name.hasPrefix($0) }
  }

  private var folder: String { Fixtures.path("families/\(name)") }

  var golden: String { folder + "/golden.safetensors" }

  /// The folder as it is published, or the only checkpoint in it where that has a name of its own.
  var source: String {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let published = ["model.safetensors", "model.safetensors.index.json", "open_clip_model.safetensors", "tf_model.h5"]
    if published.contains(where: files.contains) { return folder }
    let endings = [".pt", ".pth", ".npz", ".h5"]
    let own = files.sorted().last { file in endings.contains { file.hasSuffix($0) } }
    return folder + "/" + (own ?? "")
  }

  /// What a person has to say of the model because neither file nor shape does: small models do not have the published widths.
  var options: ModelOptions {
    switch name {
    case "open-clip/training": ModelOptions(activation: .quickGELU)
    case "chinese-clip/original", "chinese-clip/original-resnet":
      ModelOptions(visionHeads: facts.vision?.heads, textHeads: facts.text?.heads)
    default: ModelOptions()
    }
  }
}
