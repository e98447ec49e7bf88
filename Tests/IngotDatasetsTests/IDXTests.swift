// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotDatasets
import IngotTestSupport
import Testing

struct IDXTests {
  private static let debian = "/usr/share/datasets/fashion-mnist"

  @Test func `Debian's Fashion-MNIST is read from its gzip files`() throws {
    let dataset = try DatasetCatalogue.open("fashion-mnist", DatasetOptions(path: Self.debian))
    #expect(dataset.splits == [.train, .test])
    #expect(dataset.remarks == [])
    let train = try dataset.samples(of: .train)
    let test = try dataset.samples(of: .test)
    #expect(train.count == 60_000)
    #expect(test.count == 10_000)
    // As the dataset's own documentation has it: 6,000 and 1,000 of each class.
    var counts = [Int](repeating: 0, count: 10)
    for index in 0..<train.count { counts[train.label(at: index).index ?? 0] += 1 }
    #expect(counts == [Int](repeating: 6000, count: 10))
    // The first test picture is an ankle boot, and its first row is empty.
    #expect(dataset.classes.classes[test.label(at: 0).index ?? 0].names == ["ankle boot"])
    guard case .pixels(let picture) = try test.image(at: 0) else {
      Issue.record("pixels are expected")
      return
    }
    #expect(picture.width == 28 && picture.height == 28 && picture.channels == 1)
    #expect(picture.pixels.prefix(28).allSatisfy { $0 == 0 })
    #expect(picture.pixels.contains { $0 > 200 })
  }
}
