// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotQuantization
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

/// A convolutional model that the original library wrote, converted, and what that library computed with it.
struct ConvolutionalFixture {
  /// A file and the bundle beside it.
  struct Case: Sendable, CustomTestStringConvertible {
    let folder: String
    let file: String
    let family: String
    /// Side of the images of the bundle; `nil` where the file says it.
    let imageSize: Int?
    var golden = "golden.safetensors"
    var testDescription: String { "\(folder)/\(file)" }

    /// What nothing beside the weights says.
    var options: ModelOptions {
      family == "openclip-mobileclip" && imageSize != nil
        ? ModelOptions(activation: .gelu, textHeads: 3, imageSize: imageSize) : ModelOptions(imageSize: imageSize)
    }
  }

  /// All of them.
  static let cases = [
    Case(folder: "towers-alone/torchvision", file: "resnet50.pth", family: "torchvision-resnet", imageSize: 48),
    Case(folder: "towers-alone/keras", file: "resnet50.weights.h5", family: "keras-resnet", imageSize: 48),
    Case(
      folder: "towers-alone/keras", file: "resnet50_weights_tf_dim_ordering_tf_kernels.h5", family: "keras-resnet",
      imageSize: 48),
    Case(
      folder: "towers-alone/bit", file: "BiT-M-R50x1.npz", family: "bit-resnet", imageSize: 48,
      golden: "golden-google.safetensors"),
    Case(folder: "towers-alone/simclr", file: "r50_1x_sk0.pth", family: "simclr-resnet", imageSize: 48),
    Case(folder: "convnext/linear", file: "", family: "openclip-convnext", imageSize: nil),
    Case(folder: "convnext/mlp", file: "", family: "openclip-convnext", imageSize: nil),
    Case(folder: "convnext/xxlarge", file: "", family: "openclip-convnext", imageSize: nil),
    Case(folder: "mobileclip/s", file: "", family: "openclip-mobileclip", imageSize: nil),
    Case(folder: "mobileclip/s-reparameterised", file: "", family: "openclip-mobileclip", imageSize: nil),
    Case(folder: "mobileclip/s3", file: "", family: "openclip-mobileclip", imageSize: nil),
    Case(folder: "mobileclip/apple", file: "mobileclip_s1.pt", family: "openclip-mobileclip", imageSize: 64),
    // Trained ones.
    Case(folder: "../extractors/resnet50", file: "resnet50.pth", family: "torchvision-resnet", imageSize: 28),
    Case(folder: "../extractors/bit", file: "BiT-M-R50x1.npz", family: "bit-resnet", imageSize: 56),
    Case(folder: "../extractors/simclr", file: "r50_1x_sk0.pth", family: "simclr-resnet", imageSize: 28),
  ]

  static func named(_ folder: String) throws -> Case { try #require(cases.first { $0.folder.hasSuffix(folder) }) }

  let folder: TemporaryFolder
  let plan: ConversionPlan
  let file: IngotFile
  let bundle: GoldenBundle

  init(_ item: Case, _ scheme: EncodingScheme = .source) throws {
    folder = try TemporaryFolder()
    let base = "families/\(item.folder)"
    let source = try Source(path: Fixtures.path(item.file.isEmpty ? base : "\(base)/\(item.file)"))
    plan = try ConversionPlan(source, scheme: scheme, options: item.options)
    let path = folder.path("model.ingot")
    _ = try Converter(Compute(), existing: .refuse).convert(source, plan, tokenizer: nil, to: path)
    file = try IngotFile(MappedFile(path: path))
    bundle = try GoldenBundle(SafetensorsFile(MappedFile(path: Fixtures.path("\(base)/\(item.golden)"))))
  }

  /// Verifies the file with another description.
  func verify(_ change: (inout ConvolutionalConfiguration) -> Void) throws -> FidelityReport {
    var configuration = try file.configuration()
    guard case .convolutional(var vision)? = configuration.vision else {
      throw CheckpointError(.mismatch, .clip, "the fixture has a convolutional tower")
    }
    change(&vision)
    configuration.vision = .convolutional(vision)
    return try verify(nil, configuration)
  }

  /// Verifies a file of MobileCLIP with another description.
  func verifyMobile(_ change: (inout MobileConfiguration) -> Void) throws -> FidelityReport {
    var configuration = try file.configuration()
    guard case .mobile(var vision)? = configuration.vision else {
      throw CheckpointError(.mismatch, .clip, "the fixture has a tower of MobileCLIP")
    }
    change(&vision)
    configuration.vision = .mobile(vision)
    return try verify(nil, configuration)
  }

  /// Verifies the file, or the file with other bytes of a tensor.
  func verify(_ checkpoint: (any Checkpoint)? = nil, _ configuration: CLIPConfiguration? = nil) throws -> FidelityReport
  {
    let configuration = try configuration ?? file.configuration()
    let subject = VerificationSubject(
      name: "model.ingot", encoding: plan.scheme.rawValue, provenance: try file.provenance(),
      checkpoint: checkpoint ?? file)
    let encoder = try CLIPEncoder<Float>(configuration, checkpoint ?? file)
    return try Verifier.verify(encoder, subject, against: bundle, named: "golden", Compute())
  }

  /// The file with the kernels of one convolution transposed.
  func transposed(_ name: String) throws -> SpoiledCheckpoint {
    let tensor = try #require(file.tensor(named: name))
    let (height, width) = (tensor.shape[2], tensor.shape[3])
    let original = try file.withBytes(of: tensor) { [Float](littleEndianBytes: $0) }
    var values = original
    for kernel in 0..<original.count / (height * width) {
      for y in 0..<height {
        for x in 0..<width {
          values[(kernel * height + y) * width + x] = original[(kernel * height + x) * width + y]
        }
      }
    }
    return SpoiledCheckpoint(file: file, name: name, bytes: values.withRawSpan { $0.copied() })
  }
}
