// SPDX-License-Identifier: Apache-2.0

/// The classes and templates of one of the paper's datasets.
struct PaperPrompts: Sendable {
  let templates: [String]
  let classes: ClassTable

  /// Reads a table of the program, which `Tools/make_datasets.py` has checked.
  ///
  /// - Parameter text: templates, and classes as key and names with tabs between, one a line.
  init(_ text: String) {
    var templates: [String] = []
    var classes: [ClassTable.Class] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t").map(String.init)
      if parts.count == 1 {
        templates.append(parts[0])
      } else {
        classes.append(ClassTable.Class(key: parts[0], names: Array(parts.dropFirst())))
      }
    }
    guard let table = try? ClassTable(classes) else { preconditionFailure("keys of a table in the program are unique") }
    self.templates = templates
    self.classes = table
  }
}
