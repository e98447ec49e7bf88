// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotArchive
import IngotBytes
import IngotCLIP
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

/// The task the fixture was trained for: naming the 10,000 test images of Fashion-MNIST, which it has never seen.
@Suite struct ZeroShotTests {
  /// Where Debian's `dataset-fashion-mnist` puts its files.
  private static let folder = "/usr/share/datasets/fashion-mnist"

  private struct Prompts: Decodable {
    let classes: [String]
    let phrases: [String]?
    let templates: [String]
  }

  @Test func `int8 names as many images as float32, within 0.3 points, and as PyTorch found`() throws {
    let (pixels, labels) = try testImages()
    let tokenizer = try BytePairTokenizer.load(path: Fixtures.path("fashion-clip/bpe_vocab.txt.gz"))
    let source = try accuracy(.source, pixels, labels, tokenizer)
    let int8 = try accuracy(.int8, pixels, labels, tokenizer)
    print("zero-shot on 10,000 images: float32 \(100 * source) %, int8 \(100 * int8) %")
    // PyTorch named 8,584 of the images with the same prompts (`Fixtures/fashion-clip/versions.json`); a tie may fall either way.
    #expect(abs(source - 0.8584) <= 0.0002, "\(source)")
    #expect(source >= 0.80)
    #expect(abs(int8 - source) <= 0.003, "\(int8) against \(source)")
  }

  private func accuracy(
    _ scheme: EncodingScheme, _ pixels: [Float], _ labels: [UInt8], _ tokenizer: BytePairTokenizer
  ) throws -> Double {
    let fixture = try ModelFixture("fashion-clip", scheme)
    let encoder = try CLIPEncoder<Float>(fixture.configuration, fixture.file)
    let compute = Compute()
    let classes = try classEmbeddings(encoder, tokenizer, compute)
    let images = try encoder.embedImages(pixels, count: labels.count, batch: 64, compute)
    let logits = try encoder.logits(images, classes, compute)
    var right = 0
    for row in 0..<logits.rows {
      let scores = Array(logits.row(row))
      if scores.indices.max(by: { scores[$0] < scores[$1] }) == Int(labels[row]) { right += 1 }
    }
    return Double(right) / Double(labels.count)
  }

  /// The mean of each class's prompts' embeddings, of unit length.
  private func classEmbeddings(
    _ encoder: CLIPEncoder<Float>, _ tokenizer: BytePairTokenizer, _ compute: Compute
  ) throws -> Matrix<Float> {
    let data = try Data(contentsOf: URL(filePath: Fixtures.path("fashion-clip/prompts.json")))
    let prompts = try JSONDecoder().decode(Prompts.self, from: data)
    var values: [Float] = []
    for phrase in prompts.phrases ?? prompts.classes {
      var tokens: [[Int32]] = []
      for template in prompts.templates {
        let text = template.replacing("{}", with: phrase)
        tokens.append(try tokenizer.tokens(for: text, contextLength: encoder.configuration.requireText().contextLength))
      }
      let embeddings = try encoder.embedTexts(tokens, compute)
      values += (0..<embeddings.columns).map { column in
        (0..<embeddings.rows).reduce(0) { $0 + embeddings.row($1)[$1 * embeddings.columns + column] }
      }
    }
    var matrix = Matrix(
      values: values, rows: values.count / encoder.configuration.embeddingWidth,
      columns: encoder.configuration.embeddingWidth)
    compute.l2Normalize(&matrix)
    return matrix
  }

  private func testImages() throws -> (pixels: [Float], labels: [UInt8]) {
    let images = try idx("t10k-images-idx3-ubyte")
    let labels = try idx("t10k-labels-idx1-ubyte")
    // IDX: four bytes of magic and four for each dimension, then unsigned bytes.
    let area = 28 * 28
    let mean: [Float] = [0.48145466, 0.4578275, 0.40821073]
    let deviation: [Float] = [0.26862954, 0.26130258, 0.27577711]
    var pixels: [Float] = []
    pixels.reserveCapacity(10_000 * 3 * area)
    for image in 0..<10_000 {
      for channel in 0..<3 {
        for index in 0..<area {
          pixels.append((Float(images[16 + image * area + index]) / 255 - mean[channel]) / deviation[channel])
        }
      }
    }
    return (pixels, Array(labels[8...]))
  }

  private func idx(_ name: String) throws -> [UInt8] {
    let file = try MappedFile(path: "\(Self.folder)/\(name).gz")
    return try Gzip.decompress(file.bytes, limit: 1 << 26)
  }
}
