// SPDX-License-Identifier: Apache-2.0

/// A report as one page that needs nothing else: no network, no script, no other file.
///
/// The verdict comes first. The same bytes are XML and HTML; a policy inside forbids every request.
public struct HTMLPage: Sendable {
  /// What was found, in one word.
  public enum Verdict: Sendable, Hashable {
    /// Within tolerance.
    case passed
    /// Out of tolerance.
    case failed
    /// Nothing was judged.
    case none
  }

  /// A figure that must be seen.
  public struct Tile: Sendable, Hashable {
    /// What it is.
    public var name: String
    /// The number, with its unit.
    public var value: String
    /// Its interval, or what is allowed.
    public var note: String
    /// Whether it is out of tolerance.
    public var isFailure: Bool

    /// Makes a tile.
    public init(_ name: String, _ value: String, note: String = "", isFailure: Bool = false) {
      self.name = name
      self.value = value
      self.note = note
      self.isFailure = isFailure
    }
  }

  /// A cell of a table.
  public struct Cell: Sendable, Hashable {
    /// How it is set.
    public enum Kind: Sendable, Hashable {
      /// From the left.
      case text
      /// From the right.
      case number
      /// From the left, in letters of one width.
      case code
      /// As a good result.
      case pass
      /// As a bad result.
      case fail
    }

    /// What it says.
    public var text: String
    /// How it is set.
    public var kind: Kind

    /// Makes a cell.
    public init(_ text: String, _ kind: Kind = .text) {
      self.text = text
      self.kind = kind
    }

    /// Makes a cell with a number.
    public static func number(_ text: String) -> Cell { Cell(text, .number) }
  }

  /// An input with a word about it.
  public struct Probe: Sendable, Hashable {
    /// A thumbnail, where the input has pixels.
    public var picture: PixelPicture?
    /// Its name.
    public var name: String
    /// What happened to it, a line each.
    public var lines: [String]

    /// Makes a probe.
    public init(picture: PixelPicture?, name: String, lines: [String]) {
      self.picture = picture
      self.name = name
      self.lines = lines
    }
  }

  /// A part of a section.
  public indirect enum Block: Sendable {
    /// A paragraph.
    case text(String)
    /// Names and values, one under another.
    case facts([(name: String, value: Cell)])
    /// A table: the heads of its columns, and its rows; the first cell of a row names it.
    case table([String], [[Cell]])
    /// Pictures, two beside each other where there is room.
    case charts([any Chart])
    /// Pictures, one under another over the whole width.
    case wideCharts([any Chart])
    /// Inputs with thumbnails.
    case probes([Probe])
    /// What is folded away until somebody wants it.
    case details(String, [Block])
  }

  /// A part of the page with a heading.
  public struct Section: Sendable {
    /// What it is about.
    public var heading: String
    /// In order.
    public var blocks: [Block]

    /// Makes a section.
    public init(_ heading: String, _ blocks: [Block]) {
      self.heading = heading
      self.blocks = blocks
    }
  }

  /// What kind of report it is, for example `Verification`.
  public var kind: String
  /// What it is about.
  public var title: String
  /// What was found.
  public var verdict: Verdict
  /// The verdict as a word.
  public var word: String
  /// The verdict as a sentence.
  public var sentence: String
  /// What is wrong, a sentence each.
  public var findings: [String] = []
  /// The figures that must be seen.
  public var tiles: [Tile] = []
  /// What follows.
  public var sections: [Section] = []
  /// The last line: what made the page.
  public var footer: String

  /// Makes a page without sections.
  ///
  /// - Parameters:
  ///   - kind: what kind of report it is.
  ///   - title: what it is about.
  ///   - verdict: what was found.
  ///   - word: the verdict as a word.
  ///   - sentence: the verdict as a sentence.
  ///   - footer: what made the page.
  public init(kind: String, title: String, verdict: Verdict, word: String, sentence: String, footer: String) {
    self.kind = kind
    self.title = title
    self.verdict = verdict
    self.word = word
    self.sentence = sentence
    self.footer = footer
  }
}
