// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotArchive
import IngotBytes
import IngotCLIP
import IngotTensor
import IngotTestSupport
import Testing

/// Names and shapes of the published models, as their libraries build them without weights (`Fixtures/families/sizes.py`).
@Suite struct ConvolutionalSizesTests {
  struct Record: Decodable {
    let parameters: Int
    let image: Int?
    let tensors: [String: [Int]]
    let buffers: [String: [Int]]
  }

  static let models = [
    ("torchvision/resnet50", "torchvision-resnet"), ("torchvision/resnet101", "torchvision-resnet"),
    ("torchvision/resnet152", "torchvision-resnet"), ("simclr/r50_1x_sk0", "simclr-resnet"),
    ("simclr/r101_1x_sk0", "simclr-resnet"), ("open_clip/convnext_base", "openclip-convnext"),
    ("open_clip/convnext_base_w", "openclip-convnext"), ("open_clip/convnext_base_w_320", "openclip-convnext"),
    ("open_clip/convnext_large", "openclip-convnext"), ("open_clip/convnext_large_d", "openclip-convnext"),
    ("open_clip/convnext_large_d_320", "openclip-convnext"), ("open_clip/convnext_small", "openclip-convnext"),
    ("open_clip/convnext_tiny", "openclip-convnext"), ("open_clip/convnext_xlarge", "openclip-convnext"),
    ("open_clip/convnext_xxlarge", "openclip-convnext"), ("open_clip/convnext_xxlarge_320", "openclip-convnext"),
    ("open_clip/MobileCLIP-S1", "openclip-mobileclip"), ("open_clip/MobileCLIP-S2", "openclip-mobileclip"),
    ("open_clip/MobileCLIP2-S0", "openclip-mobileclip"), ("open_clip/MobileCLIP2-S2", "openclip-mobileclip"),
    ("open_clip/MobileCLIP2-S3", "openclip-mobileclip"), ("open_clip/MobileCLIP2-S4", "openclip-mobileclip"),
  ]

  private static let records: [String: Record] = {
    let path = Fixtures.path("families/sizes.json.gz")
    guard let packed = try? Data(contentsOf: URL(filePath: path)),
      let bytes = try? Array(packed).withRawSpan({ try Gzip.decompress($0, limit: 1 << 26) }),
      let records = try? JSONDecoder().decode([String: Record].self, from: Data(bytes))
    else { return [:] }
    return records
  }()

  @Test(arguments: models)
  func `every tensor of a published model has a place, and every place a tensor`(_ name: String, _ family: String)
    throws
  {
    let record = try #require(Self.records[name])
    let shapes = record.tensors.merging(record.buffers) { first, _ in first }
    let tensors = try shapes.map { name, extents in
      let shape = try #require(Shape(checking: extents))
      return try #require(TensorDescriptor(name: name, type: .float32, shape: shape, access: .mapped))
    }
    let found = try Family.recognise(tensors.map(\.name))
    #expect(found.name == family)
    let model = name.hasPrefix("open_clip/") ? String(name.dropFirst("open_clip/".count)) : nil
    let configuration = try found.configuration(
      of: ModelEvidence(tensors: tensors, options: ModelOptions(model: model)))
    var used: Set<String> = []
    var count = 0
    let mapping = try #require(found.mapping)
    for entry in mapping.entries(for: configuration) {
      for part in entry.parts({ shapes[$0] != nil }) {
        let extents = try #require(shapes[part.key], "\(part.key) for \(entry.target.name)")
        let shape = try #require(Shape(checking: extents))
        #expect(part.transform.shape(from: shape) == entry.target.shape, "\(part.key)")
        used.insert(part.key)
        if record.tensors[part.key] != nil { count += entry.target.shape.elementCount }
      }
    }
    let left = Set(shapes.keys).subtracting(used)
    #expect(left.allSatisfy { found.reasonToLeave($0) != nil }, "\(left)")
    let leftCount = left.reduce(0) { $0 + (record.tensors[$1] ?? [0]).reduce(1, *) }
    #expect(count + leftCount == record.parameters)
    if configuration.text == nil, let image = record.image { #expect(count == image) }
  }
}
