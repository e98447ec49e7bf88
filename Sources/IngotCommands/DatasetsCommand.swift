// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotDatasets
import IngotEvaluation
import IngotTensor

/// How a dataset is opened.
struct DatasetOpenOptions: ParsableArguments {
  @Option(name: .long, help: "The partition or fold, of those that are published (STL-10, UCF101, SUN397, DTD).")
  var partition = 1

  @Option(name: .long, help: "The seed of splits that are drawn because none are published.")
  var splitSeed: UInt64 = 0

  @Flag(name: .long, help: "Take another number of samples than the published one for an error.")
  var strict = false

  @Option(
    name: .long,
    help: "A file of class names: one a line, or a key of the dataset's files, a tab and names with tabs between.")
  var classNames: String?

  @Option(name: .long, help: "A file of prompt templates: one a line, {} stands for the name of a class.")
  var templates: String?

  @Option(name: .long, help: "The program ffmpeg, where videos are read and it is not on the PATH.")
  var ffmpeg: String?

  /// Opens a dataset.
  func open(_ name: String, at path: String) throws -> Dataset {
    var options = DatasetOptions(path: path)
    options.partition = partition
    options.seed = splitSeed
    options.isStrict = strict
    options.classNames = try classNames.map { path in try reading(path) { try NamedClasses(contentsOf: path) } }
    options.templates = try templates.map { path in try reading(path) { try PromptTemplates.read(contentsOf: path) } }
    options.ffmpeg = ffmpeg
    return try reading(path) { try DatasetCatalogue.open(name, options) }
  }
}

/// `ingot datasets`.
struct DatasetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datasets",
    abstract: "List the datasets that can be read, or look at one.",
    discussion: """
      Without a name: the 27 datasets of CLIP's paper, Fashion-MNIST, and people's own pictures in folders or a table. With a name: its classes, \
      templates and the files that are expected. With --data, too: what is there, against what was published.
      """)

  @Argument(help: "The dataset's name.")
  var name: String?

  @Option(name: .long, help: "The folder that holds the dataset, or the file of a csv one.")
  var data: String?

  @Flag(name: .long, help: "Decode every picture, and name those that cannot be read.")
  var pictures = false

  @Option(name: .long, help: "What becomes of a picture that cannot be read: skip (counted and named) or stop.")
  var unreadable: UnreadablePolicy = .skip

  @OptionGroup var opening: DatasetOpenOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if data != nil, name == nil { throw ValidationError("--data needs the name of a dataset") }
    if pictures, data == nil { throw ValidationError("--pictures needs --data") }
  }

  func run() throws {
    guard let name else { return list() }
    guard let description = DatasetCatalogue.description(of: name) else {
      // The catalogue's own words, with all names.
      _ = try DatasetCatalogue.open(name, DatasetOptions(path: data ?? "."))
      return
    }
    guard let data else { return describe(description) }
    let dataset = try opening.open(name, at: data)
    let found = try pictures ? readPictures(of: dataset) : nil
    let document = try DatasetDocument(dataset, path: data, unreadable: found)
    if report.json { Console.json(document) } else { document.lines.forEach { Console.print($0) } }
    if opening.strict, let found, found.count > 0 {
      throw InputError(
        path: data,
        cause: CheckpointError(.corrupt, .dataset, subject: name, "\(found.count) pictures cannot be read"))
    }
  }

  private func list() {
    let rows = DatasetCatalogue.all.map(DescriptionDocument.init)
    if report.json { return Console.json(rows) }
    for line in table([["name", "dataset", "classes", "train", "validation", "test", "metric"]] + rows.map(\.row)) {
      Console.print(line)
    }
  }

  private func describe(_ description: DatasetDescription) {
    let document = DescriptionDocument(description)
    if report.json { Console.json(document) } else { document.lines.forEach { Console.print($0) } }
  }

  /// Decodes every picture of every split.
  private func readPictures(of dataset: Dataset) throws -> UnreadablePictures {
    let tally = UnreadablePictures(policy: unreadable)
    let together = 64
    for split in dataset.splits {
      let samples = try dataset.samples(of: split)
      for start in stride(from: 0, to: samples.count, by: together) {
        let end = min(start + together, samples.count)
        _ = try computing.compute.map(end - start) { offset in
          let index = start + offset
          do {
            _ = try samples.image(at: index).decoded()
          } catch {
            try reading(samples.name(at: index)) { try tally.note(samples.name(at: index), error) }
          }
        }
        Console.progress(end, of: samples.count, "pictures of \(split.rawValue)")
      }
    }
    return tally
  }
}
