// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTensor
import IngotTestSupport
import IngotTorch
import Testing

@Suite struct PickleDamageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let code: CheckpointError.Code
    /// Parts of the message: found and expected.
    let words: [String]
    let pickle: [UInt8]
    var testDescription: String { name }

    init(_ name: String, _ code: CheckpointError.Code, _ words: [String], _ pickle: [UInt8]) {
      (self.name, self.code, self.words, self.pickle) = (name, code, words, pickle)
    }
  }

  private static func alone(_ instructions: [UInt8]) -> [UInt8] { [0x80, 2] + instructions + [0x2e] }
  private static let manyMarks = [UInt8](repeating: 0x28, count: 1_000_000)

  static let cases: [Case] = [
    // Tensors that contradict their storage.
    Case(
      "storage smaller than its size", .corrupt, ["24", "28"], Build.pickle([Build.tensor(Build.storage(count: 7))])),
    Case(
      "storage larger than its size", .corrupt, ["24", "20"],
      Build.pickle([Build.tensor(Build.storage(count: 5), size: [1, 3])])),
    Case("missing record", .missing, ["data/1", "24"], Build.pickle([Build.tensor(Build.storage("1"))])),
    Case("offset out of bounds", .corrupt, ["element 6", "has 6"], Build.pickle([Build.tensor(offset: 1)])),
    Case("stride out of bounds", .corrupt, ["element 7", "has 6"], Build.pickle([Build.tensor(stride: [5, 1])])),
    Case("negative stride", .corrupt, ["-1"], Build.pickle([Build.tensor(stride: [-1, 1])])),
    Case("negative offset", .corrupt, ["-1"], Build.pickle([Build.tensor(offset: -1)])),
    Case("negative size", .malformed, ["-2"], Build.pickle([Build.tensor(size: [-2, 3])])),
    Case("fewer strides than sizes", .malformed, ["[2, 3]", "[1]"], Build.pickle([Build.tensor(stride: [1])])),
    Case(
      "a product of sizes that overflows", .malformed, ["2147483647"],
      Build.pickle([Build.tensor(size: [Int32](repeating: .max, count: 4), stride: [0, 0, 0, 0])])),
    Case(
      "stride 0 expanded to 2^40 elements", .limit, ["24", "1073741824"],
      Build.pickle([Build.tensor(size: [1 << 20, 1 << 20], stride: [0, 0])])),
    // Persistent identifiers.
    Case("key with a slash", .malformed, ["../0", "plain name"], Build.pickle([Build.tensor(Build.storage("../0"))])),
    Case(
      "identifier of another arity", .malformed, ["2 parts", "expected 5"],
      Build.pickle([Build.tensor(Build.tuple([Build.text("storage"), Build.int(1)]) + [0x51])])),
    Case(
      "identifier of a module", .malformed, ["module", "expected 5 beginning with storage"],
      Build.pickle([
        Build.tensor(
          Build.tuple([Build.text("module"), Build.int(1), Build.int(1), Build.int(1), Build.int(1)]) + [0x51])
      ])),
    Case(
      "too few arguments", .malformed, ["1 arguments", "at least 4"],
      Build.pickle([Build.global("torch._utils", "_rebuild_tensor_v2") + Build.tuple([Build.storage()]) + [0x52]])),
    Case(
      "a wrapper of a wrapper without end", .malformed, ["_rebuild_from_type_v2"],
      Build.pickle([
        Build.global("torch._tensor", "_rebuild_from_type_v2")
          + Build.tuple([Build.int(1), Build.int(1), Build.tuple([]), Build.emptyDict]) + [0x52]
      ])),
    // The machine.
    Case("memo that is not set", .corrupt, ["memo 3"], alone([0x68, 3])),
    Case("an empty stack", .malformed, ["empty"], alone([0x86])),
    Case("no mark", .malformed, ["mark"], alone([0x74])),
    Case("two objects left", .malformed, ["2 objects"], alone([0x4e, 0x4e])),
    Case("an odd number of items", .malformed, ["1 objects"], alone([0x7d, 0x28, 0x4e, 0x75])),
    Case("items of an int", .malformed, ["int", "dict"], alone([0x4b, 1, 0x4b, 1, 0x4b, 1, 0x73])),
    Case("items of a tensor", .malformed, ["tensor", "dict"], alone(Build.tensor() + [0x4b, 1, 0x4b, 1, 0x73])),
    Case("appending to a tuple", .malformed, ["tuple", "list"], alone([0x29, 0x4e, 0x61])),
    Case("state of an int", .malformed, ["int", "object"], alone([0x4b, 1, 0x4e, 0x62])),
    Case("a second PROTO", .malformed, ["allowed is only 0"], alone([0x80, 2, 0x4e])),
    Case("protocol 6", .unsupported, ["6", "5"], [0x80, 6, 0x4e, 0x2e]),
    Case("an unknown instruction", .malformed, ["ff"], alone([0xff])),
    Case("the extension registry", .unsupported, ["registry"], alone([0x82, 1])),
    Case("out-of-band buffers", .unsupported, ["out-of-band"], alone([0x97])),
    Case("text longer than the file", .truncated, ["4294967295", "left"], alone([0x58, 0xff, 0xff, 0xff, 0xff])),
    Case(
      "text of 2^63 bytes", .truncated, ["9223372036854775808", "left"], alone([0x8d] + le(UInt64(1) << 63))),
    Case("a negative length", .malformed, ["-1"], alone([0x8b, 0xff, 0xff, 0xff, 0xff])),
    Case(
      "a frame longer than the file", .truncated, ["99", "left"], [0x80, 4, 0x95] + le(99 as UInt64) + [0x4e, 0x2e]),
    Case(
      "an instruction across a frame's end", .malformed, ["crosses"],
      [0x80, 4, 0x95] + le(3 as UInt64) + Build.text("ab") + [0x2e]),
    Case("STACK_GLOBAL of an int", .malformed, ["int", "strings"], alone([0x4b, 1, 0x4b, 2, 0x93])),
    Case("bytes after STOP", .malformed, ["1 bytes"], alone([0x4e]) + [0]),
    Case("a million marks", .malformed, ["1000000 marks"], alone(manyMarks + [0x4e])),
    // Names of executable code.
    Case(
      "os.system", .dangerous, ["`os.system`", "executable"],
      alone(Build.global("os", "system") + Build.tuple([Build.text("true")]) + [0x52])),
    Case(
      "a dangerous name that is dropped", .dangerous, ["`posix.system`"],
      alone(Build.global("posix", "system") + [0x30, 0x4e])),
    Case("INST", .dangerous, ["`subprocess.Popen`"], alone([0x28] + [0x69] + Array("subprocess\nPopen\n".utf8))),
    Case(
      "STACK_GLOBAL through the memo", .dangerous, ["`os.system`"],
      alone(
        Build.text("os") + [0x71, 0, 0x30] + Build.text("system") + [0x71, 1, 0x30] + [0x68, 0, 0x68, 1, 0x93])),
    Case(
      "a dotted name", .dangerous, ["`torch.serialization.os.system`"],
      alone(Build.text("torch") + Build.text("serialization.os.system") + [0x93])),
    Case("builtins.eval", .dangerous, ["`builtins.eval`"], alone(Build.global("builtins", "eval"))),
  ]

  @Test(arguments: cases)
  func `a bad pickle is refused with its numbers`(_ item: Case) throws {
    let error = #expect(throws: CheckpointError.self) { _ = try Build.read(Build.archive(item.pickle)) }
    #expect(error?.code == item.code, "\(String(describing: error))")
    for word in item.words {
      #expect("\(String(describing: error))".contains(word), "\(word) in \(String(describing: error))")
    }
    #expect(error?.subject != nil)
  }

  @Test func `the right archive is read, with views of one storage`() throws {
    let floats = (0..<6).flatMap { le(Float($0).bitPattern) }
    let transposed = Build.tensor(size: [3, 2], stride: [1, 3])
    let (checkpoint, contents) = try Build.read(
      Build.archive(Build.pickle([Build.tensor(), transposed]), storage: floats))
    #expect(contents["weight"] == floats)
    #expect(contents["weight1"] == [0, 3, 1, 4, 2, 5].flatMap { le(Float($0).bitPattern) })
    #expect(checkpoint.tensors.map(\.access) == [.mapped, .assembled])
  }

  @Test func `a tensor whose type is not known is refused by name, beside those that are read`() throws {
    let odd = Build.tensor(Build.storage(type: "OddStorage"))
    let (checkpoint, contents) = try Build.read(Build.archive(Build.pickle([Build.tensor(), odd])))
    #expect(contents.keys.sorted() == ["weight"])
    #expect(checkpoint.notes.refused.map(\.name) == ["weight1"])
    #expect(checkpoint.notes.refused.first?.reason.contains("torch.OddStorage") == true)
  }

  @Test func `a storage that is missing is an error, never zeros`() throws {
    let error = #expect(throws: CheckpointError.self) {
      _ = try Build.read(Build.archive(Build.pickle([Build.tensor()]), storage: nil))
    }
    #expect(error?.code == .missing)
  }

  @Test(arguments: ["middle", "", "little\n"])
  func `a byte order that is neither is refused`(_ order: String) throws {
    let zip = Build.archive(Build.pickle([Build.tensor()]), extra: [("model/byteorder", Array(order.utf8))])
    let error = #expect(throws: CheckpointError.self) { _ = try Build.read(zip) }
    #expect(error?.code == .malformed)
  }

  @Test func `two pickles are ambiguous`() throws {
    let pickle = Build.pickle([Build.tensor()])
    let error = #expect(throws: CheckpointError.self) {
      _ = try Build.read(Build.archive(pickle, extra: [("model/other/data.pkl", pickle)]))
    }
    #expect(error?.code == .malformed)
  }

  @Test func `doubling twenty times costs nothing`() throws {
    // Each level is a tuple of the one before, twice.
    var bomb: [UInt8] = [0x4e]
    for level in 0..<20 { bomb += [0x71, UInt8(level), 0x68, UInt8(level), 0x86] }
    let (checkpoint, _) = try Build.read(Build.archive(Build.pickle([Build.tensor(), bomb])))
    #expect(checkpoint.tensors.count == 1)
    // With a tensor inside there are a million names for it: refused.
    var named: [UInt8] = Build.tensor()
    for level in 0..<24 { named += [0x71, UInt8(level), 0x68, UInt8(level), 0x86] }
    let error = #expect(throws: CheckpointError.self) { _ = try Build.read(Build.archive(Build.pickle([named]))) }
    #expect(error?.code == .limit)
  }

  @Test func `a memo index of 2^32 - 1 is one entry`() throws {
    let value: [UInt8] = [0x4e, 0x72, 0xff, 0xff, 0xff, 0xff]
    let (checkpoint, _) = try Build.read(Build.archive(Build.pickle([Build.tensor(), value])))
    #expect(checkpoint.tensors.count == 1)
  }

  @Test func `a million nested tuples do not overflow the stack`() throws {
    let nested: [UInt8] = [0x4e] + [UInt8](repeating: 0x85, count: 1_000_000)
    let (checkpoint, _) = try Build.read(Build.archive(Build.pickle([Build.tensor(), nested])))
    #expect(checkpoint.tensors.count == 1)
    let deepTensor = Build.tensor() + [UInt8](repeating: 0x85, count: 1_000_000)
    let error = #expect(throws: CheckpointError.self) { _ = try Build.read(Build.archive(Build.pickle([deepTensor]))) }
    #expect(error?.code == .limit)
  }

  @Test func `a list that contains itself is read around`() throws {
    let cyclic: [UInt8] = [0x5d, 0x71, 0, 0x68, 0, 0x61]
    let (checkpoint, _) = try Build.read(Build.archive(Build.pickle([Build.tensor(), cyclic])))
    #expect(checkpoint.tensors.count == 1)
  }

  @Test func `a dangerous name is reported when asked, and nothing is run`() throws {
    let marker = NSTemporaryDirectory() + "ingot-was-run"
    let call = Build.global("os", "system") + Build.tuple([Build.text("touch \(marker)")]) + [0x52]
    let (checkpoint, contents) = try Build.read(
      Build.archive(Build.pickle([Build.tensor(), call])), TorchCheckpoint.Policy(dangerous: .report))
    #expect(contents.count == 1)
    #expect(checkpoint.globals.contains { $0.module == "os" && $0.verdict == .dangerous })
    #expect(!FileManager.default.fileExists(atPath: marker))
  }

  @Test func `every truncation of PyTorch's own file is refused`() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("torch-containers/empty.pt"))))
    for length in 0..<bytes.count {
      #expect(throws: CheckpointError.self, "cut to \(length)") { _ = try Build.read(Array(bytes[..<length])) }
    }
    let larger = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("torch-containers/stored.pt"))))
    for length in 0..<larger.count {
      #expect(throws: CheckpointError.self, "cut to \(length)") { _ = try Build.read(Array(larger[..<length])) }
    }
  }

  @Test func `every flipped byte of PyTorch's own file is refused or changes no tensor`() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("torch-containers/stored.pt"))))
    let (original, right) = try Build.read(bytes)
    var accepted = 0
    for position in bytes.indices {
      var flipped = bytes
      flipped[position] ^= 1 << UInt8(position % 8)
      guard let (checkpoint, contents) = try? Build.read(flipped) else { continue }
      accepted += 1
      #expect(checkpoint.tensors == original.tensors, "byte \(position)")
      #expect(contents == right, "byte \(position)")
    }
    // Padding and times are not looked at; everything else is.
    #expect(accepted < bytes.count / 2)
  }
}
