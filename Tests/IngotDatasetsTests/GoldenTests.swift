// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotImage
import IngotTestSupport
import Testing

/// What is read from each miniature is what torchvision reads, or what its writer put there.
struct GoldenTests {
  /// Datasets whose samples are picture files, in the order of lists; `sorted` where the order of a whole split means nothing.
  @Test(arguments: [
    ("food101", true), ("sun397", false), ("stanford-cars", false), ("fgvc-aircraft", false), ("dtd", false),
    ("oxford-pets", false), ("flowers102", false), ("gtsrb", false), ("kitti", false), ("country211", false),
    ("rendered-sst2", true), ("ucf101", false), ("kinetics700", false), ("clevr-counts", false),
    ("hateful-memes", false), ("birdsnap", true), ("imagenet", false),
  ])
  func `Names and classes of picture files are the golden ones`(name: String, isUnordered: Bool) throws {
    let golden = try #require(try Golden.load().entries[name])
    let dataset = try openMiniature(name)
    #expect(Set(dataset.splits.map(\.rawValue)) == Set(golden.splits.keys))
    for (split, rows) in golden.splits {
      let samples = try dataset.samples(of: try #require(DatasetSplit(rawValue: split)))
      var found: [[String]] = []
      for index in 0..<samples.count {
        let label = try #require(samples.label(at: index).index)
        found.append([samples.name(at: index), dataset.classes.classes[label].key])
        if case .file(let path) = try samples.image(at: index) {
          let file = try MappedFile(path: path)
          let picture = try ImageDecoder.decode(file.bytes)
          if let expected = rows[index].pixels, !isUnordered { #expect(digest(picture.pixels) == expected) }
        }
      }
      // torchvision numbers the folders of GTSRB's training set that are there; the folders' names are the classes.
      let isNumbered = name == "gtsrb" && split == "train"
      let expected = rows.map { row in
        [row.name, isNumbered ? Int(row.name.split(separator: "/")[2]).map { "\($0)" } ?? "" : row.key ?? ""]
      }
      if isUnordered {
        #expect(found.sorted { $0[0] < $1[0] } == expected.sorted { $0[0] < $1[0] })
      } else {
        #expect(found == expected)
      }
    }
  }

  @Test(arguments: [
    ("cifar10", "cifar-10-batches-bin"), ("cifar10", "cifar-10-batches-py"), ("cifar100", "cifar-100-binary"),
    ("cifar100", "cifar-100-python"), ("mnist", "."), ("mnist", "MNIST/raw"), ("pcam", "."), ("pcam", "pcam"),
  ])
  func `Stored pixels and classes are the golden ones`(name: String, inner: String) throws {
    let golden = try #require(try Golden.load().entries[name])
    let dataset = try openMiniature(name, folder: name + "/" + inner)
    #expect(Set(dataset.splits.map(\.rawValue)) == Set(golden.splits.keys))
    for (split, rows) in golden.splits {
      try expectStored(dataset, try dataset.samples(of: try #require(DatasetSplit(rawValue: split))), rows)
    }
  }

  private func expectStored(_ dataset: Dataset, _ samples: any SampleSource, _ rows: [Golden.Row]) throws {
    try #require(samples.count == rows.count)
    for (index, row) in rows.enumerated() {
      let sample = try samples.sample(at: index)
      let label = try #require(sample.label.index)
      let picture = try pixels(sample.image)
      #expect(dataset.classes.classes[label].key == row.key)
      #expect(digest(picture.pixels) == row.pixels)
    }
  }

  @Test func `MNIST's files may be compressed`() throws {
    let folder = try TemporaryFolder()
    for name in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] {
      try FileManager.default.copyItem(
        atPath: miniature("mnist/\(name)-ubyte.gz"), toPath: folder.path("\(name)-ubyte.gz"))
    }
    let dataset = try DatasetCatalogue.open("mnist", options(folder.url.path))
    let golden = try #require(try Golden.load().entries["mnist"]?.splits["train"])
    try expectStored(dataset, try dataset.samples(of: .train), golden)
  }

  @Test func `STL-10 has folds, columns first, and labels from 1 on`() throws {
    let golden = try #require(try Golden.load().entries["stl10"])
    for fold in [1, 3] {
      var chosen = options(miniature("stl10"))
      chosen.partition = fold
      let dataset = try DatasetCatalogue.open("stl10", chosen)
      try expectStored(dataset, try dataset.samples(of: .train), try #require(golden.splits["train \(fold)"]))
      try expectStored(dataset, try dataset.samples(of: .test), try #require(golden.splits["test"]))
    }
    #expect(DatasetCatalogue.description(of: "stl10")?.averagesPartitions == true)
  }

  @Test(arguments: ["fer2013", "fer2013-icml"])
  func `FER2013 is read in both of its forms`(name: String) throws {
    let golden = try #require(try Golden.load().entries[name])
    let dataset = try openMiniature("fer2013", folder: name)
    try expectStored(dataset, try dataset.samples(of: .train), try #require(golden.splits["train"]))
    // torchvision's test is both other parts in the file's order: here the private one came first.
    let parts = SampleSequence([try dataset.samples(of: .test), try dataset.samples(of: .validation)])
    try expectStored(dataset, parts, try #require(golden.splits["validation+test in the file's order"]))
  }

  @Test func `VOC 2007 has several classes a picture, and some that are not scored`() throws {
    let golden = try #require(try Golden.load().entries["voc2007"])
    let dataset = try openMiniature("voc2007")
    #expect(dataset.isMultiLabel && dataset.metric == .meanAveragePrecision11)
    for (split, rows) in golden.splits {
      let samples = try dataset.samples(of: try #require(DatasetSplit(rawValue: split)))
      #expect(samples.count == rows.count)
      for (index, row) in rows.enumerated() {
        #expect(samples.name(at: index) == row.name)
        let present = try #require(row.present).compactMap { dataset.classes.index(of: $0) }.sorted()
        let ignored = try #require(row.ignored).compactMap { dataset.classes.index(of: $0) }.sorted()
        #expect(samples.label(at: index) == .several(present: present, ignored: ignored))
      }
    }
    #expect(try dataset.samples(of: .trainAndValidation).count == 3)
  }

  @Test(arguments: ["eurosat", "resisc45", "caltech101"])
  func `Drawn splits hold each picture at most once, with the golden classes, and are the same again`(name: String)
    throws
  {
    let golden = try #require(try Golden.load().entries[name]?.splits["all"])
    let classes = Dictionary(uniqueKeysWithValues: golden.map { ($0.name, $0.key ?? "") })
    func read(seed: UInt64) throws -> [[String]] {
      var chosen = options(miniature(name))
      chosen.seed = seed
      let dataset = try DatasetCatalogue.open(name, chosen)
      #expect(dataset.splitSeed == seed)
      return try dataset.splits.map { split in
        let samples = try dataset.samples(of: split)
        for index in 0..<samples.count {
          let label = try #require(samples.label(at: index).index)
          #expect(dataset.classes.classes[label].key == classes[samples.name(at: index)] ?? "?")
        }
        return (0..<samples.count).map { samples.name(at: $0) }
      }
    }
    let first = try read(seed: 1)
    #expect(Set(first.joined()).count == first.joined().count)
    #expect(first.joined().count == golden.count)
    #expect(try read(seed: 1) == first)
    if name != "caltech101" { #expect(try (2..<6).contains { try read(seed: $0) != first }) }
    if name == "resisc45" { #expect(first.map(\.count) == [3, 3, 24]) }
    if name == "eurosat" { #expect(first.map(\.count) == [6, 3]) }
  }

  @Test func `Partitions take other lists`() throws {
    for (name, other) in [("sun397", 2), ("dtd", 2), ("ucf101", 2)] {
      var chosen = options(miniature(name))
      let first = try DatasetCatalogue.open(name, chosen).samples(of: .test)
      chosen.partition = other
      let second = try DatasetCatalogue.open(name, chosen)
      #expect(second.partition == other)
      #expect(try second.samples(of: .test).name(at: 0) != first.name(at: 0), "\(name)")
      chosen.partition = 11
      #expect(refusal(name, chosen) as? CheckpointError == CheckpointError(.missing, .dataset, subject: name, ""))
    }
  }

  @Test func `ImageNet's pictures are lent from its archives`() throws {
    let dataset = try openMiniature("imagenet")
    for split in [DatasetSplit.train, .test] {
      let samples = try dataset.samples(of: split)
      for index in 0..<samples.count {
        guard case .encoded(let bytes) = try samples.image(at: index) else {
          Issue.record("bytes are expected")
          continue
        }
        try bytes.withBytes { span in
          let picture = try ImageDecoder.decode(span)
          #expect(picture.width == 8 && picture.height == 6)
        }
      }
    }
  }

  @Test func `ImageNet's pictures may be unpacked, with or without folders of classes`() throws {
    let folder = try TemporaryFolder()
    let golden = try #require(try Golden.load().entries["imagenet"]?.splits["test"])
    let source = try #require(
      FileManager.default.contents(atPath: miniature("birdsnap/birdsnap/download/images/annas/20.jpg")))
    try FileManager.default.createDirectory(atPath: folder.path("val"), withIntermediateDirectories: true)
    for row in golden { try source.write(to: folder.url.appending(path: "val/" + row.name)) }
    try FileManager.default.copyItem(
      atPath: miniature("imagenet/ILSVRC2012_devkit_t12.tar.gz"), toPath: folder.path("ILSVRC2012_devkit_t12.tar.gz"))
    let dataset = try DatasetCatalogue.open("imagenet", options(folder.url.path))
    let samples = try dataset.samples(of: .test)
    #expect(
      (0..<samples.count).map { dataset.classes.classes[samples.label(at: $0).index ?? 0].key }
        == golden.compactMap(\.key))
    #expect(dataset.splits == [.test])
    // In folders of classes.
    let tree = folder.url.appending(path: "tree/val/n01440764")
    try FileManager.default.createDirectory(at: tree, withIntermediateDirectories: true)
    try source.write(to: tree.appending(path: "a.JPEG"))
    let second = try DatasetCatalogue.open("imagenet", options(folder.path("tree")))
    #expect(try second.samples(of: .test).count == 1)
    #expect(second.remarks.contains { $0.hasPrefix("999 of 1000 classes have no folder") })
  }
}
