// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFile
import IngotQuantization
import IngotTensor
import IngotTestSupport
import IngotTorch
import Testing

@Suite struct ConversionTests {
  private func convert(
    _ fixture: String, _ scheme: EncodingScheme, to path: String, threads: Int = 2
  ) throws -> ConversionReport {
    let source = try Source(path: Fixtures.path(fixture))
    let plan = try ConversionPlan(source, scheme: scheme)
    return try Converter(Compute(threads: threads), existing: .refuse).convert(source, plan, tokenizer: nil, to: path)
  }

  @Test(arguments: ["vit-tiny", "resnet-tiny", "fashion-clip"])
  func `the source encoding keeps every byte of a half-precision archive`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let report = try convert("\(name)/archive.pt", .source, to: folder.path("out.ingot"))
    #expect(report.tensors.allSatisfy { $0.fidelity.verdict == .bitIdentical })
    let source = try TorchCheckpoint(MappedFile(path: Fixtures.path("\(name)/archive.pt")))
    let file = try IngotFile(MappedFile(path: folder.path("out.ingot")))
    #expect(source.tensors.count == file.tensors.count)
    let provenance = try file.provenance()
    let byName = Dictionary(uniqueKeysWithValues: source.tensors.map { ($0.name, $0) })
    for tensor in file.tensors {
      let record = try #require(provenance.tensors[tensor.name])
      let origin = try #require(byName[record.source])
      #expect(try file.digest(of: tensor) == source.digest(of: origin), "\(tensor.name)")
      #expect(tensor.type == origin.type)
    }
    let bytes = try Data(contentsOf: URL(filePath: Fixtures.path("\(name)/archive.pt")))
    #expect(provenance.source.sha256 == [UInt8](bytes).withRawSpan { SHA256Digest(of: $0).description })
    #expect(provenance.source.size == bytes.count)
    try file.verifyIntegrity()
  }

  @Test(arguments: EncodingScheme.allCases)
  func `the same input and options give the same bytes, whatever the threads`(_ scheme: EncodingScheme) throws {
    let folder = try TemporaryFolder()
    let first = try convert("vit-tiny/archive.pt", scheme, to: folder.path("a.ingot"), threads: 1)
    let second = try convert("vit-tiny/archive.pt", scheme, to: folder.path("b.ingot"), threads: 3)
    #expect(first.root == second.root)
    #expect(
      try Data(contentsOf: URL(filePath: folder.path("a.ingot")))
        == Data(contentsOf: URL(filePath: folder.path("b.ingot"))))
  }

  @Test func `halves become float32 exactly, and the verdict says so`() throws {
    let folder = try TemporaryFolder()
    let report = try convert("fashion-clip/archive.pt", .float32, to: folder.path("out.ingot"))
    for tensor in report.tensors {
      let expected: TensorFidelity.Verdict = tensor.source.type == .float16 ? .exactlyRepresentable : .bitIdentical
      #expect(tensor.fidelity.verdict == expected, "\(tensor.source.name)")
      #expect(tensor.fidelity.maximumError == 0)
    }
  }

  @Test func `quantizing a quantized file is refused, and so is quantizing a checkpoint`() throws {
    let folder = try TemporaryFolder()
    let int8 = folder.path("int8.ingot")
    _ = try convert("vit-tiny/archive.pt", .int8, to: int8)
    let converter = Converter(Compute(), existing: .refuse)
    let twice = #expect(throws: CheckpointError.self) {
      _ = try converter.quantize(Source(path: int8), to: .int8, at: folder.path("x.ingot"))
    }
    #expect(twice?.code == .unsupported)
    let checkpoint = #expect(throws: CheckpointError.self) {
      _ = try converter.quantize(
        Source(path: Fixtures.path("vit-tiny/archive.pt")), to: .int8, at: folder.path("x.ingot"))
    }
    #expect(checkpoint?.code == .unsupported)
    #expect(!FileManager.default.fileExists(atPath: folder.path("x.ingot")))
  }

  @Test func `converting and quantizing is converting to int8`() throws {
    let folder = try TemporaryFolder()
    _ = try convert("vit-tiny/archive.pt", .source, to: folder.path("source.ingot"))
    _ = try Converter(Compute(), existing: .refuse)
      .quantize(Source(path: folder.path("source.ingot")), to: .int8, at: folder.path("a.ingot"))
    _ = try convert("vit-tiny/archive.pt", .int8, to: folder.path("b.ingot"))
    let a = try IngotFile(MappedFile(path: folder.path("a.ingot")))
    let b = try IngotFile(MappedFile(path: folder.path("b.ingot")))
    for tensor in a.tensors {
      #expect(try a.digest(of: tensor) == b.digest(of: #require(b.tensor(named: tensor.name))))
    }
    #expect(try a.provenance().steps.map(\.command) == ["convert", "quantize"])
    #expect(try a.provenance().source == b.provenance().source)
  }

  /// What is damaged, and by which bytes: a NaN would be refused for itself.
  @Test(arguments: [("payload", [1]), ("payload", [0xff, 0xff, 0xff, 0xff]), ("section", [1]), ("padding", [1])])
  func `quantizing a damaged file says what is damaged`(_ place: String, _ bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("source.ingot")
    _ = try convert("vit-tiny/archive.pt", .source, to: path)
    var content = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let file = try IngotFile(MappedFile(path: path))
    let tensor = try #require(file.tensor(named: "text.projection"))
    let payload = try file.withBytes(of: tensor) { $0.copied() }
    let start = try #require(Data(content).firstRange(of: Data(payload))?.lowerBound)
    let provenance = try #require(file.section(.provenance))
    let section = try #require(Data(content).firstRange(of: Data(provenance))?.lowerBound)
    let (at, subject) =
      switch place {
      case "payload": (start + 64, "text.projection")
      case "section": (section + 1, "section \(SectionKind.provenance)")
      default: (section - 1, "padding")
      }
    content.replaceSubrange(at..<at + bytes.count, with: bytes)
    let spoiled = try folder.write(content, to: "spoiled.ingot")
    let error = #expect(throws: CheckpointError.self) {
      _ = try Converter(Compute(), existing: .refuse)
        .quantize(Source(path: spoiled), to: .int8, at: folder.path("x.ingot"))
    }
    #expect(error?.code == .corrupt)
    #expect(error?.subject?.hasPrefix(subject) == true, "\(error?.description ?? "")")
    #expect(!FileManager.default.fileExists(atPath: folder.path("x.ingot")))
  }

  @Test func `an output that exists is kept`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], to: "out.ingot")
    let error = #expect(throws: FileError.self) { _ = try convert("vit-tiny/archive.pt", .source, to: path) }
    #expect(error?.code == .cannotCreate)
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([1]))
  }

  @Test func `an unknown family is named with what was found and what is nearest`() throws {
    let source = try Source(path: Fixtures.path("torch-containers/stored.pt"))
    let error = #expect(throws: CheckpointError.self) { _ = try ConversionPlan(source, scheme: .source) }
    #expect(error?.code == .unsupported)
    #expect("\(String(describing: error))".contains("embedding.weight"))
  }
}
