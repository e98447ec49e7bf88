// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFile
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct OriginalNamesTests {
  static let names = [
    "families/huggingface/quick-gelu", "families/huggingface/tf", "families/huggingface/text",
    "families/siglip/huggingface", "families/siglip/open-clip", "families/siglip/big-vision/siglip.npz",
    "families/siglip/big-vision-scanned/siglip.npz", "families/eva/eva01", "families/eva/eva02",
    "families/eva/eva02-enormous", "families/open-clip/custom-text", "families/open-clip/training/epoch_3.pt",
    "families/chinese-clip/huggingface", "families/chinese-clip/original/clip_cn_vit-b-16.pt",
    "families/convnext/linear", "families/convnext/mlp", "families/mobileclip/s", "families/mobileclip/s3",
    "families/towers-alone/torchvision/resnet50.pth", "families/towers-alone/bit/BiT-M-R50x1.npz",
    "families/tinyclip/vit/TinyCLIP-vit.pt", "vit-tiny/archive.pt", "resnet-tiny/archive.pt",
  ]

  @Test(arguments: names)
  func `an export under the source's own names gives names, shapes and bytes of the source back`(_ name: String) throws
  {
    let folder = try TemporaryFolder()
    let fixture = NamingFixture(name)
    let plan = try fixture.plan()
    _ = try Exporter.export(
      fixture.converted(in: folder), to: folder.path("out.safetensors"), existing: .refuse)
    let found = try Source(path: folder.path("out.safetensors")).contents()
    let expected = try fixture.source().contents()
    for (name, tensor) in found { #expect(expected[name] == tensor, "\(name)") }
    // Everything that the model has is there: what is missing was left out when it was converted.
    let taken = Set(plan.copies.flatMap { $0.parts.map(\.source.name) })
    #expect(Set(found.keys) == taken)
    #expect(!found.keys.contains { $0.contains(" + ") })
    #expect(found.count > 30)
  }

  @Test func `a quantized model's parts are the values that they stand for`() throws {
    let folder = try TemporaryFolder()
    let model = try NamingFixture("families/siglip/open-clip").converted(.int8, in: folder)
    let report = try Exporter.export(model, to: folder.path("out.safetensors"), existing: .refuse)
    let found = try Source(path: folder.path("out.safetensors")).contents()
    // Of three shares of rows, the query has one and keys and values two.
    let name = "visual.trunk.attn_pool.kv.weight"
    #expect(report.decoded.contains(name))
    let stored = try #require(model.checkpoint.tensors.first { $0.name == "vision.pool.qkv.weight" })
    let values = try model.checkpoint.withBytes(of: stored) { try TensorDecoder.values(of: stored, $0) }
    #expect(found[name]?.shape == Shape(96, 48))
    #expect(found[name]?.bytes == Array(values[(48 * 48)...]).withRawSpan { $0.copied() })
    #expect(found["visual.trunk.attn_pool.latent"]?.shape == Shape(1, 1, 48))
  }

  @Test func `rows that were not taken cannot be had back, and it is said`() throws {
    let folder = try TemporaryFolder()
    let model = try NamingFixture("families/long-clip/vit/longclip-B.pt").converted(in: folder)
    let error = #expect(throws: CheckpointError.self) {
      try Exporter.export(model, to: folder.path("out.safetensors"), existing: .refuse)
    }
    #expect(error?.code == .unsupported && error?.subject == "positional_embedding")
    #expect(error?.description.contains("only its rows 0 to 19 were taken") == true)
    #expect(throws: FileError.self) { try MappedFile(path: folder.path("out.safetensors")) }
    // One table of positions is what others have.
    let report = try Exporter.export(model, as: .openCLIP, to: folder.path("oc"), existing: .refuse)
    #expect(report.tensors > 30)
  }
}
