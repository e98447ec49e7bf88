// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension Division {
  private enum Code: UInt8 { case none = 0, clip, metaspace, bert, whiteSpace, afterSpaces }

  /// Writes the division: its code, then what it has beside.
  func write(to writer: inout SectionWriter) {
    switch self {
    case .none: writer.number(Code.none.rawValue)
    case .bert: writer.number(Code.bert.rawValue)
    case .whiteSpace: writer.number(Code.whiteSpace.rawValue)
    case .afterSpaces: writer.number(Code.afterSpaces.rawValue)
    case .clip(let pattern):
      writer.append([Code.clip.rawValue, pattern.engine.rawValue, pattern.marks.rawValue, pattern.spelling.rawValue])
    case .metaspace(let metaspace):
      writer.append([
        Code.metaspace.rawValue, metaspace.scheme.rawValue, metaspace.splits ? 1 : 0,
        metaspace.isAfterWhiteSpace ? 1 : 0,
      ])
    }
  }

  /// Reads a division.
  init(from reader: inout SectionReader) throws(CheckpointError) {
    switch try reader.choice(Code.self, "the division into words") {
    case .none: self = .none
    case .bert: self = .bert
    case .whiteSpace: self = .whiteSpace
    case .afterSpaces: self = .afterSpaces
    case .clip:
      self = .clip(
        WordPattern(
          engine: try reader.choice(WordPattern.Engine.self, "the engine of a pattern"),
          marks: try reader.choice(WordPattern.Marks.self, "the marks of a pattern"),
          spelling: try reader.choice(WordPattern.Spelling.self, "the spelling of marks")))
    case .metaspace:
      self = .metaspace(
        Metaspace(
          scheme: try reader.choice(Metaspace.Scheme.self, "the scheme of marks"),
          splits: try reader.flag("whether marks begin words"),
          isAfterWhiteSpace: try reader.flag("whether white space divides")))
    }
  }
}

extension RowFrame {
  func write(to writer: inout SectionWriter) {
    for ids in [start, end] {
      writer.count(ids.count)
      for id in ids { writer.number(id) }
    }
    writer.number(pad)
    writer.number(truncation.rawValue)
    writer.number(options.rawValue)
  }

  init(from reader: inout SectionReader) throws(CheckpointError) {
    self.init(
      start: try reader.ids("ids of the start"), end: try reader.ids("ids of the end"),
      pad: try reader.id("the id of padding"), truncation: try reader.choice(Truncation.self, "truncation"),
      options: try reader.options(Options.all, "options of a row"))
  }
}

extension MarkTable {
  func write(to writer: inout SectionWriter) {
    writer.number(space.rawValue)
    writer.count(marks.count)
    for mark in marks {
      writer.number(mark.id)
      writer.number(mark.options.rawValue)
      writer.text(mark.text)
    }
  }

  /// Reads marks, for texts that these steps are applied to.
  init(from reader: inout SectionReader, steps: [TextStep]) throws(CheckpointError) {
    let space = try reader.choice(TextStep.Run.self, "white space around marks")
    var marks: [Mark] = []
    for _ in 0..<(try reader.count("marks", size: 9)) {
      let id = try reader.id("the id of a mark")
      let options = try reader.options(Options.all, "options of a mark")
      let text = try reader.text("a mark")
      guard !text.isEmpty else { throw reader.fault(.malformed, "a mark is empty") }
      marks.append(Mark(text: text, id: id, options: options))
    }
    self.init(marks, space: space, steps: steps)
  }
}
