// SPDX-License-Identifier: Apache-2.0

/// An element of a page or a picture, written the same way for readers of XML and of HTML.
public struct Element: Sendable, Hashable {
  /// One attribute.
  public struct Attribute: Sendable, Hashable {
    /// Its name, of letters, digits, `-` and `:`.
    public var name: String
    /// Its value, as people read it: it is escaped when it is written.
    public var value: String

    /// Makes an attribute.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// What an element holds.
  public enum Node: Sendable, Hashable {
    /// Another element.
    case element(Element)
    /// Text, which is escaped when it is written.
    case text(String)
    /// A style sheet of our own, written as it is; it has neither `<` nor `&`.
    case style(String)
  }

  /// The tag, for example `rect`.
  public var name: String
  /// In the order in which they are written.
  public var attributes: [Attribute]
  /// What is inside.
  public var children: [Node]

  /// Makes an element.
  ///
  /// - Parameters:
  ///   - name: the tag.
  ///   - attributes: in the order in which they are written.
  ///   - children: what is inside.
  public init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Element] = []) {
    self.name = name
    self.attributes = attributes.map { Attribute(name: $0.key, value: $0.value) }
    self.children = children.map { .element($0) }
  }

  /// Makes an element that holds text.
  ///
  /// - Parameters:
  ///   - name: the tag.
  ///   - attributes: in the order in which they are written.
  ///   - text: any text; it is escaped when it is written.
  public init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String) {
    self.init(name, attributes)
    children = [.text(text)]
  }

  /// Adds an element at the end.
  public mutating func append(_ element: Element) { children.append(.element(element)) }

  /// Adds elements at the end.
  public mutating func append(_ elements: [Element]) { children += elements.map { .element($0) } }

  /// Adds text at the end.
  public mutating func append(text: String) { children.append(.text(text)) }

  /// The element with one more attribute.
  public func with(_ name: String, _ value: String) -> Element {
    var copy = self
    copy.attributes.append(Attribute(name: name, value: value))
    return copy
  }

  /// The element as text: equal elements give equal bytes.
  public var markup: String {
    var output = ""
    write(to: &output)
    return output
  }

  /// Elements that HTML closes by themselves, and those of SVG that never hold anything here.
  private static let empty: Set<String> = ["meta", "br", "hr", "img", "path", "rect", "circle", "line", "stop"]
  /// Elements that begin a line of their own, so that people can read the source and compare two pages.
  private static let lines: Set<String> = [
    "head", "body", "header", "main", "section", "article", "footer", "figure", "figcaption", "table", "tr", "svg", "g",
    "style", "title", "desc", "meta", "details", "h1", "h2", "p", "ul", "li", "dl", "div",
  ]

  private func write(to output: inout String) {
    if Self.lines.contains(name), output.last != "\n", !output.isEmpty { output += "\n" }
    output += "<\(name)"
    for attribute in attributes { output += " \(attribute.name)=\"\(Self.escape(attribute.value))\"" }
    if children.isEmpty, Self.empty.contains(name) {
      output += "/>"
      return
    }
    output += ">"
    for child in children {
      switch child {
      case .element(let element): element.write(to: &output)
      case .text(let text): output += Self.escape(text)
      case .style(let text):
        precondition(!text.contains("<") && !text.contains("&"), "a style sheet needs no escaping")
        output += text
      }
    }
    output += "</\(name)>"
  }

  /// Text that markup cannot mistake for its own.
  ///
  /// What XML 1.0 forbids, and what turns the direction of the text around it, becomes U+FFFD: a file's name must not rewrite a verdict.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x26: result += "&amp;"
      case 0x3C: result += "&lt;"
      case 0x3E: result += "&gt;"
      case 0x22: result += "&quot;"
      case 0x09, 0x0A: result.unicodeScalars.append(scalar)
      case 0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
