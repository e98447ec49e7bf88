// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTensor
import IngotTestSupport
import IngotTorch
import Testing

/// A legacy stream made by hand, to be spoiled.
struct StreamBuilder {
  var magic: [UInt8] = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
  var version: [UInt8] = [0x80, 2] + Build.int(1001) + [0x2e]
  var isLittle: [UInt8] = [0x88]
  var storage = Self.identifier("1", count: 6)
  var tensor: (([UInt8]) -> [UInt8]) = { Build.tensor($0) }
  var keys = ["1"]
  var counts: [Int64] = [6]
  var data = [[UInt8](repeating: 7, count: 24)]
  var tail: [UInt8] = []

  /// `('storage', torch.FloatStorage, key, 'cpu', count, view)`.
  static func identifier(_ key: String, count: Int32, view: [UInt8] = [0x4e], type: String = "FloatStorage") -> [UInt8]
  {
    Build.tuple([
      Build.text("storage"), Build.global("torch", type), Build.text(key), Build.text("cpu"), Build.int(count), view,
    ]) + [0x51]
  }

  var bytes: [UInt8] {
    let system = [0x80, 2] + Build.emptyDict + Build.text("little_endian") + isLittle + [0x73, 0x2e]
    let list = [0x80, 2, 0x5d, 0x28] + keys.flatMap(Build.text) + [0x65, 0x2e]
    let storages = zip(counts, data).flatMap { le($0) + $1 }
    return magic + version + system + Build.pickle([tensor(storage)]) + list + storages + tail
  }
}

@Suite struct LegacyDamageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let code: CheckpointError.Code
    let words: [String]
    let bytes: [UInt8]
    var testDescription: String { name }

    init(_ name: String, _ code: CheckpointError.Code, _ words: [String], _ change: (inout StreamBuilder) -> Void) {
      var builder = StreamBuilder()
      change(&builder)
      (self.name, self.code, self.words, bytes) = (name, code, words, builder.bytes)
    }
  }

  static let cases: [Case] = [
    Case("version 1000", .unsupported, ["1000", "1001"]) { $0.version = [0x80, 2] + Build.int(1000) + [0x2e] },
    Case("a big-endian machine", .unsupported, ["big-endian"]) { $0.isLittle = [0x89] },
    Case("a byte order that is a number", .malformed, ["little_endian"]) { $0.isLittle = Build.int(1) },
    Case("a key that no tensor uses", .corrupt, ["storage 2"]) { $0.keys = ["1", "2"] },
    Case("a key that is not listed", .missing, ["storage 1", "24"]) {
      $0.keys = []
      $0.counts = []
    },
    Case("a key listed twice", .corrupt, ["twice"]) {
      $0.keys = ["1", "1"]
      $0.counts = [6, 6]
      $0.data += $0.data
    },
    Case("a storage with fewer elements than its tensors say", .corrupt, ["5", "6"]) { $0.counts = [5] },
    Case("a storage with a negative size", .corrupt, ["-1", "6"]) { $0.counts = [-1] },
    Case("a storage of 2^62 elements", .corrupt, ["4611686018427387904"]) { $0.counts = [1 << 62] },
    Case("a storage that the stream cuts short", .truncated, ["24", "23"]) {
      $0.data = [[UInt8](repeating: 7, count: 23)]
    },
    Case("bytes behind the last storage", .malformed, ["3 bytes"]) { $0.tail = [1, 2, 3] },
    Case("a view beyond its storage", .corrupt, ["5", "from 2", "6"]) {
      $0.storage = StreamBuilder.identifier(
        "1", count: 6, view: Build.tuple([Build.text("v"), Build.int(2), Build.int(5)]))
    },
    Case("a view from a negative offset", .corrupt, ["-1"]) {
      $0.storage = StreamBuilder.identifier(
        "1", count: 6, view: Build.tuple([Build.text("v"), Build.int(-1), Build.int(2)]))
    },
    Case("a view of two parts", .malformed, ["view"]) {
      $0.storage = StreamBuilder.identifier("1", count: 6, view: Build.tuple([Build.text("v"), Build.int(2)]))
    },
    Case("an identifier of five parts", .malformed, ["5 parts", "expected 6"]) {
      $0.storage = Build.storage("1")
      $0.keys = []
      $0.counts = []
    },
    Case("a storage of two sizes", .corrupt, ["5", "6"]) {
      $0.tensor = { storage in
        Build.tuple([Build.tensor(storage), Build.tensor(StreamBuilder.identifier("1", count: 5))])
      }
    },
    Case("a name of executable code", .dangerous, ["`os.system`"]) {
      $0.tensor = { Build.tensor($0) + Build.global("os", "system") + [0x86] }
    },
    Case("a magic number that is computed", .dangerous, ["`builtins.eval`"]) {
      $0.magic = [0x80, 2] + Build.global("builtins", "eval") + Build.tuple([Build.text("1")]) + [0x52, 0x2e]
    },
  ]

  private static func open(_ bytes: [UInt8]) throws -> TorchCheckpoint {
    let folder = try TemporaryFolder()
    return try TorchCheckpoint(MappedFile(path: folder.write(bytes, to: "model.pt")))
  }

  @Test func `the undamaged stream is read`() throws {
    let checkpoint = try Self.open(StreamBuilder().bytes)
    #expect(checkpoint.tensors.map(\.name) == ["weight"])
  }

  @Test(arguments: cases)
  func `a bad stream is refused with its numbers`(_ item: Case) throws {
    let error = #expect(throws: CheckpointError.self) { _ = try Self.open(item.bytes) }
    #expect(error?.code == item.code, "\(String(describing: error))")
    for word in item.words {
      #expect(error?.description.contains(word) == true, "\(word) in \(String(describing: error))")
    }
    #expect(error.map { $0.subject != nil || $0.offset != nil } == true)
  }

  @Test(arguments: ["legacy-protocol-1.pt", "legacy-old-tensors.pt", "legacy-views.pt", "tar.pt", "bare-pickle-4.pkl"])
  func `every truncation is refused`(_ name: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("torch-containers/\(name)"))))
    // The end of a tar archive is padding.
    let step = name == "tar.pt" ? 37 : 1
    let end = name == "tar.pt" ? bytes.lastIndex { $0 != 0 } ?? 0 : bytes.count
    for length in stride(from: 0, to: end, by: step) {
      #expect(throws: CheckpointError.self, "cut to \(length)") { _ = try Self.open(Array(bytes[..<length])) }
    }
  }

  @Test func `a link in a tar archive is refused`() throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("torch-containers/tar.pt"))))
    bytes[156] = UInt8(ascii: "2")
    let sum = bytes[..<512].enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    let digits = Array(String(sum, radix: 8).utf8)
    bytes.replaceSubrange(148..<156, with: [UInt8](repeating: 0x30, count: 6 - digits.count) + digits + [0, 0x20])
    let error = #expect(throws: CheckpointError.self) { _ = try Self.open(bytes) }
    #expect(
      error?.code == .unsupported && error?.detail.contains("plain files") == true, "\(String(describing: error))")
  }

  @Test func `another sum of a tar header is refused with both numbers`() throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("torch-containers/tar.pt"))))
    bytes[0] ^= 1
    let error = #expect(throws: CheckpointError.self) { _ = try Self.open(bytes) }
    #expect(error?.code == .corrupt)
  }
}

@Suite struct NestedStreamTests {
  private func loaded(_ bytes: [UInt8]) -> [UInt8] {
    Build.global("torch.storage", "_load_from_bytes") + Build.tuple([[0x42] + le(UInt32(bytes.count)) + bytes]) + [0x52]
  }

  private func open(_ value: [UInt8], _ dangerous: TorchCheckpoint.Policy.Dangerous = .refuse) throws -> TorchCheckpoint
  {
    let folder = try TemporaryFolder()
    let path = try folder.write([0x80, 3] + value + [0x2e], to: "a.pkl")
    return try TorchCheckpoint(MappedFile(path: path), policy: TorchCheckpoint.Policy(dangerous: dangerous))
  }

  /// A stream whose object is the storage itself.
  private var storageStream: [UInt8] {
    var stream = StreamBuilder()
    let whole = stream.storage
    stream.tensor = { _ in whole }
    let pickled = stream.bytes
    // `Build.pickle` wraps the value in a dict: the root must be the storage.
    let dict = Build.pickle([whole])
    let bare = [0x80, 2] + whole + [0x2e] as [UInt8]
    guard let start = (0...pickled.count - dict.count).first(where: { Array(pickled[$0..<$0 + dict.count]) == dict })
    else {
      return []
    }
    return Array(pickled[..<start]) + bare + Array(pickled[(start + dict.count)...])
  }

  @Test func `a storage in a stream of its own is read as data`() throws {
    let checkpoint = try open(Build.tensor(loaded(storageStream)))
    #expect(checkpoint.tensors.count == 1)
    #expect(checkpoint.globals.first { $0.name == "_load_from_bytes" }?.verdict == .interpreted)
  }

  @Test func `bytes that are no stream would be loaded as any pickle`() throws {
    let error = #expect(throws: CheckpointError.self) { _ = try open(loaded([0x80, 2, 0x4e, 0x2e])) }
    #expect(error?.code == .dangerous)
    #expect(try open(loaded([0x80, 2, 0x4e, 0x2e]), .report).globals.contains { $0.verdict == .dangerous })
  }

  @Test func `the loader handed on as a value is dangerous`() throws {
    let value = Build.tuple([Build.tensor(loaded(storageStream)), Build.global("torch.storage", "_load_from_bytes")])
    let error = #expect(throws: CheckpointError.self) { _ = try open(value) }
    #expect(error?.code == .dangerous)
  }

  @Test func `code named inside the stream is found`() throws {
    var stream = StreamBuilder()
    stream.tensor = { $0 + Build.global("os", "system") + [0x86] }
    let error = #expect(throws: CheckpointError.self) { _ = try open(loaded(stream.bytes)) }
    #expect(error?.subject == "os.system")
  }

  @Test func `bytes called a thousand times are read once`() throws {
    let bytes = [0x42] + le(UInt32(storageStream.count)) + storageStream + Build.put(0) + [0x30]
    let call = Build.global("torch.storage", "_load_from_bytes") + Build.get(0) + [0x85, 0x52]
    let checkpoint = try open(bytes + [0x5d, 0x28] + (0..<1000).flatMap { _ in Build.tensor(call) } + [0x65])
    #expect(checkpoint.tensors.count == 1000)
    #expect(checkpoint.notes.aliases.count == 999)
  }
}

@Suite struct QuantizedDamageTests {
  private static func quantized(_ scheme: [[UInt8]], type: String = "QInt8Storage", count: Int32 = 24) -> [UInt8] {
    Build.global("torch._utils", "_rebuild_qtensor")
      + Build.tuple([
        Build.storage(count: count, type: type), Build.int(0), Build.tuple([Build.int(4), Build.int(6)]),
        Build.tuple([Build.int(6), Build.int(1)]), Build.tuple(scheme), [0x89], [0x4e],
      ]) + [0x52]
  }

  private static func double(_ value: Double) -> [UInt8] { [0x47] + le(value.bitPattern.byteSwapped) }
  private static func list(_ values: [[UInt8]]) -> [UInt8] { [0x5d, 0x28] + values.flatMap { $0 } + [0x65] }
  private static let perTensor = Build.global("torch", "per_tensor_affine")
  private static let perChannel = Build.global("torch", "per_channel_affine")

  @Test func `scales in lists are read`() throws {
    let scales = Self.list([1, 2, 3, 4].map { Self.double($0) })
    let zeros = Self.list([0, 1, 2, 3].map { Build.int($0) })
    let (checkpoint, contents) = try Build.read(
      Build.archive(Build.pickle([Self.quantized([Self.perChannel, scales, zeros, Build.int(0)])])))
    #expect(checkpoint.tensors.map(\.type) == [.float32])
    // Every byte is 7: (7 − zero point) · scale, row by row.
    let expected = [7, 12, 15, 16].flatMap { row in (0..<6).flatMap { _ in le(Float(row).bitPattern) } }
    #expect(contents["weight"] == expected)
  }

  @Test(
    arguments: [
      ("axis beyond the shape", CheckpointError.Code.corrupt, "2", [perChannel, list([]), list([]), Build.int(2)]),
      ("a negative axis", .corrupt, "-1", [perChannel, list([]), list([]), Build.int(-1)]),
      ("fewer scales than channels", .corrupt, "expected 4", [perChannel, list([double(1)]), list([]), Build.int(0)]),
      ("scales that are text", .malformed, "str", [perChannel, Build.text("x"), list([]), Build.int(0)]),
      ("a scale that is text", .malformed, "str", [perTensor, Build.text("x"), Build.int(0)]),
      ("no scheme", .malformed, "scheme", [Build.int(1), Build.int(1), Build.int(1)]),
    ] as [(String, CheckpointError.Code, String, [[UInt8]])])
  func `a bad quantization is refused`(
    _ name: String, _ code: CheckpointError.Code, _ word: String, _ scheme: [[UInt8]]
  ) throws {
    let error = #expect(throws: CheckpointError.self) {
      _ = try Build.read(Build.archive(Build.pickle([Self.quantized(scheme)])))
    }
    #expect(error?.code == code && error?.detail.contains(word) == true, "\(String(describing: error))")
  }

  @Test func `a quantized tensor over floats contradicts itself`() throws {
    let scheme = [Self.perTensor, Self.double(1), Build.int(0)]
    let error = #expect(throws: CheckpointError.self) {
      _ = try Build.read(Build.archive(Build.pickle([Self.quantized(scheme, type: "FloatStorage", count: 6)])))
    }
    #expect(error?.code == .malformed)
  }
}
