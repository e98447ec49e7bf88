// SPDX-License-Identifier: Apache-2.0

extension DatasetCatalogue {
  static let entries: [Entry] = [
    Entry(description: mnist) { try IDXReader.open(mnist, $0) },
    Entry(description: fashionMNIST) { try IDXReader.open(fashionMNIST, $0) },
    Entry(description: FolderReader.description) { try FolderReader.open($0) },
  ]

  private static let idxLayout = [
    "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte; each may end in .gz",
    "the same within MNIST/raw or FashionMNIST/raw",
  ]

  static let mnist = DatasetDescription(
    "mnist", "MNIST", classes: table((0...9).map { ("\($0)", ["\($0)"]) }),
    templates: ["a photo of the number: \"{}\"."], counts: [.train: 60_000, .test: 10_000],
    paper: DatasetDescription.PaperCounts(train: 60_000, test: 10_000, remark: nil), layout: idxLayout)

  static let fashionMNIST = DatasetDescription(
    "fashion-mnist", "Fashion-MNIST",
    classes: table(
      [
        "t-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
      ].enumerated().map { ("\($0)", [$1]) }),
    templates: PromptTemplates.general, counts: [.train: 60_000, .test: 10_000], layout: idxLayout)

  /// A table that is known to be right.
  private static func table(_ rows: [(key: String, names: [String])]) -> ClassTable {
    guard let table = try? ClassTable(rows.map { ClassTable.Class(key: $0.key, names: $0.names) }) else {
      preconditionFailure("keys of a table in the program are unique")
    }
    return table
  }
}
