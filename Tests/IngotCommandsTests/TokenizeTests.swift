// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

/// `ingot tokenize`.
@Suite struct TokenizeTests {
  private let vocabulary = Fixtures.path("tokenizer/bpe_simple_vocab_16e6.txt.gz")
  private let pieces = Fixtures.path("tokenizer/kinds/siglip")

  private func texts(_ lines: String, _ folder: TemporaryFolder) throws -> String {
    try folder.write(Array(lines.utf8), to: "texts.txt")
  }

  @Test func `rows are printed, or written as NumPy reads them`() throws {
    let folder = try TemporaryFolder()
    let path = try texts("a photo of a cat\n\n", folder)
    let printed = try Tool.run("tokenize", vocabulary, "--texts", path, "--context-length", "8")
    #expect(printed.status == 0)
    #expect(printed.output == "49406 320 1125 539 320 2368 49407 0\n49406 49407 0 0 0 0 0 0\n")
    let output = folder.path("ids.npy")
    let written = try Tool.run(
      "tokenize", vocabulary, "--texts", path, "--context-length", "8", "-o", output, "--json")
    #expect(written.status == 0)
    #expect(try written.json()["rows"] as? Int == 2)
    #expect(try written.json()["vocabularySize"] as? Int == 49408)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: output)))
    #expect(
      String(decoding: bytes.prefix(128), as: UTF8.self).contains(
        "'descr': '<i4', 'fortran_order': False, 'shape': (2, 8)"))
    let ids = [Int32](bytes.suffix(64).withRawSpan { [Int32](littleEndianBytes: $0) })
    #expect(ids == [49406, 320, 1125, 539, 320, 2368, 49407, 0, 49406, 49407, 0, 0, 0, 0, 0, 0])
    #expect(try Tool.run("tokenize", vocabulary, "--texts", path, "-o", output).status == 73)
  }

  @Test func `an embedded tokenizer gives the rows of the file it came from`() throws {
    let folder = try TemporaryFolder()
    let fixture = Fixtures.path("fashion-clip/bpe_vocab.txt.gz")
    let path = try texts("a photo of a bag\nAnkle boot &amp; sandal\n", folder)
    let model = folder.path("model.ingot")
    let source = Fixtures.path("fashion-clip/archive.pt")
    #expect(try Tool.run("convert", source, "-o", model, "--tokenizer", fixture).status == 0)
    let embedded = try Tool.run("tokenize", model, "--texts", path)
    let direct = try Tool.run("tokenize", fixture, "--texts", path, "--context-length", "24")
    #expect(embedded.status == 0)
    #expect(embedded.output == direct.output)
    #expect(try Tool.run("tokenize", model, "--texts", path, "--library", "open-clip").status == 69)
  }

  @Test func `what is missing, undetermined or too long has its exit code`() throws {
    let folder = try TemporaryFolder()
    let path = try texts(String(repeating: "a photo ", count: 60) + "\n", folder)
    #expect(try Tool.run("tokenize", folder.path("none"), "--texts", path).status == 66)
    #expect(try Tool.run("tokenize", vocabulary, "--texts", folder.path("none")).status == 66)
    #expect(try Tool.run("tokenize", vocabulary, "--texts", path).status == 65)
    #expect(try Tool.run("tokenize", vocabulary, "--texts", path, "--truncate").status == 0)
    #expect(try Tool.run("tokenize", vocabulary, "--texts", path, "--library", "open-clip").status == 0)
    #expect(try Tool.run("tokenize", vocabulary, "--texts", path, "--context-length", "0").status == 64)
    _ = try folder.write(
      [UInt8](Data(contentsOf: URL(filePath: Fixtures.path("tokenizer/kinds/bert/vocab.txt")))), to: "vocab.txt")
    let undetermined = try Tool.run("tokenize", folder.url.path, "--texts", path)
    #expect(undetermined.status == 69)
    #expect(undetermined.errors.contains("cn-clip"))
    #expect(try Tool.run("tokenize", folder.url.path, "--texts", path, "--library", "cn-clip").status == 0)
    #expect(try Tool.run("tokenize", pieces, "--texts", path, "--context-length", "64").status == 0)
  }
}
