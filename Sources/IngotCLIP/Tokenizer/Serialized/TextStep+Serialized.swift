// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension TextStep {
  /// The codes of `Formats/tokenizer.md`.
  private enum Code: UInt8 {
    case repair = 1, unescape, strip, joinWords, collapseSpaces, lowerCase, removePunctuation, compose
    case clean, spaceIdeographs, divideAsBERT, replace, replaceRuns
    case libraryCompose, libraryDecompose, libraryLowerCase, libraryStrip, libraryClean, libraryRemoveAccents
    case libraryRemoveMarks, prepend, putBefore, precompiled, sentencePiece
  }

  private var code: Code {
    switch self {
    case .repair: .repair
    case .unescape: .unescape
    case .strip: .strip
    case .joinWords: .joinWords
    case .collapseSpaces: .collapseSpaces
    case .lowerCase: .lowerCase
    case .removePunctuation: .removePunctuation
    case .compose: .compose
    case .clean: .clean
    case .spaceIdeographs: .spaceIdeographs
    case .divideAsBERT: .divideAsBERT
    case .replace: .replace
    case .replaceRuns: .replaceRuns
    case .libraryCompose: .libraryCompose
    case .libraryDecompose: .libraryDecompose
    case .libraryLowerCase: .libraryLowerCase
    case .libraryStrip: .libraryStrip
    case .libraryClean: .libraryClean
    case .libraryRemoveAccents: .libraryRemoveAccents
    case .libraryRemoveMarks: .libraryRemoveMarks
    case .prepend: .prepend
    case .putBefore: .putBefore
    case .precompiled: .precompiled
    case .sentencePiece: .sentencePiece
    }
  }

  /// Writes the step: its code, then what it has beside.
  func write(to writer: inout SectionWriter) {
    writer.number(code.rawValue)
    switch self {
    case .clean(let controls): writer.number(controls.rawValue)
    case .spaceIdeographs(let source): writer.number(source.rawValue)
    case .replace(let pattern, let replacement):
      writer.text(pattern)
      writer.text(replacement)
    case .replaceRuns(let run, let count, let replacement):
      writer.number(run.rawValue)
      writer.count(count)
      writer.text(replacement)
    case .libraryStrip(let left, let right):
      writer.number(UInt8(left ? 1 : 0))
      writer.number(UInt8(right ? 1 : 0))
    case .prepend(let prefix), .putBefore(let prefix): writer.text(prefix)
    case .precompiled(let map): writer.blob(map.bytes)
    case .sentencePiece(let normalizer):
      writer.number(normalizer.options.rawValue)
      writer.blob(normalizer.map?.bytes ?? [])
      writer.count(normalizer.protected.count)
      for symbol in normalizer.protected { writer.text(symbol) }
    default: break
    }
  }

  /// Reads a step.
  init(from reader: inout SectionReader) throws(CheckpointError) {
    switch try reader.choice(Code.self, "a step") {
    case .repair: self = .repair
    case .unescape: self = .unescape
    case .strip: self = .strip
    case .joinWords: self = .joinWords
    case .collapseSpaces: self = .collapseSpaces
    case .lowerCase: self = .lowerCase
    case .removePunctuation: self = .removePunctuation
    case .compose: self = .compose
    case .clean: self = .clean(try reader.choice(PythonText.Controls.self, "controls"))
    case .spaceIdeographs: self = .spaceIdeographs(try reader.choice(Ideograph.Source.self, "ideographs"))
    case .divideAsBERT: self = .divideAsBERT
    case .replace:
      let pattern = try reader.text("what is replaced")
      guard !pattern.isEmpty else { throw reader.fault(.malformed, "what is replaced is empty") }
      self = .replace(pattern, with: try reader.text("a replacement"))
    case .replaceRuns:
      let run = try reader.choice(Run.self, "what runs are of")
      let count = try reader.number(UInt32.self, "the length of runs")
      guard count > 0 else { throw reader.fault(.malformed, "runs of no scalar") }
      self = .replaceRuns(of: run, atLeast: Int(count), with: try reader.text("a replacement"))
    case .libraryCompose: self = .libraryCompose
    case .libraryDecompose: self = .libraryDecompose
    case .libraryLowerCase: self = .libraryLowerCase
    case .libraryStrip: self = .libraryStrip(left: try reader.flag("left"), right: try reader.flag("right"))
    case .libraryClean: self = .libraryClean
    case .libraryRemoveAccents: self = .libraryRemoveAccents
    case .libraryRemoveMarks: self = .libraryRemoveMarks
    case .prepend: self = .prepend(try reader.text("a prefix"))
    case .putBefore: self = .putBefore(try reader.text("a prefix"))
    case .precompiled: self = .precompiled(try CharacterMap(try reader.blob("a map")))
    case .sentencePiece: self = .sentencePiece(try SentencePieceNormalizer(from: &reader))
    }
  }
}

extension SentencePieceNormalizer {
  init(from reader: inout SectionReader) throws(CheckpointError) {
    let options = try reader.options(Options.all, "options of a normalizer")
    let bytes = try reader.blob("a map")
    let map = bytes.isEmpty ? nil : try CharacterMap(bytes)
    var symbols: [[Unicode.Scalar]] = []
    for _ in 0..<(try reader.count("symbols", size: 4)) { symbols.append(try reader.text("a symbol")) }
    self.init(map: map, options: options, protected: symbols)
  }
}
