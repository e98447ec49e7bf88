// SPDX-License-Identifier: Apache-2.0

extension TextStep {
  /// What OpenAI's tokenizer does with a text, which open_clip does with other words.
  static let openAICleaning: [TextStep] = [
    .repair, .unescape, .unescape, .strip, .collapseSpaces, .strip, .lowerCase,
  ]

  /// open_clip's functions for cleaning.
  static func openCLIPCleaning(_ cleaning: TokenizerHints.Cleaning) -> [TextStep] {
    let basic: [TextStep] = [.repair, .unescape, .unescape, .strip]
    return switch cleaning {
    case .lower: basic + [.joinWords, .lowerCase]
    case .whitespace: basic + [.joinWords]
    case .canonicalize: basic + [.replace(["_"], with: [" "]), .removePunctuation, .lowerCase, .joinWords]
    }
  }
}

extension MarkTable {
  /// No marks.
  static let none = MarkTable([], space: .pythonWhiteSpace, steps: [])
}

extension Tokenizer.Rules {
  /// OpenAI's tokenizer.
  static func openAI(_ model: BytePairTokenizer) -> Self {
    Self(
      cleaning: TextStep.openAICleaning, marks: .none, steps: [], lead: [], division: .clip(.openAI),
      frame: .openAI(model, options: []))
  }

  /// open_clip's `SimpleTokenizer`.
  static func openCLIP(_ model: BytePairTokenizer, _ cleaning: TokenizerHints.Cleaning) -> Self {
    Self(
      cleaning: TextStep.openCLIPCleaning(cleaning), marks: .none, steps: [], lead: [],
      division: .clip(WordPattern(engine: .regex, marks: .tokens, spelling: .plain)),
      frame: .openAI(model, options: .truncatesByDefault))
  }

  /// The CLIP tokenizer of transformers 4 that is written in Python, with ftfy or without.
  static func slowCLIP(_ model: BytePairTokenizer, _ repair: SlowRepair, pad: (text: String, id: Int32)) -> Self {
    let steps: [TextStep] =
      switch repair {
      case .ftfy: [.repair, .collapseSpaces, .strip, .lowerCase]
      case .basic: [.clean(.allOthers), .spaceIdeographs(.original), .compose, .joinWords, .lowerCase]
      }
    return Self(
      cleaning: [], marks: .clip(model, pad: pad, steps: [], space: .pythonWhiteSpace), steps: steps, lead: [],
      division: .clip(.openAI), frame: .transformersCLIP(model, pad: pad.id))
  }

  /// What the slow CLIP tokenizer cleans with.
  enum SlowRepair { case ftfy, basic }

  /// The CLIP tokenizer of transformers 5, and the fast one of transformers 4.
  static func fastCLIP(_ model: BytePairTokenizer, pad: (text: String, id: Int32)) -> Self {
    let steps: [TextStep] = [
      .libraryCompose, .replaceRuns(of: .libraryWhiteSpace, atLeast: 1, with: [" "]), .libraryLowerCase,
    ]
    return Self(
      cleaning: [], marks: .clip(model, pad: pad, steps: steps, space: .libraryWhiteSpace), steps: steps, lead: [],
      division: .clip(WordPattern(engine: .library, marks: .divided, spelling: .bars)),
      frame: .transformersCLIP(model, pad: pad.id))
  }
}

extension MarkTable {
  /// The marks of start and end, and the token that rows are filled with, which is a mark too.
  static func clip(
    _ model: BytePairTokenizer, pad: (text: String, id: Int32), steps: [TextStep], space: TextStep.Run
  ) -> MarkTable {
    var marks = [
      Mark(text: Array("<|startoftext|>".unicodeScalars), id: model.startToken, options: []),
      Mark(text: Array("<|endoftext|>".unicodeScalars), id: model.endToken, options: []),
    ]
    if !marks.contains(where: { $0.id == pad.id }) {
      marks.append(Mark(text: Array(pad.text.unicodeScalars), id: pad.id, options: []))
    }
    return MarkTable(marks, space: space, steps: steps)
  }
}

extension RowFrame {
  /// Start, text, end, zeros; a row that is too long is cut and ends with the end.
  static func openAI(_ model: BytePairTokenizer, options: Options) -> RowFrame {
    RowFrame(start: [model.startToken], end: [model.endToken], pad: 0, truncation: .replacesLast, options: options)
  }

  /// Start, text, end, padding; a text that is too long is cut.
  static func transformersCLIP(_ model: BytePairTokenizer, pad: Int32) -> RowFrame {
    RowFrame(
      start: [model.startToken], end: [model.endToken], pad: pad, truncation: .cutsText, options: .truncatesByDefault)
  }
}
