// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotHDF5
import IngotTensor
import IngotTestSupport
import Testing

/// One row of `Fixtures/keras/manifest.json`: what h5py reads from a file by Keras.
struct KerasFixture: Decodable, Sendable, CustomTestStringConvertible {
  let file: String
  let container: String
  let tensors: [HDF5Fixture.Tensor]

  var testDescription: String { file }
  var path: String { Fixtures.path("keras/\(file)") }

  static let all: [KerasFixture] = {
    guard let data = FileManager.default.contents(atPath: Fixtures.path("keras/manifest.json")),
      let rows = try? JSONDecoder().decode([KerasFixture].self, from: data)
    else { return [] }
    return rows
  }()
}

@Suite struct KerasTests {
  @Test func `the manifest is there`() {
    #expect(KerasFixture.all.count >= 10)
  }

  @Test(arguments: KerasFixture.all, Caller.allCases)
  func `Keras' file is told apart and every weight read as h5py does`(
    _ fixture: KerasFixture, _ caller: Caller
  ) throws {
    let checkpoint = try caller.open(fixture.path)
    #expect(checkpoint.container.rawValue == fixture.container)
    let found = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0) })
    for expected in fixture.tensors {
      let tensor = try #require(found[expected.name], "\(expected.name)")
      #expect(tensor.type == HDF5Fixture.types[expected.dtype], "\(expected.name)")
      #expect(tensor.shape.extents == expected.shape, "\(expected.name)")
      #expect(try checkpoint.digest(of: tensor).description == expected.sha256, "\(expected.name)")
    }
    // bfloat16 has no type in NumPy: h5py gives bytes without a meaning, which the manifest leaves out.
    let half = checkpoint.tensors.filter { $0.type == .bfloat16 }.map(\.name)
    #expect(Set(found.keys) == Set(fixture.tensors.map(\.name) + half))
    #expect(half.isEmpty == (fixture.file != "keras3-bfloat16.weights.h5"))
  }

  @Test func `an archive's versions are shown`() throws {
    let checkpoint = try Caller.thisProcess.open(Fixtures.path("keras/keras3.keras"))
    #expect(checkpoint.notes.metadata["metadata.json"]?.contains("keras_version") == true)
    // Stored, not deflated: what lies in a row is mapped from within the archive.
    #expect(checkpoint.tensors.contains { $0.access == .mapped })
  }
}
