// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotCLIP

/// `ingot families`.
struct FamiliesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "families",
    abstract: "List the families of models that can be converted.",
    discussion: "The list is the one that recognising a checkpoint goes through.")

  @Flag(name: .long, help: "Print a Markdown table.")
  var markdown = false

  @OptionGroup var report: ReportOptions

  func run() throws {
    let rows = Family.all.map(Row.init)
    if report.json { return Console.json(rows) }
    if markdown {
      Console.print("| family | name in reports | published as | proved by |")
      Console.print("|---|---|---|---|")
      for row in rows {
        let proof = row.fixtures.isEmpty ? "" : row.fixtures.map { "`\($0)`" }.joined(separator: ", ")
        Console.print(
          "| \(row.title) | `\(row.name)` | \(row.isSupported ? row.examples : "recognised, and refused by name") | \(proof) |"
        )
      }
    } else {
      for line in table(
        rows.map { [$0.name, $0.title, $0.isSupported ? $0.examples : "recognised, and refused by name"] })
      { Console.print(line) }
    }
  }

  /// One family, as `--json` prints it.
  private struct Row: Encodable {
    let name: String
    let title: String
    let examples: String
    let isSupported: Bool
    let fixtures: [String]

    init(_ family: Family) {
      name = family.name
      title = family.title
      examples = family.examples
      isSupported = family.mapping != nil
      fixtures = family.fixtures
    }
  }
}
