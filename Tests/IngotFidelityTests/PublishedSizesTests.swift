// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotArchive
import IngotBytes
import IngotCLIP
import IngotTensor
import IngotTestSupport
import Testing

/// Names and shapes of the published models, as their libraries build them without weights (`Fixtures/families/sizes.py`).
@Suite struct PublishedSizesTests {
  struct Record: Decodable {
    let parameters: Int
    let image: Int?
    let tensors: [String: [Int]]
    let buffers: [String: [Int]]
  }

  /// Models that are refused, by what their names begin with: text towers of Hugging Face, hybrid and other towers of timm, CoCa.
  static let refused = [
    "open_clip/coca", "open_clip/roberta", "open_clip/xlm-roberta", "open_clip/mt5", "open_clip/nllb",
    "open_clip/ViTamin", "open_clip/swin", "open_clip/PE-Core", "open_clip/vit_relpos", "open_clip/vit_medium",
    "open_clip/MobileCLIP-B", "open_clip/MobileCLIP2-B", "huggingface/siglip2-base-patch16-naflex",
    "simclr/r50_1x_sk1", "simclr/r152_3x_sk1", "timm/",
  ]

  static let models = records.keys.sorted().filter { name in !refused.contains { name.hasPrefix($0) } }
  static let others = records.keys.sorted().filter { name in refused.contains { name.hasPrefix($0) } }

  static let records: [String: Record] = {
    let path = Fixtures.path("families/sizes.json.gz")
    guard let packed = try? Data(contentsOf: URL(filePath: path)),
      let bytes = try? Array(packed).withRawSpan({ try Gzip.decompress($0, limit: 1 << 26) }),
      let records = try? JSONDecoder().decode([String: Record].self, from: Data(bytes))
    else { return [:] }
    return records
  }()

  @Test func `the list is there`() {
    #expect(Self.records.count >= 184)
    #expect(Self.models.count >= 120)
  }

  private func tensors(_ shapes: [String: [Int]]) throws -> [TensorDescriptor] {
    try shapes.map { name, extents in
      let shape = try #require(Shape(checking: extents))
      return try #require(TensorDescriptor(name: name, type: .float32, shape: shape, access: .mapped))
    }
  }

  /// What the person says: OpenCLIP's models by name, of others what no shape reveals and no file is there to say.
  private func options(_ name: String) -> ModelOptions {
    name.hasPrefix("open_clip/")
      ? ModelOptions(model: String(name.dropFirst("open_clip/".count))) : ModelOptions(activation: .quickGELU)
  }

  @Test(arguments: models)
  func `every tensor of a published model has a place, every place a tensor, and parameters are as many as published`(
    _ name: String
  ) throws {
    let record = try #require(Self.records[name])
    let shapes = record.tensors.merging(record.buffers) { first, _ in first }
    let tensors = try tensors(shapes)
    let found = try Family.recognise(tensors.map(\.name))
    let configuration = try found.configuration(of: ModelEvidence(tensors: tensors, options: options(name)))
    var used: Set<String> = []
    var count = 0
    let mapping = try #require(found.mapping)
    for entry in mapping.entries(for: configuration) {
      let parts = entry.parts { shapes[$0] != nil }
      if entry.target.presence == .optional, parts.allSatisfy({ shapes[$0.key] == nil }) { continue }
      var rows = 0
      for part in parts {
        let extents = try #require(shapes[part.key], "\(part.key) for \(entry.target.name)")
        let shape = try #require(Shape(checking: extents))
        let arranged = try #require(part.transform.shape(from: shape))
        if parts.count == 1 {
          #expect(arranged == entry.target.shape || (entry.target.shape.rank == 0 && arranged.extents == [1]))
        } else {
          #expect(arranged.extents.dropFirst() == entry.target.shape.extents.dropFirst(), "\(part.key)")
          rows += arranged[0]
        }
        if used.insert(part.key).inserted { count += (record.tensors[part.key] ?? [0]).reduce(1, *) }
      }
      if parts.count > 1 { #expect(rows == entry.target.shape[0], "\(entry.target.name)") }
    }
    let left = Set(shapes.keys).subtracting(used)
    #expect(left.allSatisfy { found.reasonToLeave($0) != nil }, "\(left)")
    count += left.reduce(0) { $0 + (record.tensors[$1] ?? [0]).reduce(1, *) }
    #expect(count == record.parameters)
  }

  @Test(arguments: others)
  func `what has no tower here is refused`(_ name: String) throws {
    let record = try #require(Self.records[name])
    let tensors = try tensors(record.tensors.merging(record.buffers) { first, _ in first })
    let error = #expect(throws: CheckpointError.self) {
      let family = try Family.recognise(tensors.map(\.name))
      _ = try family.configuration(of: ModelEvidence(tensors: tensors, options: options(name)))
    }
    #expect(error.map { [.unsupported, .mismatch].contains($0.code) } == true, "\(String(describing: error))")
  }
}
