// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotArchive
import IngotBytes
import IngotTensor
import IngotTestSupport
import IngotTorch
import Testing

@Suite struct MutationTests {
  /// Files by PyTorch, small enough to be spoiled often.
  static let files = ContainerFixture.all.filter { fixture in
    let size = (try? FileManager.default.attributesOfItem(atPath: fixture.path)[.size]) as? Int
    return size.map { $0 < 12_000 } ?? false
  }

  private static func isNamed(_ error: any Error) -> Bool {
    guard let error = error as? CheckpointError else { return false }
    return error.offset != nil || error.subject != nil
  }

  /// Reads everything; whatever is accepted has as many bytes as it says.
  private func open(_ bytes: [UInt8], in folder: TemporaryFolder) throws {
    let policy = TorchCheckpoint.Policy(dangerous: .report, checksums: .ignore)
    let checkpoint = try TorchCheckpoint(MappedFile(path: folder.write(bytes, to: "a.pt")), policy: policy)
    for tensor in checkpoint.tensors where tensor.byteCount < 1 << 20 {
      let count = try checkpoint.withBytes(of: tensor) { $0.byteCount }
      #expect(count == tensor.byteCount)
    }
  }

  @Test(arguments: files)
  func `a spoiled file without checksums is refused in words, or read`(_ fixture: ContainerFixture) throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: fixture.path)))
    var random = SeededGenerator(seed: UInt64(bytes.count))
    let interesting: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 0x28, 0x2e, 0x52, 0x68, 0x71, 0x85, 0x93]
    for round in 0..<250 {
      var spoiled = bytes
      // The first quarter holds the pickle.
      let end = round % 2 == 0 ? max(64, bytes.count / 4) : bytes.count
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<min(end, bytes.count), using: &random)
        spoiled[place] =
          round % 3 == 0
          ? interesting[Int.random(in: interesting.indices, using: &random)] : UInt8.random(in: 0...255, using: &random)
      }
      do {
        try open(spoiled, in: folder)
      } catch {
        #expect(Self.isNamed(error), "\(error)")
      }
    }
  }
}
