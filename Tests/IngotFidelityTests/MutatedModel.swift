// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

/// A fixture in memory whose values and constants can be changed as conversions have changed them.
struct MutatedModel {
  let file: IngotFile
  var configuration: CLIPConfiguration
  private(set) var changed: [String: MemoryTensor] = [:]
  private(set) var removed: Set<String> = []

  struct MemoryTensor {
    let tensor: TensorDescriptor
    let bytes: [UInt8]
  }

  /// Fixtures of every kind of tower, as float32 files.
  static let names =
    ["vit-tiny", "resnet-tiny", "fashion-clip"]
    + FamilyFixture.supported.map(\.name) + ConvolutionalFixture.cases.map(\.testDescription)

  init(_ name: String, _ scheme: EncodingScheme = .float32) throws {
    if let item = ConvolutionalFixture.cases.first(where: { $0.testDescription == name }) {
      file = try ConvolutionalFixture(item, scheme).file
    } else if let family = FamilyFixture.all.first(where: { $0.name == name }) {
      file = try ModelFixture(family, scheme).file
    } else {
      file = try ModelFixture(name, scheme).file
    }
    configuration = try file.configuration()
  }

  var entries: [CanonicalSchema.Entry] {
    CanonicalSchema.entries(for: configuration).filter { $0.role != .buffer && file.tensor(named: $0.name) != nil }
  }

  func shape(_ name: String) -> [Int] { file.tensor(named: name)?.shape.extents ?? [] }

  func has(_ name: String) -> Bool { file.tensor(named: name) != nil }

  func values(_ name: String) throws -> [Float] {
    let tensor = try #require(file.tensor(named: name), "\(name) is a tensor of the model")
    if let own = changed[name] { return own.bytes.withRawSpan { [Float](littleEndianBytes: $0) } }
    return try file.withBytes(of: tensor) { try TensorDecoder.values(of: tensor, $0) }
  }

  mutating func set(_ name: String, _ values: [Float]) throws {
    let tensor = try #require(file.tensor(named: name))
    try #require(values.count == tensor.shape.elementCount)
    let plain = try #require(TensorDescriptor(name: name, type: .float32, shape: tensor.shape, access: .assembled))
    changed[name] = MemoryTensor(tensor: plain, bytes: values.withRawSpan { $0.copied() })
  }

  mutating func change(_ name: String, _ body: (inout [Float]) -> Void) throws {
    var values = try values(name)
    body(&values)
    try set(name, values)
  }

  mutating func remove(_ name: String) { removed.insert(name) }

  /// Changes the image tower where it is a transformer.
  mutating func changeVision(_ body: (inout VisionTransformerConfiguration) -> Void) -> Bool {
    guard case .transformer(var vision) = configuration.vision else { return false }
    body(&vision)
    configuration.vision = .transformer(vision)
    return true
  }

  /// The model, its weights stored as a scheme says.
  func compared(_ scheme: EncodingScheme = .float32, name: String = "mutated") throws -> ComparedModel {
    try compared(each: [scheme], name: name)
  }

  /// Encodings as a plan has them: each tensor another than its neighbours, what is protected too.
  static let planned: [EncodingScheme] = [
    .int8Group32, .float16, .int6Group64, .int8, .int4Group32, .float32, .int8Group128,
  ]

  /// The model, its weights stored as one scheme after the other says.
  func compared(each schemes: [EncodingScheme], name: String = "mutated") throws -> ComparedModel {
    var stored = MemoryCheckpoint(base: file, changed: changed, removed: removed)
    if schemes != [.float32] {
      for (index, entry) in entries.enumerated() where !removed.contains(entry.name) {
        let tensor = try #require(stored.tensors.first { $0.name == entry.name })
        let scheme = schemes[index % schemes.count]
        guard let target = scheme.target(of: tensor, for: entry.use, includingProtected: schemes.count > 1),
          target != tensor
        else { continue }
        let bytes = try TensorEncoder(TensorStorage(tensor, in: stored), as: target, Compute(threads: 1)).encoded()
          .bytes
        stored.changed[entry.name] = MemoryTensor(
          tensor: TensorDescriptor(
            name: target.name, type: target.type, shape: target.shape, encoding: target.encoding,
            byteCount: target.byteCount, access: .assembled), bytes: bytes)
      }
    }
    return ComparedModel(name: name, configuration: configuration, checkpoint: stored)
  }
}

/// A file of which some tensors are in memory.
struct MemoryCheckpoint: Checkpoint {
  let base: IngotFile
  var changed: [String: MutatedModel.MemoryTensor]
  let removed: Set<String>

  var tensors: [TensorDescriptor] {
    base.tensors.filter { !removed.contains($0.name) }.map { changed[$0.name]?.tensor ?? $0 }
  }

  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    if let own = changed[tensor.name], own.tensor == tensor { return try own.bytes.withRawSpan(body) }
    let stored = try #require(base.tensor(named: tensor.name))
    return try base.withBytes(of: stored, body)
  }
}
