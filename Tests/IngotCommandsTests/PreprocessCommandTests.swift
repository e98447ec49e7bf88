// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

/// `ingot preprocess`, against the digests that `Fixtures/images/make.py` took of OpenAI's own transform.
@Suite struct PreprocessCommandTests {
  private let model = Fixtures.path("fashion-clip/archive.pt")

  /// Every image of the folder, in order of names, and the digest of its tensor of 28 × 28.
  private func images() throws -> [(path: String, digest: String)] {
    let data = try Data(contentsOf: URL(filePath: Fixtures.path("images/manifest.json")))
    let manifest = try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]] ?? [:]
    return try manifest.sorted { $0.key < $1.key }.map { name, entry in
      let sizes = entry["28"] as? [String: String]
      return (Fixtures.path("images/\(name)"), try #require(sizes?["tensor"]))
    }
  }

  @Test(arguments: ["1", "2", "5"])
  func `rows are the tensors of the original transform, in the order of the files`(threads: String) throws {
    let folder = try TemporaryFolder()
    let output = folder.path("pixels.npy")
    // More than are computed ahead, so that several groups pass.
    let images = try images() + images().reversed()
    let result = try Tool.run(
      ["preprocess", model, "-o", output, "--threads", threads, "--json", "--images"] + images.map(\.path))
    #expect(result.status == 0, "\(result.errors)")
    let document = try result.json()
    #expect(document["shape"] as? [Int] == [images.count, 3, 28, 28])
    #expect((document["preprocessing"] as? [String: Any])?["interpolation"] as? String == "bicubic")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: output)))
    let row = 3 * 28 * 28 * 4
    let start = bytes.count - images.count * row
    #expect(start == 128)
    for (index, image) in images.enumerated() {
      let part = Array(bytes[start + index * row..<start + (index + 1) * row])
      #expect(part.withRawSpan { SHA256Digest(of: $0).description } == image.digest, "\(image.path)")
    }
  }

  @Test func `the first damaged image is named, and no array is left`() throws {
    let folder = try TemporaryFolder()
    let whole = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("images/ycc-420.jpg"))))
    let damaged = try folder.write(Array(whole.prefix(whole.count / 2)), to: "damaged.jpg")
    let later = try folder.write(Array(whole.prefix(100)), to: "later.jpg")
    let good = try images().prefix(40).map(\.path)
    let result = try Tool.run(
      ["preprocess", model, "-o", folder.path("x.npy"), "--images"] + good + [damaged] + good + [later])
    #expect(result.status == 65)
    #expect(result.errors.contains("damaged.jpg") && result.errors.contains("truncated"), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("x.npy")))
    let missing = try Tool.run("preprocess", model, "-o", folder.path("x.npy"), "--images", folder.path("none.png"))
    #expect(missing.status == 66)
  }

  @Test func `an existing array is replaced only by force`() throws {
    let folder = try TemporaryFolder()
    let old = try folder.write([1, 2, 3], to: "x.npy")
    let image = Fixtures.path("images/rgb.png")
    #expect(try Tool.run("preprocess", model, "-o", old, "--images", image).status == 73)
    #expect(try Data(contentsOf: URL(filePath: old)) == Data([1, 2, 3]))
    #expect(try Tool.run("preprocess", model, "-o", old, "--force", "--images", image).status == 0)
  }

  @Test func `embedding many files is embedding each`() throws {
    let folder = try TemporaryFolder()
    let images = try images().map(\.path)
    #expect(try Tool.run(["embed", model, "-o", folder.path("all.npy"), "--images"] + images).status == 0)
    let all = [UInt8](try Data(contentsOf: URL(filePath: folder.path("all.npy"))))
    let row = 96 * 4
    for index in [0, 31, 32, 33, images.count - 1] {
      let output = folder.path("\(index).npy")
      #expect(try Tool.run("embed", model, "-o", output, "--images", images[index]).status == 0)
      let one = [UInt8](try Data(contentsOf: URL(filePath: output)))
      let start = all.count - (images.count - index) * row
      #expect(Array(one.suffix(row)) == Array(all[start..<start + row]), "\(images[index])")
    }
  }
}
