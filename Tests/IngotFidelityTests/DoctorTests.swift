// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotCLIP
import IngotFidelity
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct DoctorTests {
  static let patients = [
    "vit-tiny", "fashion-clip", "resnet-tiny", "huggingface/gelu-eos", "open-clip/layer-scale", "open-clip/custom-text",
    "siglip/huggingface", "chinese-clip/huggingface", "eva/eva02", "long-clip/vit", "convnext/mlp/",
    "towers-alone/torchvision/resnet50.pth",
  ]

  /// Defects that integers or half precision cannot keep apart from their own rounding: the weights are compared as float32 there.
  static let needFloat32: Set<Defect> = [
    .notFinite, .bytesSwapped, .truncatedNotRounded, .precisionLost, .halfOverflow, .subnormalsFlushed, .scaled,
    .scalesOnWrongAxis, .offset,
  ]

  /// How many seeded defects are named, each alone.
  private struct Score {
    private(set) var seeded = 0
    private(set) var named = 0
    private var missed: [String] = []

    /// Seeds a defect into a copy of a model.
    ///
    /// - Returns: what it was before and after; `nil` where the model has no place for the defect.
    static func seed(
      _ item: SeededDefect, into clean: MutatedModel, seed: Int
    ) throws -> (source: MutatedModel, model: MutatedModel)? {
      var random = SeededGenerator(seed: UInt64(seed))
      var source = clean
      try item.prepare(&source)
      var model = source
      return try item.seed(&model, &random) ? (source, model) : nil
    }

    mutating func judge(_ sick: ComparedModel, against source: ComparedModel, _ item: SeededDefect, _ name: String)
      throws
    {
      seeded += 1
      let report = try Doctor.examine(sick, against: source, Compute(threads: 1))
      if Set(report.findings.map(\.defect)) == [item.defect] {
        named += 1
      } else {
        missed.append("\(name): \(item.name): \(report.findings.map { "\($0.defect.rawValue) \($0.subject)" })")
      }
    }

    var share: Double { Double(named) / Double(seeded) }

    func tell(_ title: String, _ more: String = "") {
      print("SCORE \(title): \(named) of \(seeded) seeded defects named (\((share * 1000).rounded() / 10) %)\(more)")
      for line in missed { print("  missed: \(line)") }
    }
  }

  /// The mutation score: of all defects put into all models, how many are named, with the source and without.
  @Test func `defects are named`() throws {
    var (score, flagged) = (Score(), 0)
    var defects: Set<Defect> = []
    for (number, name) in Self.patients.enumerated() {
      let clean = try MutatedModel(name)
      for (index, item) in SeededDefect.all.enumerated() {
        for scheme in [EncodingScheme.float32, .int8]
        where scheme == .float32 || !Self.needFloat32.contains(item.defect) {
          guard let (source, model) = try Score.seed(item, into: clean, seed: number * 1000 + index) else { continue }
          defects.insert(item.defect)
          let sick = try model.compared(scheme)
          try score.judge(sick, against: source.compared(name: name), item, "\(name), \(scheme)")
          if try !Doctor.examine(sick, Compute(threads: 1)).healthy { flagged += 1 }
        }
      }
    }
    let share = Double(flagged) / Double(score.seeded)
    score.tell(
      "doctor",
      ", \(defects.count) kinds in \(Self.patients.count) models; without the source \(flagged) flagged (\((share * 1000).rounded() / 10) %)"
    )
    #expect(score.share >= 0.95)
    #expect(defects.count >= 25)
    #expect(share >= 0.25)
  }

  /// The same behind integers in groups and in models of mixed encodings: what such integers still tell apart.
  @Test func `defects are named behind groups and plans`() throws {
    var score = Score()
    for (number, name) in ["vit-tiny", "fashion-clip", "siglip/huggingface"].enumerated() {
      let clean = try MutatedModel(name)
      for (index, item) in SeededDefect.all.enumerated() where !Self.needFloat32.contains(item.defect) {
        for schemes in [[EncodingScheme.int8Group64], MutatedModel.planned] {
          guard let (source, model) = try Score.seed(item, into: clean, seed: number * 1000 + index) else { continue }
          try score.judge(
            model.compared(each: schemes), against: source.compared(name: name), item,
            "\(name), \(schemes.count > 1 ? "planned" : "int8-group-64")")
        }
      }
    }
    score.tell("doctor, groups and plans")
    #expect(score.share >= 0.95 && score.seeded > 100)
  }

  @Test(arguments: MutatedModel.names)
  func `a clean model is healthy`(_ name: String) throws {
    let model = try MutatedModel(name)
    let source = try model.compared(name: name)
    let uniform: [EncodingScheme] = [.float32, .float16, .bfloat16, .int8, .int8Group64, .int6Group32, .int4Group64]
    for scheme in uniform.map({ [$0] }) + [MutatedModel.planned] {
      let clean = try model.compared(each: scheme)
      let report = try Doctor.examine(clean, against: source, Compute(threads: 1))
      #expect(report.healthy, "\(scheme): \(report.summary.joined(separator: "\n"))")
      let alone = try Doctor.examine(clean, Compute(threads: 1))
      #expect(alone.healthy, "\(scheme): \(alone.summary.joined(separator: "\n"))")
      #expect(report.tensors > 0 && alone.tensors > 0)
    }
  }

  @Test func `findings say what was seen`() throws {
    let clean = try MutatedModel("vit-tiny")
    var model = clean
    try model.change("text.blocks.0.attention.qkv.weight") { values in
      let third = values.count / 3
      values = Array(values[third..<2 * third] + values[..<third] + values[(2 * third)...])
    }
    model.configuration.preprocessing?.mean.reverse()
    model.configuration.preprocessing?.standardDeviation.reverse()
    let report = try Doctor.examine(try model.compared(), against: try clean.compared(), Compute())
    #expect(report.findings.map(\.defect) == [.coloursReversed, .queriesKeysValuesExchanged])
    #expect(report.findings.last?.subject == "text.blocks.0.attention.qkv.weight")
    #expect(report.findings.last?.evidence == "the order is keys, queries, values")
    #expect(report.summary.first?.hasPrefix("DEFECTIVE") == true)
  }

  @Test func `the catalogue is written down`() throws {
    let page = Fixtures.folder.deletingLastPathComponent().appending(path: "Formats/fidelity.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    for defect in Defect.allCases {
      #expect(text.contains("| `\(defect.rawValue)` | \(defect.title) |"), "\(defect.rawValue)")
    }
  }
}
