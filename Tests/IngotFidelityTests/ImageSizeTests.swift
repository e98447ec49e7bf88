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

/// `--image-size`, against the models of OpenCLIP and timm that their own functions resized.
@Suite struct ImageSizeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let source: String
    let size: Int
    let transform: String
    var testDescription: String { "\(name)-\(size)" }

    func plan(_ size: Int? = nil) throws -> (Source, ConversionPlan) {
      let source = try Source(path: Fixtures.path("families/\(self.source)"))
      let options = ModelOptions(imageSize: size ?? self.size)
      return (source, try ConversionPlan(source, scheme: .source, options: options))
    }

    func bundle() throws -> GoldenBundle {
      let path = Fixtures.path("families/positions/\(name)-\(size).safetensors")
      return try GoldenBundle(SafetensorsFile(MappedFile(path: path)))
    }
  }

  static let cases = [
    Case(name: "open-clip", source: "open-clip/gelu", size: 36, transform: "copy, interpolate 4x4 to 6x6"),
    Case(name: "open-clip", source: "open-clip/gelu", size: 18, transform: "copy, interpolate 4x4 to 3x3"),
    Case(name: "eva02", source: "eva/eva02", size: 36, transform: "reshape 1, interpolate 4x4 to 6x6"),
    Case(name: "siglip", source: "siglip/open-clip", size: 42, transform: "reshape 1, interpolate 4x4 to 7x7"),
  ]

  private func distance(_ first: Matrix<Float>?, _ second: Matrix<Float>?) throws -> Double {
    let (first, second) = (try #require(first), try #require(second))
    return zip(first.values, second.values).map { abs(Double($0) - Double($1)) }.max() ?? .infinity
  }

  @Test(arguments: cases)
  func `a model at another image size computes what the original library computes there`(_ item: Case) throws {
    let (source, plan) = try item.plan()
    try plan.check()
    #expect(plan.configuration.vision?.imageSize == item.size)
    #expect(plan.configuration.preprocessing?.imageSize == item.size)
    #expect(plan.configuration.constants.contains { $0.key == "vision.imageSize" && $0.value == "\(item.size)" })
    let bundle = try item.bundle()
    let encoder = try CLIPEncoder<Float>(plan.configuration, PlannedCheckpoint(source, plan))
    let direct = try ModelOutputs(running: encoder, on: bundle, Compute())
    #expect(try distance(direct.imageEmbeds, bundle.imageEmbeds) <= 1e-5)
    #expect(try distance(direct.logits, bundle.logits) <= 1e-5 * Double(encoder.logitScale))

    let folder = try TemporaryFolder()
    let report = try Converter(Compute(), existing: .refuse).convert(
      source, plan, tokenizer: nil, to: folder.path("model.ingot"))
    let file = try IngotFile(MappedFile(path: folder.path("model.ingot")))
    let stored = try ModelOutputs(
      running: CLIPEncoder<Float>(file.configuration(), file), on: bundle, Compute())
    #expect(stored.logits?.values == direct.logits?.values)
    let origin = try #require(try file.provenance().tensors["vision.position_embedding"])
    #expect(origin.transform == item.transform)
    #expect(origin.fidelity.verdict == .approximate)
    let row = try #require(report.tensors.first { $0.target.name == "vision.position_embedding" })
    #expect(row.fidelity.verdict == .approximate)
    #expect(row.interpolation.map(item.transform.hasSuffix) == true)
    #expect(report.count(of: .approximate) == 1)
  }

  @Test func `positions of rows and columns exchanged are found out`() throws {
    let item = Self.cases[0]
    let (source, plan) = try item.plan()
    let checkpoint = TurnedPositions(PlannedCheckpoint(source, plan), side: 6)
    let encoder = try CLIPEncoder<Float>(plan.configuration, checkpoint)
    let bundle = try item.bundle()
    let outputs = try ModelOutputs(running: encoder, on: bundle, Compute())
    #expect(try distance(outputs.imageEmbeds, bundle.imageEmbeds) > 1e-3)
  }

  @Test func `a size between patches is refused with both numbers`() throws {
    let error = #expect(throws: CheckpointError.self) { try Self.cases[0].plan(37) }
    #expect(error?.code == .mismatch && error?.subject == "vision.imageSize")
    #expect(error?.detail.contains("37") == true && error?.detail.contains("patch size 6") == true)
    #expect(throws: CheckpointError(.limit, .clip, subject: "vision.imageSize", "")) {
      try Self.cases[0].plan(6 << 20)
    }
  }

  @Test func `a ResNet and a text tower are refused, the model's own size changes nothing`() throws {
    let resnet = Case(name: "", source: "open-clip/resnet", size: 96, transform: "")
    let error = #expect(throws: CheckpointError.self) { try resnet.plan() }
    #expect(error?.code == .unsupported)
    #expect(error?.detail.contains("96") == true && error?.detail.contains("2 × 2") == true)
    let text = Case(name: "", source: "huggingface/text", size: 96, transform: "")
    #expect(throws: CheckpointError(.unsupported, .clip, subject: "vision.imageSize", "")) { try text.plan() }
    let own = try Self.cases[0].plan(24).1
    #expect(own.configuration.chosenImageSize == nil)
    #expect(own.copies.allSatisfy { $0.interpolation == nil })
  }

  @Test(arguments: [EncodingScheme.float16, .bfloat16, .int8])
  func `positions are rounded to the stored type once`(_ scheme: EncodingScheme) throws {
    let source = try Source(path: Fixtures.path("families/open-clip/gelu"))
    let plan = try ConversionPlan(source, scheme: scheme, options: ModelOptions(imageSize: 36))
    let copy = try #require(plan.copies.first { $0.interpolation != nil })
    let planned = PlannedCheckpoint(source, plan)
    let tensor = try #require(planned.tensors.first { $0.name == copy.target.name })
    #expect(tensor.type == copy.target.type && tensor.shape == Shape(37, 40))
    let original = try source.checkpoint.withBytes(of: copy.parts[0].source) { doubles(of: $0, .float32) }
    let exact = try #require(copy.interpolation).applied(to: original)
    let found = try planned.withBytes(of: tensor) { doubles(of: $0, tensor.type) }
    for (value, stored) in zip(exact, found) {
      #expect(abs(value - stored) <= tensor.type.unitInLastPlace(at: value) / 2)
    }
  }
}

/// A checkpoint whose grid of positions has rows and columns exchanged.
private struct TurnedPositions: Checkpoint {
  let base: PlannedCheckpoint
  let side: Int

  init(_ base: PlannedCheckpoint, side: Int) { (self.base, self.side) = (base, side) }

  var tensors: [TensorDescriptor] { base.tensors }

  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard tensor.name == "vision.position_embedding" else { return try base.withBytes(of: tensor, body) }
    let bytes = try base.withBytes(of: tensor) { $0.copied() }
    let row = bytes.count / (side * side + 1)
    var turned = Array(bytes[..<row])
    for place in 0..<(side * side) {
      let from = 1 + place % side * side + place / side
      turned += bytes[(from * row)..<((from + 1) * row)]
    }
    return try turned.withRawSpan(body)
  }
}
