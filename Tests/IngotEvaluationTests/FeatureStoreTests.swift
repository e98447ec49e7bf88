// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotDatasets
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotEvaluation

@Suite struct FeatureStoreTests {
  private let samples = NumberSamples(labels: (0..<9000).map { $0 * 7 % 3 })

  private func store(_ folder: TemporaryFolder, _ shard: Shard? = nil) -> FeatureStore {
    FeatureStore(folder: folder.path("cache"), model: "m", dataset: "numbers", split: "test", shard: shard)
  }

  private func extraction(
    _ samples: NumberSamples, limit: Int = .max, _ policy: UnreadablePolicy = .stop, threads: Int = 2
  ) -> FeatureExtraction {
    let compute = Compute(threads: threads)
    return FeatureExtraction(samples, NumberFeatures(width: 5, limit: limit), policy: policy, compute)
  }

  @Test func `features are written once and taken from then on`() throws {
    let folder = try TemporaryFolder()
    let key = numberKey(samples)
    let first = try extraction(samples).run(key, into: store(folder)) { _ in }
    let memory = try extraction(samples).run(key, title: "memory") { _ in }
    #expect(first.digest() == memory.digest() && first.labels == memory.labels && first.width == 5)
    // A second run reads no picture: this extractor would stop at the first.
    let second = try extraction(samples, limit: 0).run(key, into: store(folder)) { _ in }
    #expect(second.digest() == first.digest())
    // NumPy's own format: other programs can read it.
    let direct = try FeatureTable(features: store(folder).features, labels: store(folder).labels, classes: 3, title: "")
    #expect(direct.rows == 9000 && direct.labels == first.labels)
  }

  @Test(arguments: [0, 1, 63, 64, 4095, 4096, 5000, 8999])
  func `an interrupted run goes on where it was`(_ limit: Int) throws {
    let folder = try TemporaryFolder()
    let key = numberKey(samples)
    #expect(throws: NumberFeatures.Stopped.self) {
      try extraction(samples, limit: limit).run(key, into: store(folder)) { _ in }
    }
    #expect(try store(folder).open(key) == nil)
    var started: Int?
    _ = try extraction(samples).run(key, into: store(folder)) { if started == nil { started = $0 } }
    // Only what is recorded counts as done: whole groups of rows.
    #expect(started == limit / 4096 * 4096, "limit \(limit)")
    let whole = try TemporaryFolder()
    _ = try extraction(samples).run(key, into: store(whole)) { _ in }
    for path in [\FeatureStore.features, \.labels, \.record] {
      #expect(try contents(store(folder)[keyPath: path]) == contents(store(whole)[keyPath: path]))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("cache")).count == 3)
  }

  @Test func `what follows the last record is not trusted`() throws {
    let folder = try TemporaryFolder()
    let key = numberKey(samples)
    #expect(throws: NumberFeatures.Stopped.self) {
      try extraction(samples, limit: 6000).run(key, into: store(folder)) { _ in }
    }
    let partial = ResumableFile.partialPath(for: store(folder).features)
    var bytes = try contents(partial)
    bytes += [UInt8](repeating: 0xaa, count: 777)
    try Data(bytes).write(to: URL(filePath: partial))
    let table = try extraction(samples).run(key, into: store(folder)) { _ in }
    #expect(table.digest() == (try extraction(samples).run(key, title: "") { _ in }).digest())
    // A partial file that is shorter than its record is refused, not padded.
    let other = try TemporaryFolder()
    #expect(throws: NumberFeatures.Stopped.self) {
      try extraction(samples, limit: 6000).run(key, into: store(other)) { _ in }
    }
    let short = ResumableFile.partialPath(for: store(other).features)
    try Data(contents(short).prefix(1000)).write(to: URL(filePath: short))
    #expect(throws: FileError.self) { try extraction(samples).run(key, into: store(other)) { _ in } }
  }

  @Test func `a cache of other features is refused, and what differs is said`() throws {
    let folder = try TemporaryFolder()
    let key = numberKey(samples)
    _ = try extraction(samples).run(key, into: store(folder)) { _ in }
    var other = key
    other.model = "another"
    other.layer = .preProjection
    let error = fault { _ = try store(folder).open(other) }
    #expect(error?.code == .mismatch)
    #expect(
      error?.detail
        == "is a cache of other features: model is m, expected another; layer is projected, expected pre-projection")
    var labels = samples.labels
    labels[8000] = 1 - min(labels[8000], 1)
    let changed = numberKey(NumberSamples(labels: labels))
    #expect(changed.samples != key.samples)
    #expect(fault { _ = try store(folder).open(changed) }?.code == .mismatch)
    // One that was only begun is refused as well.
    let begun = try TemporaryFolder()
    #expect(throws: NumberFeatures.Stopped.self) {
      try extraction(samples, limit: 6000).run(key, into: store(begun)) { _ in }
    }
    #expect(fault { _ = try extraction(samples).run(other, into: store(begun)) { _ in } }?.code == .mismatch)
  }

  @Test func `damaged files are refused`() throws {
    let folder = try TemporaryFolder()
    let key = numberKey(samples)
    _ = try extraction(samples).run(key, into: store(folder)) { _ in }
    let files = store(folder)
    for (path, places) in [(files.features, [200, 90_000]), (files.labels, [4000])] {
      for place in places {
        var bytes = try contents(path)
        bytes[place] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
        let code = fault { _ = try files.open(key) }?.code
        #expect(code == .corrupt || code == .mismatch)
        bytes[place] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
      }
    }
    #expect(try files.open(key) != nil)
    let record = try contents(files.record)
    for text in [
      "", "{}", "[1]", String(decoding: record, as: UTF8.self).replacing("\"rows\" : 9000", with: "\"rows\" : 8999"),
    ] {
      try Data(text.utf8).write(to: URL(filePath: files.record))
      #expect(throws: CheckpointError.self) { try files.open(key) }
    }
    try Data(String(decoding: record, as: UTF8.self).replacing("features-1", with: "features-9").utf8).write(
      to: URL(filePath: files.record))
    #expect(fault { _ = try files.open(key) }?.code == .unsupported)
  }

  @Test(arguments: [1, 2, 7])
  func `shards make what one run makes, to the bit`(_ count: Int) throws {
    let (folder, whole) = try (TemporaryFolder(), TemporaryFolder())
    let key = numberKey(samples)
    let expected = try extraction(samples).run(key, into: store(whole)) { _ in }
    for index in (1...count).reversed() {
      let shard = try #require(Shard(index: index, count: count))
      if index == 1, count > 1 {
        let error = fault { _ = try FeatureShards.merge(key, into: store(folder), count: count) { store(folder, $0) } }
        #expect(error?.code == .missing)
        #expect(error?.detail == "1 of \(count) shards are not complete: 1/\(count)")
      }
      let table = try extraction(samples, threads: index).run(key, into: store(folder, shard), shard: shard) { _ in }
      #expect(table.rows == shard.rows(of: 9000).count)
    }
    let merged = try FeatureShards.merge(key, into: store(folder), count: count) { store(folder, $0) }
    #expect(merged.digest() == expected.digest())
    for path in [\FeatureStore.features, \.labels, \.record] {
      #expect(try contents(store(folder)[keyPath: path]) == contents(store(whole)[keyPath: path]))
    }
  }

  @Test func `shards of other features do not go together`() throws {
    let folder = try TemporaryFolder()
    let key = numberKey(samples)
    let (one, two) = try (#require(Shard("1/2")), #require(Shard("2/2")))
    _ = try extraction(samples).run(key, into: store(folder, one), shard: one) { _ in }
    _ = try extraction(samples).run(numberKey(samples, model: "x"), into: store(folder, two), shard: two) { _ in }
    #expect(
      fault { _ = try FeatureShards.merge(key, into: store(folder), count: 2) { store(folder, $0) } }?.code == .mismatch
    )
    for text in ["0/2", "3/2", "2", "1/2/3", "a/b", "1/0", "-1/2"] { #expect(Shard(text) == nil) }
  }

  @Test func `unreadable pictures are named, counted and left out, or end the run`() throws {
    var broken = samples
    broken.missing = [0, 5, 64, 128, 8999]
    let folder = try TemporaryFolder()
    #expect(throws: FileError.self) { try extraction(broken).run(numberKey(broken), into: store(folder)) { _ in } }
    let table = try extraction(broken, .skip).run(numberKey(broken), into: store(folder)) { _ in }
    #expect(table.rows == 9000)
    #expect(table.unreadable.map(\.row) == [0, 5, 64, 128, 8999])
    #expect(table.unreadable[1].name == "sample-5")
    #expect(table.unreadable[1].reason.contains("is not there"))
    for row in [0, 5, 64, 128, 8999] {
      #expect(table.labels.values[row] == -1)
      #expect(table.withRows(row..<row + 1) { [Float](littleEndianBytes: $0) } == [0, 0, 0, 0, 0])
    }
    #expect(table.labels.values[1] == Int32(broken.labels[1]))
    let memory = try extraction(broken, .skip).run(numberKey(broken), title: "") { _ in }
    #expect(memory.digest() == table.digest() && memory.labels == table.labels)
    var none = NumberSamples(labels: [0, 1, 2])
    none.missing = [0, 1, 2]
    let error = fault { _ = try extraction(none, .skip).run(numberKey(none), title: "") { _ in } }
    #expect(error?.code == .missing && error?.detail.contains("none of 3 pictures") == true)
  }

  @Test func `labels that are no classes are refused, by the sample's name`() throws {
    let samples = NumberSamples(labels: [0, 1, 3, 2])
    let error = fault { _ = try extraction(samples).run(numberKey(samples), title: "") { _ in } }
    #expect(error?.code == .mismatch && error?.subject == "sample-2")
    #expect(error?.detail == "has label 3, allowed are 0 to 2")
  }

  @Test func `a label beyond the number of rows is refused, however large`() throws {
    for wrong in [4, 1 << 30, Int32.max] {
      let error = fault { _ = try SampleLabels(checking: [0, wrong, 1, -1], columns: 1, classes: nil) }
      #expect(error?.code == .mismatch && error?.detail.hasPrefix("row 1 has label \(wrong); 4 rows") == true)
    }
    #expect(try SampleLabels(checking: [0, 3, 1, -1], columns: 1, classes: nil).classes == 4)
    #expect(try SampleLabels(checking: [0, 7], columns: 1, classes: 8).classes == 8)
    #expect(try SampleLabels(checking: [-1, -1], columns: 1, classes: nil).classes == 0)
  }
}
