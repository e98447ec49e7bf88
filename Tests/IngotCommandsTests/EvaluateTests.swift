// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotArchive
import IngotBytes
import IngotTestSupport
import Testing

/// `ingot evaluate` as a person runs it, on the first images of Fashion-MNIST.
@Suite struct EvaluateTests {
  private static let source = "/usr/share/datasets/fashion-mnist"
  private let folder: TemporaryFolder
  private let data: String
  private let model: String

  init() throws {
    folder = try TemporaryFolder()
    data = folder.path("data")
    model = folder.path("model.ingot")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    for (name, count) in [("train", 600), ("t10k", 300)] {
      try Self.cut("\(name)-images-idx3-ubyte", count, header: 16, length: 784, to: data)
      try Self.cut("\(name)-labels-idx1-ubyte", count, header: 8, length: 1, to: data)
    }
    let converted = try Tool.run(
      "convert", Fixtures.path("fashion-clip/state_dict.pt"), "-o", model, "--activation", "quick-gelu", "--tokenizer",
      Fixtures.path("fashion-clip/bpe_vocab.txt.gz"))
    #expect(converted.status == 0, "\(converted.errors)")
  }

  /// The first images or labels of an IDX file.
  private static func cut(_ name: String, _ count: Int, header: Int, length: Int, to folder: String) throws {
    let file = try MappedFile(path: "\(source)/\(name).gz")
    var bytes = Array(try Gzip.decompress(file.bytes, limit: 1 << 26).prefix(header + count * length))
    bytes[6] = UInt8(count >> 8)
    bytes[7] = UInt8(count & 0xff)
    try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
  }

  private func evaluate(_ more: String..., shell: String? = nil) throws -> Tool.Result {
    try evaluate(more, shell: shell)
  }

  private func evaluate(_ more: [String], shell: String? = nil) throws -> Tool.Result {
    try Tool.run(
      [
        "evaluate", model, "--dataset", "fashion-mnist", "--data", data, "--class-names",
        Fixtures.path("evaluation/class-names.txt"), "--templates", Fixtures.path("evaluation/templates.txt"),
      ] + more,
      in: shell)
  }

  private func results(_ result: Tool.Result) throws -> [[String: Any]] {
    #expect(result.status == 0, "\(result.errors)")
    return try result.json()["results"] as? [[String: Any]] ?? []
  }

  @Test func `every task, as text, JSON, Markdown and CSV`() throws {
    let tables = [folder.path("table.md"), folder.path("table.csv")]
    let tasks = ["zero-shot", "linear-probe", "few-shot", "data-efficiency"]
    let text = try Tool.run(
      [
        "evaluate", model, "--dataset", "fashion-mnist", "--data", data, "--class-names",
        Fixtures.path("evaluation/class-names.txt"), "--templates", Fixtures.path("evaluation/templates.txt"), "--task",
      ]
        + tasks + [
          "--shots", "1", "4", "--draws", "2", "--markdown", tables[0], "--csv", tables[1], "--report",
          folder.path("page.html"), "--pictures", folder.path("pictures"),
        ])
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("fashion-mnist, zero-shot"))
    #expect(text.output.contains("80 texts of 8 templates"))
    #expect(text.output.contains("4 shots: "))
    #expect(text.errors.contains("train has 600 samples, published are 60000"))
    let markdown = try String(contentsOfFile: tables[0], encoding: .utf8)
    #expect(markdown.hasPrefix("| dataset | metric | \(model), zero-shot | \(model), linear-probe | "))
    #expect(try String(contentsOfFile: tables[1], encoding: .utf8).split(separator: "\n").count == 6)
    // The paper's figures of this model, the confusion matrices, and the worst guesses with their thumbnails.
    let page = try String(contentsOfFile: folder.path("page.html"), encoding: .utf8)
    for part in [
      "Zero-shot against a linear probe", "Few-shot linear probes against zero-shot", "to match zero-shot",
      "what is taken for what", "data:image/png;base64,", "taken for a ",
    ] { #expect(page.localizedCaseInsensitiveContains(part), "\(part)") }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path("pictures")).sorted() == [
        "confusion-fashion-mnist-linear-probe.svg", "confusion-fashion-mnist-zero-shot.svg", "curve-fashion-mnist.svg",
        "few-shot.svg", "shots-to-match.svg", "zero-shot-against-probe.svg",
      ])
    let json = try results(
      Tool.run(
        [
          "evaluate", model, "--json", "--dataset", "fashion-mnist", "--data", data, "--class-names",
          Fixtures.path("evaluation/class-names.txt"), "--templates", Fixtures.path("evaluation/templates.txt"),
          "--task",
        ] + tasks + ["--shots", "1", "4", "--draws", "2", "--threads", "1"]))
    #expect(json.compactMap { $0["task"] as? String } == tasks)
    let scores = json.compactMap { $0["score"] as? Double }
    #expect(scores[0] > 0.8 && scores[1] > 0.7 && scores[2] > 0.3)
    #expect((json[0]["confusion"] as? [[Int]])?.flatMap { $0 }.reduce(0, +) == 300)
    #expect((json[0]["worst"] as? [[String: Any]])?.count == 20)
    #expect(((json[1]["probe"] as? [String: Any])?["trials"] as? [Any])?.count ?? 0 >= 13)
    // Outputs that exist are not replaced unasked.
    #expect(try evaluate("--markdown", tables[0]).status == 73)
    // It is said before anything is computed, even before the data are looked for.
    let early = try Tool.run(
      "evaluate", model, "--dataset", "fashion-mnist", "--data", folder.path("nowhere"), "--csv", tables[1])
    #expect(early.status == 73 && early.errors.contains("exists already"), "\(early.errors)")
    #expect(try evaluate("--markdown", tables[0], "--force").status == 0)
  }

  @Test func `shards, merged, score what one run scores; a cache of other features is refused`() throws {
    let cache = folder.path("cache")
    let whole = try evaluate("--json").output
    let shards = ["--cache", cache, "--task", "zero-shot", "--shard"]
    let second = try evaluate(shards[0], shards[1], shards[2], shards[3], shards[4], "2/2")
    #expect(second.status == 0, "\(second.errors)")
    let early = try evaluate("--cache", cache, "--merge", "2")
    #expect(early.status == 65 && early.errors.contains("1 of 2 shards are not complete: 1/2"), "\(early.errors)")
    #expect(try evaluate("--cache", cache, "--shard", "1/2").status == 0)
    #expect(try evaluate("--cache", cache, "--merge", "2").status == 0)
    #expect(try evaluate("--cache", cache, "--json").output == whole)
    let other = try Tool.run(
      "quantize", model, "-o", folder.path("other.ingot"), "--encoding", "int8")
    #expect(other.status == 0, "\(other.errors)")
    try FileManager.default.removeItem(atPath: model)
    try FileManager.default.moveItem(atPath: folder.path("other.ingot"), toPath: model)
    let refused = try evaluate("--cache", cache)
    #expect(
      refused.status == 65 && refused.errors.contains("is a cache of other features: model is"), "\(refused.errors)")
    #expect(try evaluate("--shard", "1/2").status == 64)
    #expect(try evaluate("--cache", cache, "--shard", "3/2").status == 64)
  }

  @Test func `a killed run of few-shot probes goes on where it was`() throws {
    let arguments = ["--task", "few-shot", "--shots", "1", "2", "--draws", "80", "--cache", folder.path("cache")]
    let whole = try evaluate(arguments + ["--json"])
    #expect(whole.status == 0, "\(whole.errors)")
    let record = "fashion-mnist-train--model--pre-projection.few-shot"
    #expect(!FileManager.default.fileExists(atPath: folder.path("cache/\(record)")))
    // Killed as soon as the first record is there.
    let path = folder.path("cache/\(record)")
    let killed = try evaluate(
      arguments,
      shell: "\"$0\" \"$@\" & while kill -0 $! && [ ! -s '\(path)' ]; do sleep 0.05; done; kill -9 $!; wait $!")
    #expect(killed.status == 128 + 9, "\(killed.status) \(killed.errors)")
    #expect(FileManager.default.fileExists(atPath: path))
    let resumed = try evaluate(arguments + ["--json"])
    #expect(resumed.status == 0 && resumed.output == whole.output)
    #expect(!FileManager.default.fileExists(atPath: path))
    // A record of other draws is refused by name.
    _ = try folder.write(Array("no record".utf8), to: "cache/\(record)")
    let refused = try evaluate(arguments)
    #expect(refused.status == 65 && refused.errors.contains(record), "\(refused.errors)")
  }

  @Test func `folders of a person's own, under names of their own, with names and templates for each`() throws {
    let names = folder.path("names.txt")
    _ = try folder.write(Array("0\ta t-shirt\n1\ta sneaker\n".utf8), to: "names.txt")
    for (split, count) in [("train", 3), ("test", 2)] {
      for key in ["0", "1"] {
        let place = folder.path("own/\(split)/\(key)")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        for number in 0..<count {
          try FileManager.default.copyItem(
            atPath: Fixtures.path("fashion-clip/images/\(key == "0" ? "t-shirt" : "sneaker").png"),
            toPath: "\(place)/\(number).png")
        }
      }
    }
    func run(_ more: String...) throws -> Tool.Result {
      try Tool.run(
        [
          "evaluate", model, "--dataset", "fashion-mnist", "own=folder", "--data", data, folder.path("own"),
          "--task", "zero-shot", "--json",
        ] + more)
    }
    let both = try results(
      run("--class-names", "-", names, "--templates", "-", Fixtures.path("evaluation/templates.txt")))
    #expect(both.compactMap { $0["dataset"] as? String } == ["fashion-mnist", "own"])
    #expect(both[1]["classes"] as? [String] == ["a t-shirt", "a sneaker"] && both[1]["score"] as? Double == 1)
    #expect((both[0]["classes"] as? [String])?.contains("a t-shirt") == false)
    #expect(try run("--class-names", names, names, names).status == 64)
    let twice = try Tool.run(
      "evaluate", model, "--dataset", "folder", "folder", "--data", folder.path("own"), folder.path("own"))
    #expect(twice.status == 64 && twice.errors.contains("two datasets have one name"), "\(twice.errors)")
    // Pictures that cannot be read: the first ends the run by name, or all are left out, named and counted.
    let whole = try Data(contentsOf: URL(filePath: folder.path("own/test/1/0.png")))
    for number in 0...1 { _ = try folder.write(Array(whole.prefix(100)), to: "own/test/1/\(number).png") }
    let stopped = try run("--class-names", "-", names)
    #expect(stopped.status == 65 && stopped.errors.contains("test/1/0.png"), "\(stopped.errors)")
    let skipped = try Tool.run(
      "evaluate", model, "--dataset", "folder", "--data", folder.path("own"), "--class-names", names, "--unreadable",
      "skip")
    #expect(skipped.status == 0, "\(skipped.errors)")
    #expect(skipped.output.contains("2 pictures could not be read and were left out"))
    #expect(!skipped.output.contains("share to the bit"))
    #expect(skipped.output.contains("    test/1/0.png: ") && skipped.output.contains("    test/1/1.png: "))
    // Three rows of each class are no four shots, and the classes are named.
    let few = try Tool.run(
      "evaluate", model, "--dataset", "folder", "--data", folder.path("own"), "--class-names", names, "--unreadable",
      "skip",
      "--task", "few-shot", "--shots", "4", "--lambda", "1")
    #expect(few.status == 65 && few.errors.contains("2 classes have too few rows for 4 shots (0, 1)"), "\(few.errors)")
  }

  @Test func `a tower without texts is probed beside a model with them, and alone cannot classify by texts`() throws {
    let tower = folder.path("tower.ingot")
    let converted = try Tool.run(
      "convert", Fixtures.path("extractors/resnet50/resnet50.pth"), "-o", tower, "--image-size", "28")
    #expect(converted.status == 0, "\(converted.errors)")
    let arguments = [
      "--dataset", "fashion-mnist", "--data", data, "--task", "zero-shot", "linear-probe", "--lambda", "1", "--json",
    ]
    let both = try Tool.run(["evaluate", model, tower] + arguments)
    #expect(both.errors.contains("tower.ingot has no text tower: zero-shot left out"), "\(both.errors)")
    #expect(try results(both).compactMap { $0["task"] as? String } == ["zero-shot", "linear-probe", "linear-probe"])
    let alone = try Tool.run(["evaluate", tower] + arguments)
    #expect(alone.status == 69 && alone.errors.contains("there is no text tower"), "\(alone.errors)")
  }

  @Test func `a model is held to another one, within a budget`() throws {
    let int8 = folder.path("int8.ingot")
    #expect(try Tool.run("quantize", model, "-o", int8, "--encoding", "int8").status == 0)
    let same = try evaluate("--against", int8, "--budget", "5", "--json")
    #expect(same.status == 0, "\(same.errors)")
    let comparisons = try same.json()["comparisons"] as? [[String: Any]] ?? []
    #expect(comparisons.count == 1 && comparisons[0]["rows"] as? Int == 300)
    // A model whose class names were turned round is wrong nearly everywhere, and beyond any budget.
    let names = try String(contentsOfFile: Fixtures.path("evaluation/class-names.txt"), encoding: .utf8)
    _ = try folder.write(Array(names.utf8), to: "names.txt")
    let text = try Tool.run(
      "evaluate", model, "--dataset", "fashion-mnist", "--data", data, "--templates",
      Fixtures.path("evaluation/templates.txt"), "--class-names", folder.path("names.txt"), "--against", int8)
    #expect(text.status == 0 && text.output.contains("McNemar's exact test"), "\(text.errors)")
    #expect(try evaluate("--budget", "1").status == 64)
    #expect(try evaluate("--against", int8, "--budget", "-1").status == 64)
  }

  @Test func `two classes of one name tie, and it is said`() throws {
    let names = (0..<10).map { "\($0)\t\($0 == 6 || $0 == 0 ? "a shirt" : "thing \($0)")" }.joined(separator: "\n")
    _ = try folder.write(Array(names.utf8), to: "names.txt")
    let result = try Tool.run(
      "evaluate", model, "--dataset", "fashion-mnist", "--data", data, "--class-names", folder.path("names.txt"),
      "--templates", Fixtures.path("evaluation/templates.txt"))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("classes with the same texts, which cannot be told apart: 0 a shirt, 6 a shirt"))
    #expect(result.output.contains("rows whose highest score two classes share to the bit"))
    #expect(result.errors.contains("both called \"a shirt\""))
  }

  @Test func `a full disk, missing files and wrong counts are one clear error`() throws {
    // 64 blocks of 512 or 1,024 bytes: the features do not fit.
    let full = try evaluate("--cache", folder.path("full"), shell: "ulimit -f 64; exec \"$0\" \"$@\"")
    #expect(full.status == 74 && full.errors.contains("write"), "\(full.status) \(full.errors)")
    let again = try evaluate("--cache", folder.path("full"))
    #expect(again.status == 0, "\(again.errors)")
    #expect(try evaluate("--strict").status == 65)
    let missing = try Tool.run("evaluate", model, "--dataset", "fashion-mnist", "--data", folder.path("nowhere"))
    #expect(missing.status == 66)
    let unknown = try Tool.run("evaluate", model, "--dataset", "nothing", "--data", data)
    #expect(unknown.status == 69 && unknown.errors.contains("fashion-mnist"), "\(unknown.errors)")
    #expect(try Tool.run("evaluate", model).status == 64)
    #expect(try Tool.run("evaluate", "--dataset", "mnist", "--data", data).status == 64)
  }

  @Test func `probes run on features of another program`() throws {
    func path(_ part: String) -> String { Fixtures.path("evaluation/probes/ten-\(part).npy") }
    let arguments = [
      "evaluate", "--train-features", path("train"), "--train-labels", path("train-labels"), "--test-features",
      path("test"), "--test-labels", path("test-labels"), "--task", "linear-probe", "--lambda", "1", "--json",
    ]
    let json = try results(Tool.run(arguments))
    let probe = try #require(json.first?["probe"] as? [String: Any])
    #expect(probe["c"] as? Double == 1 && probe["hasConverged"] as? Bool == true)
    let swapped = try Tool.run(arguments.map { $0 == path("test") ? path("test-labels") : $0 })
    #expect(swapped.status != 0 && swapped.errors.contains("ten-test-labels.npy"), "\(swapped.errors)")
    let zeroShot = try Tool.run(arguments.map { $0 == "linear-probe" ? "zero-shot" : $0 })
    #expect(zeroShot.status == 69)
  }
}
