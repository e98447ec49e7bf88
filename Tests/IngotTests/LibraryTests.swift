// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ingot
import Testing

/// What an app does with the library product alone: no pickle reader, no converter is imported.
@Suite struct LibraryTests {
  private static let fixtures = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Fixtures"

  /// Has the program make the file, as the person who ships the app would.
  private func convert(to path: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "ingot")
    process.arguments = [
      "convert", Self.fixtures + "/fashion-clip/archive.pt", "-o", path, "--encoding", "int8", "--tokenizer",
      Self.fixtures + "/fashion-clip/bpe_vocab.txt.gz",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func `an app opens a file and classifies an image`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "ingot-\(UUID().uuidString).ingot").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try convert(to: path)
    let model = try CLIPModel(path: path)
    let labels = ["a photo of a sneaker.", "a photo of a coat.", "a photo of a dress."]
    let texts = try model.embed(texts: labels)
    for (image, best) in [("sneaker", 0), ("coat", 1), ("dress", 2)] {
      let images = try model.embed(imageFiles: [Self.fixtures + "/fashion-clip/images/\(image).png"])
      let logits = try model.logits(images, texts).row(0)
      #expect(logits.indices.max { logits[$0] < logits[$1] } == logits.startIndex + best, "\(image)")
    }
  }

  @Test func `a file that is not one is an error that names it`() {
    #expect(throws: CheckpointError.self) { try CLIPModel(path: Self.fixtures + "/fashion-clip/vocab.json") }
    #expect(throws: FileError.self) { try CLIPModel(path: Self.fixtures + "/none.ingot") }
  }
}
