// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotImage
import IngotTestSupport
import Testing

struct BadInputTests {
  /// Replaces a file of a copied miniature.
  private func write(_ content: String, _ path: String) throws {
    try Data(content.utf8).write(to: URL(filePath: path))
  }

  private func code(_ name: String, _ path: String) -> CheckpointError.Code? {
    (refusal(name, options(path)) as? CheckpointError)?.code
  }

  @Test func `Every dataset names all that is missing from an empty folder at once`() throws {
    let folder = try TemporaryFolder()
    for description in DatasetCatalogue.all where !["folder", "csv"].contains(description.name) {
      let error = try #require(refusal(description.name, options(folder.url.path)) as? FileError, "\(description.name)")
      #expect(error.code == .inputMissing, "\(description.name)")
    }
    let pcam = try #require(refusal("pcam", options(folder.url.path)) as? FileError)
    #expect(pcam.detail.hasPrefix("6 files are missing: camelyonpatch_level_2_split_train_x.h5"))
    #expect(pcam.detail.contains("test_y.h5"))
    let cars = try #require(refusal("stanford-cars", options(folder.url.path)) as? FileError)
    #expect(cars.detail.hasPrefix("5 files are missing"))
    #expect((refusal("mnist", options(folder.path("none"))) as? FileError)?.code == .inputMissing)
  }

  @Test func `Pictures that lists name and that do not exist are told all at once`() throws {
    let folder = try TemporaryFolder()
    let path = try copyOfMiniature("dtd", to: folder)
    for name in ["banded/banded_0002.jpg", "zigzagged/zigzagged_0004.jpg"] {
      try FileManager.default.removeItem(atPath: path + "/dtd/dtd/images/" + name)
    }
    let error = try #require(refusal("dtd", options(path)) as? FileError)
    #expect(error.detail == "2 files are missing: images/banded/banded_0002.jpg, images/zigzagged/zigzagged_0004.jpg")
  }

  @Test func `Counts other than the published ones are said, and are an error only where that is asked`() throws {
    let dataset = try openMiniature("mnist")
    #expect(dataset.remarks == ["train has 4 samples, published are 60000", "test has 3 samples, published are 10000"])
    var strict = options(miniature("mnist"))
    strict.isStrict = true
    #expect(refusal("mnist", strict) as? CheckpointError == CheckpointError(.mismatch, .dataset, subject: "mnist", ""))
  }

  @Test func `A split that is not there is named with those that are`() throws {
    let dataset = try openMiniature("mnist")
    let error = CheckpointError(.missing, .dataset, subject: "validation", "")
    #expect(throws: error) { try dataset.samples(of: .validation) }
    #expect(try dataset.samples(of: .trainAndValidation).count == 4)
  }

  @Test func `Labels outside the classes are refused by every reader that has numbers`() throws {
    let folder = try TemporaryFolder()
    func change(_ name: String, _ file: String, at offset: Int, to byte: UInt8) throws -> CheckpointError.Code? {
      let path = try copyOfMiniature(name, to: folder)
      defer { try? FileManager.default.removeItem(atPath: path) }
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: path + "/" + file)))
      bytes[offset] = byte
      try Data(bytes).write(to: URL(filePath: path + "/" + file))
      return code(name, path)
    }
    #expect(try change("mnist", "MNIST/raw/t10k-labels-idx1-ubyte", at: 9, to: 10) == .malformed)
    #expect(try change("mnist", "MNIST/raw/t10k-labels-idx1-ubyte", at: 9, to: 9) == nil)
    #expect(try change("stl10", "stl10_binary/test_y.bin", at: 0, to: 0) == .malformed)
    #expect(try change("stl10", "stl10_binary/test_y.bin", at: 0, to: 11) == .malformed)
    #expect(try change("stl10", "stl10_binary/test_y.bin", at: 0, to: 10) == nil)
    #expect(try change("cifar10", "cifar-10-batches-bin/test_batch.bin", at: 0, to: 10) == .malformed)
    #expect(try change("cifar100", "cifar-100-binary/test.bin", at: 1, to: 100) == .malformed)
    // The other label byte is the group, which is not read.
    #expect(try change("cifar100", "cifar-100-binary/test.bin", at: 0, to: 100) == nil)
  }

  @Test(arguments: WrongList.all)
  func `A wrong list is one error with its file and line`(wrong: WrongList) throws {
    let folder = try TemporaryFolder()
    let path = try copyOfMiniature(wrong.dataset, to: folder)
    try write(wrong.content, path + "/" + wrong.file)
    let error = try #require(refusal(wrong.dataset, options(path)) as? CheckpointError)
    #expect(error.code == wrong.code, "\(error)")
    #expect(error.subject?.isEmpty == false)
  }

  @Test func `A wrong row of FER2013's pixels is told when its picture is asked for`() throws {
    let folder = try TemporaryFolder()
    let values = [String](repeating: "7", count: 2304)
    for (line, isGood) in [
      (values.joined(separator: " "), true), (values.dropLast().joined(separator: " "), false),
      ((values.dropLast() + ["256"]).joined(separator: " "), false),
      ((values.dropLast() + ["-1"]).joined(separator: " "), false),
      ((values.dropLast() + ["99999999999999999999"]).joined(separator: " "), false),
    ] {
      _ = try folder.write(Array("emotion,pixels,Usage\n1,\(line),PrivateTest\n".utf8), to: "fer2013.csv")
      let samples = try DatasetCatalogue.open("fer2013", options(folder.url.path)).samples(of: .test)
      #expect(samples.count == 1)
      if isGood {
        #expect(try pixels(samples.image(at: 0)).pixels == [UInt8](repeating: 7, count: 2304))
      } else {
        #expect(throws: CheckpointError(.malformed, .dataset, subject: "fer2013.csv", "")) { try samples.image(at: 0) }
      }
    }
  }

  @Test func `A pickle that names executable code is refused as dangerous`() throws {
    let folder = try TemporaryFolder()
    let path = try copyOfMiniature("cifar100", to: folder)
    try FileManager.default.removeItem(atPath: path + "/cifar-100-binary")
    try write("cos\nsystem\n(S'true'\ntR.", path + "/cifar-100-python/test")
    #expect(code("cifar100", path) == .dangerous)
    try write("}.", path + "/cifar-100-python/test")
    #expect(code("cifar100", path) == .missing)
  }

  @Test func `CIFAR's own names must agree with the table`() throws {
    let folder = try TemporaryFolder()
    let path = try copyOfMiniature("cifar10", to: folder)
    try FileManager.default.removeItem(atPath: path + "/cifar-10-batches-bin")
    #expect(code("cifar10", path) == nil)
    try write("(dp0\nVlabel_names\np1\n(lp2\nVcat\np3\nas.", path + "/cifar-10-batches-py/batches.meta")
    #expect(code("cifar10", path) == .mismatch)
  }

  @Test func `PatchCamelyon's compressed files are to be decompressed first`() throws {
    let folder = try TemporaryFolder()
    let path = try copyOfMiniature("pcam", to: folder)
    let name = path + "/pcam/camelyonpatch_level_2_split_test_x.h5"
    try FileManager.default.removeItem(atPath: name)
    try FileManager.default.copyItem(atPath: miniature("mnist/t10k-labels-idx1-ubyte.gz"), toPath: name + ".gz")
    #expect(code("pcam", path) == .unsupported)
    // Labels in the place of pictures.
    try FileManager.default.copyItem(atPath: path + "/pcam/camelyonpatch_level_2_split_test_y.h5", toPath: name)
    #expect(code("pcam", path) == .missing)
  }

  @Test func `An unknown dataset is named with those that are known`() throws {
    let error = try #require(refusal("imagenette", options(".")) as? CheckpointError)
    #expect(error.code == .unsupported && error.detail.contains("food101") && error.detail.contains("csv"))
  }

  @Test func `Pictures that cannot be read are counted and named, or end the run`() throws {
    let fault = CheckpointError(.truncated, .image, "x")
    let skipping = UnreadablePictures(policy: .skip)
    for index in 0..<1500 { try skipping.note("\(index)", fault) }
    #expect(skipping.count == 1500 && skipping.entries.count == 1000)
    let stopping = UnreadablePictures(policy: .stop)
    #expect(throws: fault) { try stopping.note("a", fault) }
    #expect(stopping.entries.map(\.name) == ["a"])
  }
}
