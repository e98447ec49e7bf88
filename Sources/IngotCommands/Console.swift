// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotBytes
import IngotCLIP
import IngotConversion

/// Everything that is printed: results on standard output, all else on standard error.
enum Console {
  /// One line of a result.
  static func print(_ line: String = "") {
    write(line + "\n", to: .standardOutput)
  }

  /// One line for the person watching.
  static func note(_ line: String) {
    write(line + "\n", to: .standardError)
  }

  /// Which file of a folder is taken, where there are several.
  static func note(folder source: Source) {
    guard !source.otherWeights.isEmpty else { return }
    note("ingot: took \(source.file.path); also in the folder: \(source.otherWeights.joined(separator: ", "))")
  }

  /// Which part of a checkpoint is taken, unless it is the whole.
  static func note(selection: StateDictSelection) {
    guard !selection.path.isEmpty || !selection.prefix.isEmpty || !selection.left.isEmpty else { return }
    var line = "ingot: took \(selection.tensors.count) tensors"
    if !selection.path.isEmpty { line += " of \(selection.path)" }
    if !selection.prefix.isEmpty { line += ", whose names all begin with \(selection.prefix)" }
    if !selection.left.isEmpty { line += "; left \(selection.left.joined(separator: ", "))" }
    note(line)
  }

  /// The constants of a model that were not read from a shape or a file beside the weights, and where each comes from.
  static func note(constants configuration: CLIPConfiguration) {
    for constant in configuration.constants where ![.shape, .configFile].contains(constant.source) {
      note("ingot: \(constant.key) = \(constant.value) (from \(constant.source.explanation))")
    }
  }

  /// The one line that says why a command failed.
  static func error(_ message: String) {
    write("ingot: error: \(message)\n", to: .standardError)
  }

  /// One JSON document with sorted keys.
  static func json(_ document: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    guard let data = try? encoder.encode(document) else { preconditionFailure("documents are encodable") }
    write(String(decoding: data, as: UTF8.self) + "\n", to: .standardOutput)
  }

  /// Shows how far a long task is, on one line, if a person is watching.
  static func progress(_ done: Int, of total: Int, _ name: String) {
    guard ByteStream.standardError.isTerminal else { return }
    let filled = total == 0 ? 24 : 24 * done / total
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 24 - filled)
    write("\r\u{1b}[K\(bar) \(done)/\(total) \(name)\(done == total ? "\r\u{1b}[K" : "")", to: .standardError)
  }

  /// Shows what a long task is at, on one line, if a person is watching.
  static func step(_ text: String) {
    guard ByteStream.standardError.isTerminal else { return }
    write("\r\u{1b}[K\(text)", to: .standardError)
  }

  /// Clears the line of a long task.
  static func endStep() { step("") }

  private static func write(_ text: String, to stream: ByteStream) {
    // A closed pipe or a full disk behind standard output leaves nobody to tell.
    try? stream.write(text)
  }
}

/// `1234567` as `1,234,567`.
func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// A number with a few significant digits, for people.
func short(_ number: Double, digits: Int = 4) -> String {
  number.text(digits: digits)
}

/// Rows as aligned columns, two spaces apart.
func table(_ rows: [[String]]) -> [String] {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
  return rows.map { row in
    row.enumerated().map { column, cell in
      column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
    }.joined(separator: "  ")
  }
}
