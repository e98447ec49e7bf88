// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Ingot
import IngotBytes
import IngotCLIP
import IngotImage
import IngotNumPy
import IngotTensor

/// `ingot preprocess`.
struct PreprocessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preprocess",
    abstract: "Make a model's input from image files.",
    discussion:
      "Writes a float32 .npy file [images, 3, side, side], bit for bit what the model's own Python code makes of the files."
  )

  @Argument(help: "An .ingot file or a checkpoint.")
  var model: String

  @Option(name: .long, parsing: .upToNextOption, help: "PNG or JPEG files.")
  var images: [String]

  @OptionGroup var output: OutputOptions
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let loaded = try LoadedModel.open(model, modelOptions.options, stateDict: modelOptions.stateDict)
    let configuration = try loaded.configuration.requirePreprocessing()
    let preprocessing = try reading(model) { try ImagePreprocessing(configuration) }
    let shape = [images.count, 3, preprocessing.size, preprocessing.size]
    let writer = try NumPyArrayWriter(path: output.output, shape: shape, existing: output.existing)
    var done = 0
    let paths = images
    // So many wait for each thread that none idles for long at the end of a group; a few dozen inputs in all.
    try computing.compute.pipeline(paths.count, ahead: 16) { index in
      try reading(paths[index]) { try preprocessing.tensor(fromFile: paths[index]) }
    } consume: { tensor in
      try writer.append(tensor)
      done += 1
      Console.progress(done, of: paths.count, "images")
    }
    try writer.commit()
    if report.json {
      Console.json(PreprocessingDocument(output: output.output, shape: shape, preprocessing: configuration))
    } else {
      Console.print("\(output.output): \(shape.map(String.init).joined(separator: " × ")), \(configuration.summary)")
    }
  }
}

/// What `preprocess --json` prints.
private struct PreprocessingDocument: Encodable {
  let output: String
  let shape: [Int]
  let preprocessing: PreprocessingConfiguration
}
