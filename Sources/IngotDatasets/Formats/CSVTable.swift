// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A small table with a row of names above it, in memory.
struct CSVTable {
  /// The names of the columns, without blanks around them.
  let columns: [String]
  /// The rows, each with as many fields as there are columns.
  let rows: [[String]]
  private let subject: String

  /// The largest table that is read so.
  private static let largestFile = 1 << 28

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: what it is called in messages.
  ///   - separator: what stands between fields.
  /// - Throws: `FileError`, and `malformed` for rows with another number of fields than the first.
  init(path: String, name: String, separator: Unicode.Scalar = ",") throws {
    let file = try MappedFile(path: path)
    guard file.size <= Self.largestFile else {
      throw CheckpointError(.limit, .dataset, subject: name, "has \(file.size) bytes, allowed are \(Self.largestFile)")
    }
    try self.init(file.bytes, separator: separator, subject: name)
  }

  init(_ bytes: RawSpan, separator: Unicode.Scalar = ",", subject: String) throws(CheckpointError) {
    self.subject = subject
    var scanner = CSVScanner(bytes, separator: separator, subject: subject)
    guard let head = try scanner.row() else {
      throw scanner.fault(.malformed, "there is no row, expected the names of columns")
    }
    var columns: [String] = []
    for field in head { columns.append(trimmed(try scanner.text(field))) }
    var rows: [[String]] = []
    while let row = try scanner.row() {
      guard row.count == columns.count else {
        throw scanner.fault(.malformed, "has \(row.count) fields, the row of names has \(columns.count)")
      }
      var texts: [String] = []
      for field in row { texts.append(try scanner.text(field)) }
      rows.append(texts)
    }
    self.columns = columns
    self.rows = rows
  }

  /// The place of a column.
  ///
  /// - Throws: `missing` when no column has one of these names.
  func column(_ names: String...) throws(CheckpointError) -> Int {
    guard let index = columns.firstIndex(where: { names.contains($0) }) else {
      throw fault(.missing, "there is no column \(names.joined(separator: " or ")), there are \(columns.prefix(20))")
    }
    return index
  }

  /// A fault of the table.
  func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
    CheckpointError(code, .dataset, subject: subject, detail)
  }

  /// A fault of one row.
  func fault(_ code: CheckpointError.Code, row: Int, _ detail: String) -> CheckpointError {
    fault(code, "row \(row + 1) after the names: \(detail)")
  }
}

/// A text without the blanks at its ends.
func trimmed(_ text: some StringProtocol) -> String {
  String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
}
