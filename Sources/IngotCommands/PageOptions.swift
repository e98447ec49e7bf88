// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotPlot

/// Where a report goes as a page.
struct PageOptions: ParsableArguments {
  @Option(
    name: .customLong("report"),
    help: "Write the report as one HTML page, with pictures, that needs no network and no script.")
  var path: String?

  /// Makes sure that the page can be written before hours are spent on what it shows.
  ///
  /// - Parameter existing: what to do when there is a file already.
  /// - Returns: the file to write to; nil where no page is asked for.
  /// - Throws: `FileError.cannotCreate`.
  func create(_ existing: AtomicFile.Existing) throws -> PageFile? {
    guard let path else { return nil }
    return PageFile(file: try AtomicFile(path: path, existing: existing))
  }
}

/// A file that a page is written to.
struct PageFile {
  fileprivate let file: AtomicFile

  /// Writes the page; the file appears complete or not at all.
  func write(_ page: HTMLPage) throws {
    try write(page.markup)
    Console.note("ingot: wrote \(file.path)")
  }

  /// Writes a picture or a page.
  fileprivate func write(_ text: String) throws {
    try Array(text.utf8).withRawSpan { try file.append($0) }
    try file.commit()
  }
}

/// Writes a picture as a file of its own.
///
/// - Parameters:
///   - chart: the picture.
///   - path: where it goes.
///   - existing: what to do when there is a file already.
/// - Throws: `FileError`.
func write(_ chart: any Chart, to path: String, existing: AtomicFile.Existing) throws {
  try PageFile(file: AtomicFile(path: path, existing: existing)).write(chart.file())
}
