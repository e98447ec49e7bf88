// SPDX-License-Identifier: Apache-2.0

extension DatasetCatalogue {
  static let entries: [Entry] =
    paper + [
      Entry(description: fashionMNIST) { try IDXReader.open(fashionMNIST, $0) },
      Entry(description: FolderReader.description) { try FolderReader.open($0) },
      Entry(description: CSVReader.description) { try CSVReader.open($0) },
    ]

  /// One of the paper's datasets.
  ///
  /// - Parameters:
  ///   - name: the name on the command line.
  ///   - title: the name in the paper's table.
  ///   - prompts: its classes and templates.
  ///   - metric: how the paper scores it.
  ///   - counts: the published sizes of training, validation and test, for each partition that differs.
  ///   - paper: what the paper's table prints for training and test, and why that differs.
  ///   - partitions: how many there are.
  ///   - averages: whether the paper's score is the mean over them.
  ///   - drawn: how splits come about that are not published.
  ///   - layout: the files, for people.
  ///   - open: the reader.
  /// - Returns: the entry.
  static func entry(
    _ name: String, _ title: String, _ prompts: PaperPrompts, metric: DatasetMetric = .accuracy,
    counts: [(train: Int, validation: Int?, test: Int)], paper: (train: Int, test: Int, remark: String?),
    partitions: Int = 1, averages: Bool = false, drawn: String? = nil, layout: [String],
    open: @escaping @Sendable (DatasetDescription, DatasetOptions) throws -> Dataset
  ) -> Entry {
    let description = DatasetDescription(
      name, title, metric: metric, classes: prompts.classes, templates: prompts.templates,
      isMultiLabel: metric == .meanAveragePrecision11,
      counts: counts.map { sizes in
        var counts: [DatasetSplit: Int] = [.train: sizes.train, .test: sizes.test]
        counts[.validation] = sizes.validation
        return counts
      },
      paper: DatasetDescription.PaperCounts(train: paper.train, test: paper.test, remark: paper.remark),
      partitions: partitions, averagesPartitions: averages, drawnSplits: drawn, layout: layout)
    return Entry(description: description) { try open(description, $0) }
  }

  static let idxLayout = [
    "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte; each may end in .gz",
    "or the same within MNIST/raw or FashionMNIST/raw",
  ]

  private static let fashionMNIST = DatasetDescription(
    "fashion-mnist", "Fashion-MNIST", classes: fashionClasses, templates: PromptTemplates.general,
    counts: [[.train: 60_000, .test: 10_000]], layout: idxLayout)

  private static let fashionClasses: ClassTable = {
    let names = [
      "t-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
    ]
    guard let table = try? ClassTable(names.enumerated().map { ClassTable.Class(key: "\($0)", names: [$1]) }) else {
      preconditionFailure("numbers are unique")
    }
    return table
  }()
}
