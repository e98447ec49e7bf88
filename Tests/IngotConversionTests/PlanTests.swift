// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotQuantization
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import IngotTorch
import Testing

/// A fixture's tensors, some of them changed, as a checkpoint of another container.
@Suite struct PlanTests {
  /// A plain state dict does not say it.
  private let options = ModelOptions(activation: .quickGELU)

  private typealias Tensors = [String: (descriptor: TensorDescriptor, bytes: [UInt8])]

  private func tensors() throws -> Tensors {
    let checkpoint = try TorchCheckpoint(MappedFile(path: Fixtures.path("vit-tiny/state_dict.pt")))
    var tensors: Tensors = [:]
    for tensor in checkpoint.tensors {
      tensors[tensor.name] = (tensor, try checkpoint.withBytes(of: tensor) { $0.copied() })
    }
    return tensors
  }

  private func source(_ tensors: Tensors, in folder: TemporaryFolder) throws -> Source {
    let path = folder.path("model.safetensors")
    try SafetensorsWriter.write(
      path: path, existing: .replace,
      tensors: tensors.sorted { $0.key < $1.key }.map { ($0.value.descriptor.renamed($0.key), $0.value.bytes) },
      metadata: [:])
    return try Source(path: path)
  }

  private func reshaped(_ tensor: TensorDescriptor, _ shape: Shape) -> TensorDescriptor {
    TensorDescriptor(
      name: tensor.name, type: tensor.type, shape: shape, encoding: .plain, byteCount: tensor.byteCount,
      access: tensor.access)
  }

  @Test func `missing, extra and mis-shaped tensors are all listed at once, and nothing is written`() throws {
    let folder = try TemporaryFolder()
    var tensors = try tensors()
    tensors["ln_final.bias"] = nil
    tensors["visual.ln_post.weight"] = nil
    tensors["stranger"] = tensors["ln_final.weight"]
    let mlp = try #require(tensors["transformer.resblocks.1.mlp.c_fc.weight"])
    let turned = Shape(mlp.descriptor.shape[1], mlp.descriptor.shape[0])
    tensors["transformer.resblocks.1.mlp.c_fc.weight"] = (reshaped(mlp.descriptor, turned), mlp.bytes)
    let source = try source(tensors, in: folder)
    let plan = try ConversionPlan(source, scheme: .source, options: options)
    #expect(
      Set(plan.problems.map { "\($0.kind.rawValue) \($0.tensor)" }) == [
        "missing ln_final.bias", "missing visual.ln_post.weight", "extra stranger",
        "shape transformer.resblocks.1.mlp.c_fc.weight",
      ])
    let error = #expect(throws: CheckpointError.self) {
      _ = try Converter(Compute(), existing: .refuse).convert(
        source, plan, tokenizer: nil, to: folder.path("out.ingot"))
    }
    #expect(error?.code == .mismatch)
    let text = "\(String(describing: error))"
    for word in ["4 problems", "\(turned)", "\(mlp.descriptor.shape)", "stranger", "ln_final.bias"] {
      #expect(text.contains(word))
    }
    #expect(throws: FileError.self) { _ = try MappedFile(path: folder.path("out.ingot")) }
  }

  @Test func `NaN and infinity are counted and named`() throws {
    let folder = try TemporaryFolder()
    var tensors = try tensors()
    for (name, pattern) in [("ln_final.weight", Float.nan), ("visual.proj", Float.infinity)] {
      var (descriptor, bytes) = try #require(tensors[name])
      for index in 0..<3 { bytes.replaceSubrange(index * 8..<index * 8 + 4, with: le(pattern.bitPattern)) }
      tensors[name] = (descriptor, bytes)
      descriptor = descriptor.renamed(name)
    }
    let source = try source(tensors, in: folder)
    for scheme in EncodingScheme.allCases {
      let plan = try ConversionPlan(source, scheme: scheme, options: options)
      let error = #expect(throws: CheckpointError.self) {
        _ = try Converter(Compute(), existing: .refuse).convert(
          source, plan, tokenizer: nil, to: folder.path("out.ingot"))
      }
      let text = "\(String(describing: error))"
      #expect(error?.code == .corrupt)
      #expect(
        text.contains("2 tensors") && text.contains("ln_final.weight has 3 values")
          && text.contains("visual.proj has 3 values"))
      #expect(throws: FileError.self) { _ = try MappedFile(path: folder.path("out.ingot")) }
    }
  }

  @Test func `values too large for float16 are refused, not made infinite`() throws {
    let folder = try TemporaryFolder()
    var tensors = try tensors()
    var (descriptor, bytes) = try #require(tensors["visual.proj"])
    bytes.replaceSubrange(0..<4, with: le(Float(70_000).bitPattern))
    descriptor = descriptor.renamed("visual.proj")
    tensors["visual.proj"] = (descriptor, bytes)
    let source = try source(tensors, in: folder)
    let plan = try ConversionPlan(source, scheme: .float16, options: options)
    let error = #expect(throws: CheckpointError.self) {
      _ = try Converter(Compute(), existing: .refuse).convert(
        source, plan, tokenizer: nil, to: folder.path("out.ingot"))
    }
    #expect("\(String(describing: error))".contains("visual.proj has 1 values too large for F16"))
  }

  @Test func `without OpenAI's marks the activation is undetermined, and an option settles it`() throws {
    let source = try Source(path: Fixtures.path("vit-tiny/state_dict.pt"))
    let error = #expect(throws: CheckpointError.self) { try ConversionPlan(source, scheme: .source) }
    #expect(error?.code == .undetermined)
    let text = "\(String(describing: error))"
    for word in ["text.activation", "vision.activation", "--activation", "--model", "open_clip_config.json"] {
      #expect(text.contains(word))
    }
    let archive = try Source(path: Fixtures.path("vit-tiny/archive.pt"))
    #expect(try ConversionPlan(archive, scheme: .source).configuration.sources["text.activation"] == .fingerprint)
    let settled = try ConversionPlan(source, scheme: .source, options: ModelOptions(activation: .gelu))
    #expect(settled.configuration.sources["text.activation"] == .option)
    #expect(settled.configuration.text?.transformer.activation == .gelu)
  }
}
