// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotTestSupport
import Testing

/// Files that end early or are changed: an error or a dataset, never a crash.
struct HostileTests {
  static let files = [
    ("mnist", "MNIST/raw/t10k-labels-idx1-ubyte"), ("cifar100", "cifar-100-python/test"),
    ("fer2013", "fer2013/fer2013.csv"), ("food101", "food-101/meta/train.json"),
    ("clevr-counts", "clevr/CLEVR_v1.0/scenes/CLEVR_val_scenes.json"), ("hateful-memes", "train.jsonl"),
    ("flowers102", "flowers-102/setid.mat"), ("gtsrb", "gtsrb/GT-final_test.csv"),
    ("kitti", "Kitti/raw/mapping/train_mapping.txt"), ("kinetics700", "annotations/train.csv"),
    ("imagenet", "ILSVRC2012_img_val.tar"), ("imagenet", "ILSVRC2012_devkit_t12.tar.gz"),
    ("birdsnap", "birdsnap/images.txt"), ("voc2007", "VOCdevkit/VOC2007/ImageSets/Main/car_train.txt"),
  ]

  /// Opens a dataset and looks at every sample; whether that was refused.
  private func isRefused(_ name: String, _ path: String) throws -> Bool {
    do {
      let dataset = try DatasetCatalogue.open(name, options(path))
      for split in dataset.splits {
        let samples = try dataset.samples(of: split)
        for index in 0..<samples.count {
          _ = samples.label(at: index)
          if case .encoded(let bytes) = try samples.image(at: index) { try bytes.withBytes { _ in } }
        }
      }
      return false
    } catch {
      #expect(error is CheckpointError || error is FileError, "\(error)")
      return true
    }
  }

  @Test(arguments: HostileTests.files)
  func `A file that ends early or is changed never crashes`(name: String, file: String) throws {
    let folder = try TemporaryFolder()
    let path = try copyOfMiniature(name, to: folder)
    for other in ["cifar-100-binary"] { try? FileManager.default.removeItem(atPath: path + "/" + other) }
    let place = URL(filePath: path + "/" + file)
    let whole = [UInt8](try Data(contentsOf: place))
    try #require(try !isRefused(name, path))
    var refused = 0
    var random = SeededGenerator(seed: 5)
    let lengths =
      whole.count < 300
      ? Array(0..<whole.count) : (0..<300).map { _ in Int.random(in: 0..<whole.count, using: &random) }
    for length in lengths {
      try Data(whole.prefix(length)).write(to: place)
      if try isRefused(name, path) { refused += 1 }
    }
    for _ in 0..<300 {
      var changed = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      try Data(changed).write(to: place)
      if try isRefused(name, path) { refused += 1 }
    }
    #expect(refused > 0)
  }
}
