// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotFile
import IngotTensor
import IngotTestSupport
import Testing

/// Tensors stored as integers in groups, in a file that a Python program wrote from the specification alone.
@Suite struct GroupedFileTests {
  private func open() throws -> IngotFile {
    try IngotFile(MappedFile(path: Fixtures.path("ingot-v1/grouped.ingot")))
  }

  @Test func `values are those that the writer meant`() throws {
    let file = try open()
    let expected = try #require(try Manifest.load().files["grouped.ingot"]?.values)
    #expect(expected.count == 10)
    for (name, digest) in expected {
      let tensor = try #require(file.tensor(named: name))
      let values = try file.withBytes(of: tensor) { restored(tensor, $0) }
      #expect(values.withRawSpan { SHA256Digest(of: $0).description } == digest, "\(name)")
    }
  }

  @Test func `a part of a tensor is the same as in the whole`() throws {
    let file = try open()
    for name in ["int6", "int4", "int4.columns", "int6.columns", "int6.conv", "int8"] {
      let tensor = try #require(file.tensor(named: name))
      try file.withBytes(of: tensor) { bytes in
        let all = restored(tensor, bytes)
        for start in stride(from: 0, to: all.count - 7, by: 5) {
          #expect(restored(tensor, bytes, start..<start + 7) == Array(all[start..<start + 7]), "\(name) at \(start)")
        }
      }
    }
  }

  /// A change to the fixture's bytes; digests are made to fit.
  private func faults(_ name: String, _ change: (inout [UInt8], TensorDescriptor) -> Void) throws -> [CheckpointError] {
    let folder = try TemporaryFolder()
    let file = try open()
    let path = folder.path("changed.ingot")
    var found: [CheckpointError] = []
    do {
      var writer = try IngotWriter(path: path, existing: .refuse, tensors: file.tensors, sections: [])
      for tensor in writer.order {
        var bytes = try file.withBytes(of: tensor) { $0.copied() }
        if tensor.name == name { change(&bytes, tensor) }
        try bytes.withRawSpan { try writer.append($0) }
      }
      _ = try writer.finish(sections: [:])
    } catch let error as CheckpointError {
      found.append(error)
    }
    return found
  }

  @Test func `integers outside the range, bits after the last and bad scales are refused by name`() throws {
    #expect(try faults("int4") { _, _ in }.isEmpty)
    let smallest = try faults("int4") { bytes, _ in bytes[3] = 0x80 | (bytes[3] & 0x0f) }
    #expect(smallest == [CheckpointError(.malformed, .ingot, subject: "int4", "")])
    #expect(smallest.first?.detail.contains("-8") == true)
    // int6 number 5 has bits 30 to 35: the last two of byte 3, and four of byte 4.
    let six = try faults("int6") { bytes, _ in
      bytes[3] &= 0x3f
      bytes[4] = (bytes[4] & 0xf0) | 0x8
    }
    #expect(six.first?.detail.contains("-32") == true, "\(six)")
    let eight = try faults("int8") { bytes, _ in bytes[0] = 0x80 }
    #expect(eight.first?.detail.contains("-128") == true)
    // 355 int4: the upper half of byte 177 belongs to none.
    let after = try faults("int4") { bytes, _ in bytes[177] |= 0x10 }
    #expect(after.first?.detail.contains("bits after") == true)
    let padding = try faults("int4") { bytes, _ in bytes[180] = 1 }
    #expect(padding.first?.detail.contains("padding") == true)
    for pattern: [UInt8] in [[0, 0], [0x80, 0x7f], [0xc0, 0x7f], [0x80, 0xbf]] {
      let scale = try faults("int4") { bytes, tensor in
        let start = tensor.encoding.scaleOffset(of: tensor.shape) ?? 0
        bytes.replaceSubrange(start + 2..<start + 4, with: pattern)
      }
      #expect(scale.first?.detail.hasPrefix("scale 1 is") == true, "\(pattern)")
    }
  }

  @Test func `the feature bit is set exactly where tensors are stored in groups`() throws {
    var forgery = try Forgery()
    forgery.set(UInt64(1), at: 16)
    forgery.reseal()
    let error = #expect(throws: CheckpointError.self) { try forgery.open() }
    #expect(error == CheckpointError(.malformed, .ingot, at: 16, ""))
    let bytes = try fixtureBytes("grouped.ingot")
    #expect(bytes.withRawSpan { $0.littleEndian(UInt64.self, at: 16) } == 1)
    for name in Manifest.names where name != "grouped.ingot" {
      #expect(try fixtureBytes(name).withRawSpan { $0.littleEndian(UInt64.self, at: 16) } == 0, "\(name)")
    }
  }

  @Test func `another group size is refused by name`() throws {
    let folder = try TemporaryFolder()
    var bytes = try fixtureBytes("grouped.ingot")
    // Record 1 is `int4`; sections there are none.
    let place = 256 + 160 + 28
    #expect(bytes.withRawSpan { $0.littleEndian(UInt32.self, at: place) } == 32)
    bytes[place] = 48
    let end = 256 + 160 * 12 + Int(bytes.withRawSpan { $0.littleEndian(UInt64.self, at: 80) })
    bytes.replaceSubrange(192..<224, with: bytes.withRawSpan { SHA256Digest(of: $0.extracting(256..<end)) }.bytes)
    bytes.replaceSubrange(224..<256, with: bytes.withRawSpan { SHA256Digest(of: $0.extracting(0..<224)) }.bytes)
    let path = try folder.write(bytes, to: "x.ingot")
    let error = #expect(throws: CheckpointError.self) { try IngotFile(MappedFile(path: path)) }
    #expect(error == CheckpointError(.unsupported, .ingot, at: place, subject: "int4", ""))
    #expect(error?.detail.contains("48") == true)
  }
}
