// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFile
import IngotQuantization
import IngotTensor

/// A model opened for inference: an `.ingot` file, or any checkpoint that can be converted.
struct LoadedModel {
  let path: String
  let source: Source
  let configuration: CLIPConfiguration
  /// Tensors under canonical names.
  let checkpoint: any Checkpoint
  let provenance: Provenance?
  /// Constants that nothing in the file says.
  let assumptions: [String]

  private init(
    path: String, source: Source, configuration: CLIPConfiguration, checkpoint: any Checkpoint, provenance: Provenance?
  ) {
    self.path = path
    self.source = source
    self.configuration = configuration
    self.checkpoint = checkpoint
    self.provenance = provenance
    assumptions = configuration.assumptions
  }

  /// Opens a model.
  static func open(_ path: String, _ options: Family.Options, stateDict: String? = nil) throws -> LoadedModel {
    try reading(path) {
      let source = try Source(path: path)
      if case .ingot(let file) = source.content {
        if options.activation != nil || stateDict != nil {
          throw CheckpointError(
            .unsupported, .clip,
            "--\(stateDict == nil ? "activation" : "state-dict") applies to checkpoints; an .ingot file records its own"
          )
        }
        return LoadedModel(
          path: path, source: source, configuration: try file.configuration(), checkpoint: file,
          provenance: try file.provenance())
      }
      let plan = try ConversionPlan(source, scheme: .source, options: options, stateDict: stateDict)
      try plan.check()
      return LoadedModel(
        path: path, source: source, configuration: plan.configuration, checkpoint: PlannedCheckpoint(source, plan),
        provenance: nil)
    }
  }

  func encoder<R: Real>(_: R.Type = R.self) throws -> CLIPEncoder<R> {
    try reading(path) { try CLIPEncoder<R>(configuration, checkpoint) }
  }

  /// The tokenizer in the file, or the one at `path`.
  func tokenizer(at path: String?) throws -> Tokenizer {
    if let path { return try reading(path) { try Tokenizer(contentsOf: path) } }
    guard case .ingot(let file) = source.content, let tokenizer = try reading(self.path, { try file.tokenizer() })
    else {
      throw CheckpointError(
        .undetermined, .clip, subject: "tokenizer", "\(self.path) has none; --tokenizer names a vocabulary")
    }
    return tokenizer
  }

  /// How the weights are stored: the last encoding asked for, or the source's own types.
  var encoding: String { provenance?.steps.last?.encoding ?? EncodingScheme.source.rawValue }
}

extension CLIPConfiguration {
  /// The constants that nothing in the file says, in words.
  var assumptions: [String] {
    sources.filter { $0.value == .family }.keys.sorted().map { key in
      let value =
        switch key {
        case "text.activation": text.transformer.activation.rawValue
        case "text.heads": "\(text.transformer.heads)"
        case "text.normEpsilon": "\(text.transformer.normEpsilon)"
        case "text.pooling": text.pooling.rawValue
        case "preprocessing": "\(preprocessing.interpolation), \(preprocessing.resize), OpenAI's mean and deviation"
        default: visionConstant(key)
        }
      return "\(key) = \(value)"
    }
  }

  private func visionConstant(_ key: String) -> String {
    switch (key, vision) {
    case ("vision.activation", .transformer(let vision)): vision.transformer.activation.rawValue
    case ("vision.heads", .transformer(let vision)): "\(vision.transformer.heads)"
    case ("vision.heads", .residualNetwork(let vision)): "\(vision.heads)"
    case ("vision.normEpsilon", .transformer(let vision)): "\(vision.transformer.normEpsilon)"
    case ("vision.normEpsilon", .residualNetwork(let vision)): "\(vision.normEpsilon)"
    default: "?"
    }
  }
}
