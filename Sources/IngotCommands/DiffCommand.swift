// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotQuantization
import IngotTensor

/// `ingot diff`.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare the tensors of two checkpoints, whatever containers they are in.",
    discussion: """
      Tensors are brought together by name, else by the name that they have in an .ingot file, else by content. A pair is exact (same type, \
      shape and bits), of the same values in another type, or different: then with the number of differing values, the largest difference, and \
      the largest in units in the last place of the coarser type. Exit code 0 when every value is the same and nothing is missing, else 1.
      """)

  @Argument(help: "A checkpoint or .ingot file.")
  var first: String

  @Argument(help: "Another.")
  var second: String

  @Flag(name: .long, help: "Show exact pairs too.")
  var all = false

  @OptionGroup var report: ReportOptions

  func run() throws {
    let left = try reading(first) { try Source(path: first) }
    let right = try reading(second) { try Source(path: second) }
    let difference = try CheckpointDifference(
      .init(left.checkpoint, canonical: left.canonicalNames()),
      .init(right.checkpoint, canonical: right.canonicalNames()))
    let document = DifferenceDocument(difference, first: first, second: second, all: all)
    if report.json { Console.json(document) } else { document.print() }
    if !difference.isSame { throw ExitCode(1) }
  }
}

extension Source {
  /// The names that tensors have in `.ingot` files, by their own names; empty for an unknown family.
  func canonicalNames() -> [String: String] {
    if case .ingot(let file) = content {
      return Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.name) })
    }
    guard let plan = try? ConversionPlan(self, scheme: .source) else { return [:] }
    let whole = plan.copies.filter(\.isPlain)
    return Dictionary(whole.map { ($0.parts[0].source.name, $0.target.name) }) { first, _ in first }
  }
}

/// What `diff` shows; `--json` prints it as it is.
struct DifferenceDocument: Encodable {
  let first: String
  let second: String
  let same: Bool
  let counts: [String: Int]
  let pairs: [CheckpointDifference.Pair]
  private enum CodingKeys: String, CodingKey { case first, second, same, counts, pairs }

  private static let verdicts: [CheckpointDifference.Verdict] = [
    .exact, .sameValues, .different, .shape, .onlyInFirst, .onlyInSecond,
  ]

  init(_ difference: CheckpointDifference, first: String, second: String, all: Bool) {
    self.first = first
    self.second = second
    same = difference.isSame
    counts = Dictionary(uniqueKeysWithValues: Self.verdicts.map { ($0.rawValue, difference.count($0)) })
    pairs = difference.pairs.filter { all || $0.verdict != .exact }
  }

  /// The same for people.
  func print() {
    let texts = Self.verdicts.compactMap { verdict in
      counts[verdict.rawValue].flatMap { $0 > 0 ? "\($0) \(verdict.rawValue)" : nil }
    }
    for line in table(pairs.map(Self.row)) { Console.print(line) }
    Console.print("\(first) and \(second): \(texts.isEmpty ? "no tensors" : texts.joined(separator: ", "))")
  }

  private static func row(_ pair: CheckpointDifference.Pair) -> [String] {
    var name = pair.first ?? pair.second ?? ""
    if let first = pair.first, let second = pair.second, first != second { name = "\(first) = \(second)" }
    let shapes = pair.shapes.map { "[" + $0.map(String.init).joined(separator: ", ") + "]" }
    let shape = Set(shapes).count == 1 ? shapes[0] : shapes.joined(separator: " and ")
    let type = Set(pair.types).count == 1 ? pair.types[0] : pair.types.joined(separator: " and ")
    guard pair.verdict == .different else { return [name, pair.verdict.rawValue, type, shape] }
    let worst = pair.worst.map { ", worst at \($0.index): \($0.first) and \($0.second)" } ?? ""
    return [
      name, pair.verdict.rawValue, type, shape,
      "\(grouped(pair.differing)) of \(grouped(pair.count)), at most \(short(pair.maxAbsolute)) or \(short(pair.maxUnits)) ulp\(worst)",
    ]
  }
}
