// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The section that an `.ingot` file keeps: `Formats/tokenizer.md`, section "Serialised form".
extension Tokenizer {
  private static let magic = Array("INGOTTOK".utf8)
  private static let version: UInt32 = 1
  /// Four times as many as in the largest known vocabulary.
  static let largestVocabulary = 1 << 22

  /// The tokenizer as bytes, equal for equal tokenizers.
  ///
  /// OpenAI's tokenizer is written in its own, older form.
  public func serialized() -> [UInt8] {
    if case .bytePair(let model) = model, isOpenAI { return model.serialized() }
    var writer = SectionWriter()
    writer.append(Self.magic)
    writer.number(Self.version)
    for steps in [rules.cleaning, rules.steps] {
      writer.count(steps.count)
      for step in steps { step.write(to: &writer) }
    }
    rules.marks.write(to: &writer)
    writer.text(rules.lead)
    rules.division.write(to: &writer)
    rules.frame.write(to: &writer)
    model.write(to: &writer)
    return writer.bytes
  }

  /// Whether the rules are OpenAI's, which the older form stands for.
  private var isOpenAI: Bool {
    guard case .bytePair(let model) = model else { return false }
    return rules.cleaning == TextStep.openAICleaning && rules.marks.marks.isEmpty && rules.steps.isEmpty
      && rules.lead.isEmpty && rules.division == .clip(.openAI) && rules.frame == .openAI(model, options: [])
  }

  /// Reads what `serialized()` writes, and the sections of byte pairs that earlier versions wrote.
  ///
  /// - Parameter bytes: the whole section.
  /// - Throws: `unsupported` for another version or an unknown step; `truncated` for a section that is too short; `malformed`,
  ///   `mismatch`, `corrupt`, `missing` or `limit` when a rule of the format is broken.
  public init(serialized bytes: RawSpan) throws(CheckpointError) {
    guard bytes.byteCount >= 8, bytes.extracting(0..<8).copied() == Self.magic else {
      self.init(try BytePairTokenizer(serialized: bytes))
      return
    }
    var reader = SectionReader(bytes.extracting(8..<bytes.byteCount))
    let version = try reader.number(UInt32.self, "version")
    guard version == Self.version else {
      throw reader.fault(.unsupported, "the section has version \(version), known is \(Self.version)")
    }
    let cleaning = try Self.readSteps(&reader)
    let steps = try Self.readSteps(&reader)
    let marks = try MarkTable(from: &reader, steps: steps)
    let rules = Rules(
      cleaning: cleaning, marks: marks, steps: steps, lead: try reader.text("what is put before"),
      division: try Division(from: &reader), frame: try RowFrame(from: &reader))
    let model = try Model(from: &reader)
    guard reader.isAtEnd else { throw reader.fault(.malformed, "\(reader.remaining) bytes follow the model") }
    if case .bytePair = model {
      guard case .clip = rules.division else {
        throw reader.fault(.mismatch, "byte pairs without the division of CLIP")
      }
    }
    self.init(rules, model)
    guard !isOpenAI else { throw reader.fault(.malformed, "OpenAI's tokenizer is not written in this form") }
  }

  private static func readSteps(_ reader: inout SectionReader) throws(CheckpointError) -> [TextStep] {
    var steps: [TextStep] = []
    for _ in 0..<(try reader.count("steps", size: 1)) { steps.append(try TextStep(from: &reader)) }
    try TextStep.requireBounded(steps)
    return steps
  }
}
