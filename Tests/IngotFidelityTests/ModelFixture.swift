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

/// A fixture converted into an `.ingot` file, ready to be verified or spoiled.
struct ModelFixture {
  let folder: TemporaryFolder
  let file: IngotFile
  let configuration: CLIPConfiguration
  let bundle: GoldenBundle
  let scheme: EncodingScheme

  /// The fixtures: the half-precision TorchScript archives, and the plain state dicts.
  static let names = ["vit-tiny", "resnet-tiny", "fashion-clip"]

  init(_ name: String, _ scheme: EncodingScheme = .source, archive: Bool = true) throws {
    try self.init(
      Fixtures.path("\(name)/\(archive ? "archive" : "state_dict").pt"),
      golden: Fixtures.path("\(name)/golden\(archive ? "-archive" : "").safetensors"), scheme,
      archive ? ModelOptions() : ModelOptions(activation: .quickGELU))
  }

  init(_ fixture: FamilyFixture, _ scheme: EncodingScheme = .source) throws {
    try self.init(fixture.source, golden: fixture.golden, scheme, fixture.options)
  }

  private init(_ source: String, golden: String, _ scheme: EncodingScheme, _ options: ModelOptions) throws {
    folder = try TemporaryFolder()
    let path = folder.path("model.ingot")
    let source = try Source(path: source)
    let plan = try ConversionPlan(source, scheme: scheme, options: options)
    _ = try Converter(Compute(), existing: .refuse).convert(source, plan, tokenizer: nil, to: path)
    file = try IngotFile(MappedFile(path: path))
    configuration = try file.configuration()
    bundle = try GoldenBundle(SafetensorsFile(MappedFile(path: golden)))
    self.scheme = scheme
  }

  /// Verifies the file, or what a test made of it.
  func verify(_ checkpoint: (any Checkpoint)? = nil, _ configuration: CLIPConfiguration? = nil) throws -> FidelityReport
  {
    let checkpoint = checkpoint ?? file
    let subject = VerificationSubject(
      name: "model.ingot", encoding: scheme.rawValue, provenance: try file.provenance(), checkpoint: checkpoint)
    let encoder = try CLIPEncoder<Float>(configuration ?? self.configuration, checkpoint)
    return try Verifier.verify(encoder, subject, against: bundle, named: "golden", Compute())
  }

  /// The file with the bytes of one tensor changed.
  func spoiled(_ name: String, _ change: (inout [UInt8], TensorDescriptor) -> Void) throws -> SpoiledCheckpoint {
    let tensor = try #require(file.tensor(named: name), "\(name) is a tensor of the model")
    var bytes = try file.withBytes(of: tensor) { $0.copied() }
    change(&bytes, tensor)
    return SpoiledCheckpoint(file: file, name: name, bytes: bytes)
  }
}

/// A file of which one tensor has other bytes.
struct SpoiledCheckpoint: Checkpoint {
  let file: IngotFile
  let name: String
  let bytes: [UInt8]

  var tensors: [TensorDescriptor] { file.tensors }

  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    tensor.name == name ? try bytes.withRawSpan(body) : try file.withBytes(of: tensor, body)
  }
}
