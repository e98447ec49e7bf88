// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ingot
import IngotBytes
import IngotImage
import IngotTestSupport
import Testing

@testable import IngotCLIP

struct PreprocessingConfigurationTests {
  private struct Fixture: Decodable {
    struct Case: Decodable {
      let name: String
      let size: Int
      let preprocessor_config: JSONValue?
      let tensors: [String: String?]
    }

    let cases: [Case]

    static func cases(_ name: String) throws -> [Case] {
      let data = try Data(contentsOf: URL(filePath: Fixtures.path("preprocessing/\(name).json")))
      return try JSONDecoder().decode(Fixture.self, from: data).cases
    }
  }

  /// Checks the tensors of some images against a case's digests.
  private func check(_ configuration: PreprocessingConfiguration, _ original: Fixture.Case) throws {
    let steps = try ImagePreprocessing(configuration)
    for image in ["ycc-420-odd.jpg", "rgba.png", "p.png", "rgb-tall.png", "cmyk.jpg"] {
      let expected = try #require(original.tensors[image] ?? nil)
      let tensor = try steps.tensor(fromFile: Fixtures.path("images/\(image)"))
      let digest = tensor.withRawSpan { SHA256Digest(of: $0).description }
      #expect(digest.hasPrefix(expected), "\(original.name), \(image)")
    }
  }

  private func settled(
    _ file: String, imageSize: Int, standard: PreprocessingConfiguration? = nil
  ) throws -> PreprocessingConfiguration {
    try settled(
      JSONValue(parsing: Array(file.utf8), named: "preprocessor_config.json"), imageSize: imageSize,
      standard: standard ?? .huggingFaceCLIP(imageSize: imageSize))
  }

  private func settled(
    _ file: JSONValue, imageSize: Int, standard: PreprocessingConfiguration
  ) throws -> PreprocessingConfiguration {
    var constants = ConstantSettler()
    let evidence = ModelEvidence(tensors: [], files: ModelFiles(preprocessor: file))
    return try .settle(evidence, imageSize: imageSize, standard: standard, code: .family, &constants)
  }

  @Test func `A file that transformers wrote gives the tensors of the processor that wrote it`() throws {
    let cases = try Fixture.cases("transformers")
    #expect(cases.count == 12)
    for one in cases {
      let standard: PreprocessingConfiguration =
        one.name.contains("SigLIP") ? .siglip(imageSize: one.size) : .huggingFaceCLIP(imageSize: one.size)
      let file = try #require(one.preprocessor_config)
      try check(settled(file, imageSize: one.size, standard: standard), one)
    }
  }

  @Test func `Constants of the families give the tensors of their own code`() throws {
    let originals: [(String, PreprocessingConfiguration)] = [
      ("cn_clip 45", .chineseCLIP(imageSize: 45)),
      ("open_clip MobileCLIP-S1 datacompdr", .mobileCLIP(imageSize: 256)),
      ("timm resnetv2_50x1_bit.goog_in21k", .timm(imageSize: 224)),
      ("timm resnetv2_50x1_bit.goog_distilled_in1k", .timm(imageSize: 224, interpolation: .bicubic)),
    ]
    let cases = try Fixture.cases("torchvision")
    for (name, configuration) in originals {
      try check(configuration, #require(cases.first { $0.name == name }))
    }
    // The two differ in nothing but the filter.
    #expect(originals[2].1.resizeSize == 256 && originals[2].1 != originals[3].1)
  }

  @Test func `Sizes of old files are numbers: the shortest edge, and the crop`() throws {
    let configuration = try settled(
      #"{"crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true, "resample": 3, "size": 224}"#,
      imageSize: 224)
    #expect(configuration == .huggingFaceCLIP(imageSize: 224))
    let bordered = try settled(#"{"crop_size": 224, "size": 256}"#, imageSize: 224)
    #expect(bordered.resizeSize == 256 && bordered.imageSize == 224 && bordered.resize == .shortestSide)
  }

  @Test(arguments: [
    (#"{"size": {"shortest_edge": 224}, "do_center_crop": false}"#, CheckpointError.Code.unsupported, "do_center_crop"),
    (#"{"size": {"shortest_edge": 224}, "crop_size": {"height": 200, "width": 224}}"#, .unsupported, "crop_size"),
    (#"{"size": {"height": 224, "width": 200}}"#, .unsupported, "size"),
    (#"{"size": {"longest_edge": 224}}"#, .unsupported, "size"),
    (#"{"size": {"shortest_edge": 224}, "crop_size": 200}"#, .mismatch, "size"),
    (#"{"size": {"height": 256, "width": 256}, "do_center_crop": false}"#, .mismatch, "size"),
    (#"{"size": 224, "resample": 4}"#, .unsupported, "resample"),
    (#"{"size": 224, "do_rescale": false}"#, .unsupported, "do_rescale"),
  ])
  func `What makes no square of the model's size, or is not known, is refused`(
    file: String, code: CheckpointError.Code, subject: String
  ) throws {
    #expect(throws: CheckpointError(code, .clip, subject: subject, "")) { try settled(file, imageSize: 224) }
  }

  @Test func `Constants that no code has are refused when a model is opened`() throws {
    var configuration = PreprocessingConfiguration.openAI(imageSize: 224)
    configuration.resize = .longestSide
    #expect(throws: CheckpointError(.unsupported, .image, subject: "preprocessing", "")) {
      try ImagePreprocessing(configuration)
    }
    configuration.pipeline = .openCLIP
    _ = try ImagePreprocessing(configuration)
    configuration.resize = .squash
    configuration.resizeSize = 1 << 40
    #expect(throws: CheckpointError(.limit, .image, "")) { try ImagePreprocessing(configuration) }
    configuration.resizeSize = -1
    #expect(throws: CheckpointError(.limit, .image, "")) { try ImagePreprocessing(configuration) }
  }

  @Test func `What is resized before the crop is kept in a file, and absent where it is the image's side`() throws {
    var configuration = PreprocessingConfiguration.openAI(imageSize: 224)
    #expect(!String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self).contains("resizeSize"))
    configuration.resizeSize = 256
    let again = try JSONDecoder().decode(PreprocessingConfiguration.self, from: JSONEncoder().encode(configuration))
    #expect(again == configuration)
  }
}
