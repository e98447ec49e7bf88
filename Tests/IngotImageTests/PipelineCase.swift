// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotImage
import IngotTestSupport
import Testing

/// One transform of an original library, and what it makes of every image of `Fixtures/images`: a case in `Fixtures/preprocessing`.
struct PipelineCase: Decodable, CustomTestStringConvertible {
  let name: String
  let pipeline: String
  let resize: String
  let interpolation: String
  let size: Int
  let resizeSide: Int
  let mean: [Double]
  let standardDeviation: [Double]
  /// The first 64 bits of each tensor's digest; `nil` where the original raises.
  let tensors: [String: String?]

  var testDescription: String { name }

  private struct File: Decodable {
    let cases: [PipelineCase]
  }

  /// All cases.
  static func load() throws -> [PipelineCase] {
    try ["torchvision", "transformers", "keras"].flatMap { name in
      let data = try Data(contentsOf: URL(filePath: Fixtures.path("preprocessing/\(name).json")))
      return try JSONDecoder().decode(File.self, from: data).cases
    }
  }

  /// All cases but that of transformers 5, which Ingot does not follow.
  static func followed() throws -> [PipelineCase] {
    try load().filter { !$0.name.hasPrefix("transformers-5") }
  }

  /// The steps that the case's constants describe.
  func preprocessing() throws -> ImagePreprocessing {
    guard let pipeline = ImagePreprocessing.Pipeline(rawValue: pipeline),
      let resize = ImagePreprocessing.Resize(rawValue: resize),
      let interpolation = ImagePreprocessing.Interpolation(rawValue: interpolation)
    else {
      throw CocoaError(.coderInvalidValue)
    }
    return ImagePreprocessing(
      size: size, resizeSide: resizeSide, resize: resize, interpolation: interpolation, pipeline: pipeline,
      channelOrder: pipeline == .keras ? .bgr : .rgb, mean: mean, standardDeviation: standardDeviation)
  }

  /// The images whose tensor `steps` does not reproduce.
  func differences(_ steps: ImagePreprocessing) throws -> [String] {
    var differing: [String] = []
    for (name, expected) in tensors {
      guard let expected else { continue }
      let tensor = try steps.tensor(fromFile: Manifest.path(name))
      if !digest(tensor).hasPrefix(expected) { differing.append(name) }
    }
    return differing.sorted()
  }
}
