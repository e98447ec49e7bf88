// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotQuantization
import IngotTensor

extension EncodingScheme: ExpressibleByArgument {}
extension Compute.InstructionPath: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension ActivationEncoding: ExpressibleByArgument {}

/// The activations that a person may name.
enum ActivationOption: String, ExpressibleByArgument, CaseIterable {
  case gelu
  case quickGELU = "quick-gelu"
  case geluTanh = "gelu-tanh"

  var activation: Activation {
    switch self {
    case .gelu: .gelu
    case .geluTanh: .geluTanh
    case .quickGELU: .quickGELU
    }
  }
}

/// How results are shown.
struct ReportOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON document on standard output and nothing else there.")
  var json = false
}

/// How to compute.
struct ComputeOptions: ParsableArguments {
  @Option(name: .long, help: "How many threads share the work (default: all processors).")
  var threads: Int?

  @Option(
    name: .long,
    help:
      "Instructions to compute with: plain, avx2 or avx512 (default: the best this machine has). Results are the same bits."
  )
  var instructions: Compute.InstructionPath?

  @Option(
    name: .long,
    help:
      "Numbers in which activations meet int8 weights: int16 or int8 (faster, coarser), rounded and summed exactly, or float32 (default: the file's, else int16). Other weights always meet float32."
  )
  var activations: ActivationEncoding?

  func validate() throws {
    if let threads, threads < 1 || threads > 1024 {
      throw ValidationError("--threads is \(threads); allowed are 1 to 1024")
    }
    if let instructions, !instructions.isAvailable {
      throw ValidationError("--instructions \(instructions.rawValue) is not available on this machine")
    }
  }

  var compute: Compute {
    Compute(path: instructions ?? .best, threads: threads ?? Compute.processorCount)
  }
}

/// Where output goes.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The file to write.")
  var output: String

  @Flag(name: .long, help: "Replace the output if it exists.")
  var force = false

  var existing: AtomicFile.Existing { force ? .replace : .refuse }
}

/// What a person may say of a model when its file does not.
struct ModelOptions: ParsableArguments {
  @Option(name: .long, help: "Activation of the MLPs: quick-gelu (all of OpenAI's models), gelu or gelu-tanh.")
  var activation: ActivationOption?

  @Option(
    name: .long,
    help: "The model's name in OpenCLIP, alone (ViT-B-32) or with the published file (ViT-B-32/laion2b_s34b_b79k).")
  var model: String?

  @Option(name: .long, help: "Attention heads of the image tower, where nothing beside the weights says it.")
  var visionHeads: Int?

  @Option(name: .long, help: "Attention heads of the text tower, where nothing beside the weights says it.")
  var textHeads: Int?

  @Option(
    name: .long,
    help:
      "Side of the image, in pixels: positions of a vision transformer are interpolated (default: the model's own, of a convolutional tower that of the published models)."
  )
  var imageSize: Int?

  @Option(
    name: .long,
    help: "Key of the state dict in a training checkpoint, for example state_dict_ema (default: found by itself).")
  var stateDict: String?

  func validate() throws {
    for (name, heads) in [("vision", visionHeads), ("text", textHeads)] {
      if let heads, heads < 1 || heads > 1024 {
        throw ValidationError("--\(name)-heads is \(heads); allowed are 1 to 1024")
      }
    }
    if let imageSize, imageSize < 1 || imageSize > ImageResizing.largestImage {
      throw ValidationError("--image-size is \(imageSize); allowed are 1 to \(ImageResizing.largestImage)")
    }
  }

  var options: IngotCLIP.ModelOptions {
    IngotCLIP.ModelOptions(
      activation: activation?.activation, model: model, visionHeads: visionHeads, textHeads: textHeads,
      imageSize: imageSize)
  }
}
