// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotDatasets

/// Which datasets, and where they are.
struct DatasetChoice: ParsableArguments {
  @Option(
    name: .long, parsing: .upToNextOption,
    help: "Datasets by name; `ingot datasets` lists them. digits=folder calls a folder of your own digits.")
  var dataset: [String] = []

  @Option(
    name: .long, parsing: .upToNextOption,
    help: "The folder of each dataset, in the same order; one folder alone is taken for all.")
  var data: [String] = []

  @Option(
    name: .long,
    help: "Which published partition or fold, from 1 on (default: all, where the paper's score is their mean).")
  var partition: Int?

  @Option(name: .long, help: "The seed of splits that are drawn because none are published.")
  var splitSeed: UInt64 = 0

  @Option(name: .long, help: "The program ffmpeg, where videos are read and it is not on the PATH.")
  var ffmpeg: String?

  @Option(
    name: .long, parsing: .upToNextOption,
    help:
      "A file of class names that replace the dataset's, one a line; with tabs: key, names. One for all, or one for each; - keeps them."
  )
  var classNames: [String] = []

  @Option(
    name: .long, parsing: .upToNextOption,
    help:
      "A file of templates that replace the dataset's, one a line, each with one {}. One for all, or one for each; - keeps them."
  )
  var templates: [String] = []

  @Flag(name: .long, help: "A number of samples other than the published one is an error.")
  var strict = false

  @Option(name: .long, help: "What becomes of pictures that cannot be read: stop or skip.")
  var unreadable: UnreadablePolicy = .stop

  func validate() throws {
    if dataset.isEmpty, !data.isEmpty { throw ValidationError("--data without --dataset") }
    if !dataset.isEmpty, data.count != 1, data.count != dataset.count {
      throw ValidationError("\(dataset.count) datasets and \(data.count) folders were named")
    }
    for (option, files) in [("--class-names", classNames), ("--templates", templates)]
    where files.count > 1 && files.count != dataset.count {
      throw ValidationError("\(dataset.count) datasets, and \(files.count) files for \(option); one, or one for each")
    }
    let names = Set(places.map(\.name))
    if names.count != dataset.count { throw ValidationError("two datasets have one name; NAME=KIND gives another") }
    if names.contains("") { throw ValidationError("a dataset has an empty name") }
  }

  /// The datasets and their folders.
  var places: [DatasetPlace] {
    guard !data.isEmpty else { return [] }
    return dataset.indices.map { index in
      func own(_ files: [String]) -> String? {
        let file = files.count > 1 ? files[index] : files.first
        return file == "-" ? nil : file
      }
      let parts = dataset[index].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return DatasetPlace(
        kind: parts.last.map(String.init) ?? "", name: parts.first.map(String.init) ?? "",
        path: data.count == 1 ? data[0] : data[index], classNames: own(classNames), templates: own(templates))
    }
  }

  /// Opens one of them.
  func open(_ place: DatasetPlace, partition: Int) throws -> Dataset {
    var options = DatasetOptions(path: place.path)
    options.name = place.name
    options.partition = partition
    options.seed = splitSeed
    options.ffmpeg = ffmpeg
    options.isStrict = strict
    options.classNames = try place.classNames.map { path in try reading(path) { try NamedClasses(contentsOf: path) } }
    options.templates = try place.templates.map { path in
      try reading(path) { try PromptTemplates.read(contentsOf: path) }
    }
    return try reading(place.path) { try DatasetCatalogue.open(place.kind, options) }
  }
}

/// A dataset that was named on the command line.
struct DatasetPlace {
  /// Its name in the catalogue.
  let kind: String
  /// What results call it.
  let name: String
  /// Where it is.
  let path: String
  /// A file of class names, where they are not the dataset's own.
  let classNames: String?
  /// A file of templates, where they are not the dataset's own.
  let templates: String?
}
