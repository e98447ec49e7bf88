// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import IngotTestSupport
import IngotTorch
import Testing

@Suite struct PickleAttackTests {
  private static func alone(_ instructions: [UInt8]) -> [UInt8] { [0x80, 4] + instructions + [0x2e] }

  /// A tensor whose size and stride are given as instructions.
  private static func tensor(size: [[UInt8]], stride: [[UInt8]], storage: [UInt8] = Build.storage()) -> [UInt8] {
    tensor([storage, Build.int(0), Build.tuple(size), Build.tuple(stride), [0x89], [0x7d]])
  }

  private static func tensor(_ arguments: [[UInt8]]) -> [UInt8] {
    Build.global("torch._utils", "_rebuild_tensor_v2") + Build.tuple(arguments) + [0x52]
  }

  private static func identifier(_ parts: [[UInt8]]) -> [UInt8] { Build.tensor(Build.tuple(parts) + [0x51]) }

  private static let parts = [
    Build.text("storage"), Build.global("torch", "FloatStorage"), Build.text("0"), Build.text("cpu"), Build.int(6),
  ]

  private static func identifier(_ index: Int, _ part: [UInt8]) -> [UInt8] {
    var changed = parts
    changed[index] = part
    return Build.pickle([identifier(changed)])
  }

  /// Each list contains all of them, and the first one a tensor.
  private static func clique(_ count: UInt8) -> [UInt8] {
    var all: [UInt8] = []
    var pickle: [UInt8] = []
    for index in 0..<count {
      all += Build.get(index)
      pickle += [0x5d] + Build.put(index) + [0x30]
    }
    pickle += Build.get(0) + Build.tensor() + [0x61, 0x30]
    for index in 0..<count { pickle += Build.get(index) + [0x28] + all + [0x65, 0x30] }
    return pickle + Build.get(0)
  }

  static let cases: [PickleDamageTests.Case] = [
    // Tensors.
    .init("appending to a tensor", .malformed, ["appends to a tensor"], alone(Build.tensor() + [0x4e, 0x61])),
    .init(
      "appending many to a tensor", .malformed, ["appends to a tensor"], alone(Build.tensor() + [0x28, 0x4e, 0x65])),
    .init("state of a tensor", .malformed, ["gives state to a tensor"], alone(Build.tensor() + [0x7d, 0x62])),
    .init("adding to a list as to a set", .malformed, ["list", "set"], alone([0x5d, 0x28, 0x4e, 0x90])),
    .init(
      "a stride of 2^63 - 1", .corrupt, ["beyond 2^63", "has 6"],
      Build.pickle([tensor(size: [Build.int(2), Build.int(3)], stride: [Build.long(.max), Build.long(.max)])])),
    .init(
      "a size of 2^72", .malformed, ["size", "int", "below 2^63"],
      Build.pickle([tensor(size: [[0x8a, 10] + [UInt8](repeating: 0, count: 9) + [1]], stride: [Build.int(1)])])),
    .init(
      "65 dimensions", .limit, ["65", "64"],
      Build.pickle([
        tensor(
          size: [[UInt8]](repeating: Build.int(1), count: 65), stride: [[UInt8]](repeating: Build.int(1), count: 65))
      ])),
    .init(
      "sizes from a function that is not torch.Size", .malformed, ["size", "somewhere.Size"],
      Build.pickle([
        tensor([
          Build.storage(), Build.int(0),
          Build.global("somewhere", "Size") + Build.tuple([Build.tuple([Build.int(6)])]) + [0x52],
          Build.tuple([Build.int(1)]), [0x89], [0x7d],
        ])
      ])),
    .init(
      "an offset that is text", .malformed, ["str", "offset", "integer"],
      Build.pickle([tensor([Build.storage(), Build.text("0"), Build.tuple([]), Build.tuple([]), [0x89], [0x7d]])])),
    .init(
      "metadata that are a list", .malformed, ["list", "dict"],
      Build.pickle([
        tensor([
          Build.storage(), Build.int(0), Build.tuple([Build.int(6)]), Build.tuple([Build.int(1)]), [0x89], [0x7d],
          [0x5d],
        ])
      ])),
    .init(
      "arguments that are a list", .malformed, ["list", "tuple"],
      Build.pickle([Build.global("torch._utils", "_rebuild_tensor_v2") + [0x5d, 0x52]])),
    .init(
      "65 arguments", .malformed, ["65", "64"],
      Build.pickle([tensor([[UInt8]](repeating: [0x4e], count: 65))])),
    .init(
      "a parameter of nothing", .malformed, ["None", "tensor"],
      Build.pickle([Build.global("torch._utils", "_rebuild_parameter") + Build.tuple([[0x4e]]) + [0x52]])),
    .init(
      "a parameter of a parameter, seventeen times", .limit, ["16"],
      Build.pickle([
        (0..<17).reduce(Build.tensor()) { inner, _ in
          Build.global("torch._utils", "_rebuild_parameter") + Build.tuple([inner, [0x88]]) + [0x52]
        }
      ])),
    // Persistent identifiers.
    .init(
      "an identifier that is text", .malformed, ["storage", "identifier"],
      Build.pickle([Build.tensor(Build.text("0") + [0x51])])),
    .init(
      "a storage that is no identifier", .malformed, ["str", "identifier"],
      Build.pickle([Build.tensor(Build.text("0"))])),
    .init("an identifier of another kind", .malformed, ["tensor", "storage"], identifier(0, Build.text("tensor"))),
    .init("a class that is text", .malformed, ["str"], identifier(1, Build.text("FloatStorage"))),
    .init("a key that is an integer", .malformed, ["int", "plain name"], identifier(2, Build.int(0))),
    .init("an empty key", .malformed, ["plain name"], identifier(2, Build.text(""))),
    .init("the key ..", .malformed, ["..", "plain name"], identifier(2, Build.text(".."))),
    .init("an absolute key", .malformed, ["/0", "plain name"], identifier(2, Build.text("/0"))),
    .init("a slash behind a combining mark", .malformed, ["plain name"], identifier(2, Build.text("a/\u{301}0"))),
    .init("a NUL in a key", .malformed, ["plain name"], identifier(2, Build.text("0\0"))),
    .init("a size that is text", .malformed, ["str", "integer"], identifier(4, Build.text("6"))),
    .init("a negative size", .overflow, ["-6"], identifier(4, Build.int(-6))),
    .init("a size of 2^62", .overflow, ["4611686018427387904"], identifier(4, Build.long(1 << 62))),
    .init(
      "an untyped storage without a type", .malformed, ["untyped"],
      Build.pickle([
        Build.tensor(
          Build.tuple([
            Build.text("storage"), Build.global("torch.storage", "UntypedStorage"), Build.text("0"), Build.text("cpu"),
            Build.int(24),
          ]) + [0x51])
      ])),
    // Names.
    .init(
      "a key given twice", .malformed, ["`weight`", "twice", "once"],
      alone([0x7d, 0x28] + Build.text("weight") + Build.tensor() + Build.text("weight") + [0x4e, 0x75])),
    .init(
      "two ways to one name", .malformed, ["`a.b`", "two tensors"],
      alone(
        [0x7d, 0x28] + Build.text("a.b") + Build.tensor() + Build.text("a") + [0x7d] + Build.text("b")
          + Build.tensor() + [0x73, 0x75])),
    .init(
      "a name of 5000 bytes", .limit, ["4096"],
      alone([0x7d, 0x28] + Build.text(String(repeating: "x", count: 5000)) + Build.tensor() + [0x75])),
    .init("lists that all contain each other", .limit, ["2097152"], Build.pickle([clique(40)])),
    .init(
      "a function's name of 5000 bytes", .limit, ["5000", "4096"],
      alone(Build.global("torch", String(repeating: "x", count: 5000)))),
    .init(
      "a line of 70000 bytes", .limit, ["70000", "65536"],
      alone([0x63] + [UInt8](repeating: 0x78, count: 70000) + [0x0a, 0x0a])),
    .init(
      "a line without end", .truncated, ["no end", "70001"], alone([0x63] + [UInt8](repeating: 0x78, count: 70000))),
    // The machine.
    .init("bytes of 2^63", .truncated, ["9223372036854775808", "left"], alone([0x8e] + le(1 << 63 as UInt64))),
    .init("a byte array of 2^62", .truncated, ["4611686018427387904", "left"], alone([0x96] + le(1 << 62 as UInt64))),
    .init("an integer of 2^31 - 1 bytes", .truncated, ["2147483647", "left"], alone([0x8b] + le(Int32.max))),
    .init("text of -1 bytes", .malformed, ["-1"], alone([0x54] + le(-1 as Int32))),
    .init(
      "a memo index of 2^32", .limit, ["4294967296", "4294967295"], alone([0x4e, 0x70] + Array("4294967296\n".utf8))),
    .init("a negative memo index", .malformed, ["-1", "memo index"], alone([0x4e, 0x70] + Array("-1\n".utf8))),
    .init("STACK_GLOBAL through an unset memo", .corrupt, ["memo 3"], alone(Build.text("os") + Build.get(3) + [0x93])),
    .init(
      "a frame in a frame", .malformed, ["inside another frame"],
      [0x80, 4, 0x95] + le(20 as UInt64) + [0x95] + le(2 as UInt64) + [0x4e, 0x30] + [UInt8](repeating: 0x4e, count: 10)
        + [0x2e]),
    .init(
      "bytes across a frame's end", .malformed, ["crosses", "14", "17"],
      [0x80, 4, 0x95] + le(3 as UInt64) + [0x43, 4, 0, 0, 0, 0, 0x2e]),
    .init("reading below a mark", .malformed, ["empty"], alone([0x4e, 0x28, 0x85])),
    .init("an object without a class", .malformed, ["no class"], alone([0x28, 0x6f])),
    .init("NEXT_BUFFER", .unsupported, ["nextBuffer", "out-of-band"], alone([0x97])),
    .init("READONLY_BUFFER", .unsupported, ["readOnlyBuffer", "out-of-band"], alone([0x98])),
    .init("EXT2", .unsupported, ["ext2", "registry code 513"], alone([0x83, 1, 2])),
    .init("EXT4", .unsupported, ["ext4", "registry code -1"], alone([0x84] + le(-1 as Int32))),
    .init("an integer that is no number", .malformed, ["x1", "integer"], alone([0x49] + Array("x1\n".utf8))),
    // Names of executable code.
    .init(
      "OBJ, and the result is dropped", .dangerous, ["`os.system`"],
      alone([0x28] + Build.global("os", "system") + Build.text("true") + [0x6f, 0x30, 0x4e])),
    .init(
      "STACK_GLOBAL after strings that mislead", .dangerous, ["`posix.system`"],
      alone(
        Build.text("posix") + Build.text("collections") + [0x30] + Build.text("system") + Build.text("OrderedDict")
          + [0x30, 0x93])),
    .init(
      "a call after the tensors", .dangerous, ["`nt.system`"],
      Build.pickle([Build.tensor(), Build.global("nt", "system") + Build.tuple([Build.text("true")]) + [0x52]])),
    .init(
      "a call, then bytes that are no pickle", .dangerous, ["`os.system`"],
      alone(Build.global("os", "system") + Build.tuple([Build.text("true")]) + [0x52, 0xff])),
    .init(
      "code that loads a pickle of its own", .dangerous, ["`torch.storage._load_from_bytes`"],
      alone(Build.global("torch.storage", "_load_from_bytes") + Build.tuple([[0x43, 1, 0x2e]]) + [0x52])),
  ]

  @Test(arguments: cases)
  func `an attack is refused with its numbers`(_ item: PickleDamageTests.Case) throws {
    let error = #expect(throws: CheckpointError.self) { _ = try Build.read(Build.archive(item.pickle)) }
    #expect(error?.code == item.code, "\(String(describing: error))")
    for word in item.words {
      #expect(error?.description.contains(word) == true, "\(word) in \(String(describing: error))")
    }
    #expect(error?.subject != nil, "\(String(describing: error))")
  }

  @Test func `the step of an axis of one element may be any number`() throws {
    let floats = (0..<6).flatMap { le(Float($0).bitPattern) }
    let odd = Self.tensor(size: [Build.int(1), Build.int(3)], stride: [Build.long(.max), Build.int(2)])
    let (_, contents) = try Build.read(Build.archive(Build.pickle([odd]), storage: floats))
    #expect(contents["weight"] == [0, 2, 4].flatMap { le(Float($0).bitPattern) })
  }

  @Test(arguments: [[0x5d, 0x61], [0x85], [0x29, 0x52]] as [[UInt8]])
  func `objects nested a million deep do not overflow the stack`(_ kind: [UInt8]) throws {
    let depth = 1_000_000
    let nested: [UInt8] =
      switch kind[0] {
      case 0x5d: [UInt8](repeating: 0x5d, count: depth) + [UInt8](repeating: 0x61, count: depth - 1)
      case 0x85: [0x4e] + [UInt8](repeating: 0x85, count: depth)
      default: Build.global("some", "Class") + (0..<depth).flatMap { _ in kind }
      }
    let (checkpoint, _) = try Build.read(Build.archive(Build.pickle([Build.tensor(), nested])))
    #expect(checkpoint.tensors.map(\.name) == ["weight"])
  }

  @Test func `a list of many values beside a tensor gives a bounded list of notes`() throws {
    let values = (0..<100_000).flatMap { Build.int(Int32($0)) }
    let list = [0x5d, 0x28] + values + [0x65] as [UInt8]
    let (checkpoint, _) = try Build.read(Build.archive(Build.pickle([Build.tensor(), list + Build.tensor() + [0x61]])))
    #expect(checkpoint.tensors.map(\.name) == ["weight", "weight1.100000"])
    #expect(checkpoint.notes.skipped.count == 4097)
    #expect(checkpoint.notes.skipped.last == "and 95904 more")
  }

  @Test func `a deflated pickle that claims to be huge is refused before it is inflated`() throws {
    var zip = Build.archive(Build.pickle([Build.tensor()]))
    zip.members[0].method = 8
    zip.members[0].size = 1 << 28 + 1
    let error = #expect(throws: CheckpointError.self) { _ = try Build.read(zip) }
    #expect(error?.code == .limit)
    #expect(error?.description.contains("268435457") == true && error?.description.contains("268435456") == true)
  }

  @Test func `a byte order of a hundred bytes is refused`() throws {
    let order = [UInt8](repeating: 0x6c, count: 100)
    let error = #expect(throws: CheckpointError.self) {
      _ = try Build.read(Build.archive(Build.pickle([Build.tensor()]), extra: [("model/byteorder", order)]))
    }
    #expect(error?.code == .limit)
  }
}
